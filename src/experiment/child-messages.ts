/**
 * What a run in a process of its own and its parent say to each other.
 *
 * @module
 */

import type { ProgressEvent } from "../base/progress.ts";
import type { Experiment } from "./description.ts";
import type { Report } from "./report.ts";

/** From parent to child. */
export type ParentMessage =
  | {
      readonly kind: "run";
      readonly experiment: Experiment;
      readonly resume: boolean;
      readonly bundle: boolean;
      readonly command: string | null;
    }
  | { readonly kind: "stop" };

/** From child to parent. */
export type ChildMessage =
  | { readonly kind: "progress"; readonly event: ProgressEvent }
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "done"; readonly report: Report }
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly exitCode: 1 | 2;
    };
