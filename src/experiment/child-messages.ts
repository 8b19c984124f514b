/**
 * What a run in a process of its own and its parent say to each other.
 *
 * @module
 */

import type { FailureMessage, ProgressMessage } from "./child-side.ts";
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
  | ProgressMessage
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "done"; readonly report: Report }
  | FailureMessage;
