/**
 * The child's side of `portraitInChild`: a process that loads one dataset,
 * describes it and ends, so that the memory of large data goes with it.
 *
 * @module
 */

import { loadDataset } from "../../data/load.ts";
import type { DataOptions } from "../../data/options.ts";
import {
  type FailureMessage,
  failureToParent,
  type ProgressMessage,
  progressToParent,
  sendToParent,
} from "../../experiment/child-side.ts";
import type { Portrait } from "../schemas.ts";
import { portraitOf } from "./portrait.ts";

/** From child to parent; the parent sends `DataOptions` once. */
export type PortraitMessage =
  | ProgressMessage
  | { readonly kind: "done"; readonly portrait: Portrait }
  | FailureMessage;

async function describe(options: DataOptions): Promise<void> {
  const progress = progressToParent();
  try {
    const dataset = await loadDataset(options, { progress, notice: () => {} });
    await sendToParent<PortraitMessage>({
      kind: "done",
      portrait: await portraitOf(dataset, { progress }),
    });
  } catch (error) {
    await failureToParent(error);
  }
  // Handles of native libraries must not keep a finished process alive.
  process.exit(0);
}

process.once("message", (options: DataOptions) => void describe(options));
// A studio that is gone needs no portrait, and Ctrl-C reaches it first.
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
