/**
 * The child's side of `portraitInChild`: a process that loads one dataset,
 * describes it and ends, so that the memory of large data goes with it.
 *
 * @module
 */

import { LumiereError } from "../../base/errors.ts";
import type { ProgressEvent } from "../../base/progress.ts";
import { loadDataset } from "../../data/load.ts";
import type { DataOptions } from "../../data/options.ts";
import type { Portrait } from "../schemas.ts";
import { portraitOf } from "./portrait.ts";

/** From child to parent; the parent sends `DataOptions` once. */
export type PortraitMessage =
  | { readonly kind: "progress"; readonly event: ProgressEvent }
  | { readonly kind: "done"; readonly portrait: Portrait }
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly exitCode: 1 | 2;
    };

const PROGRESS_INTERVAL = 100;

const send = (message: PortraitMessage): Promise<void> =>
  new Promise((resolve) => {
    if (!process.send || !process.connected) resolve();
    else process.send(message, () => resolve());
  });

async function describe(options: DataOptions): Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  const progress = (event: ProgressEvent) => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL && event.done !== event.total) return;
    last = now;
    void send({ kind: "progress", event });
  };
  try {
    const dataset = await loadDataset(options, { progress, notice: () => {} });
    await send({ kind: "done", portrait: await portraitOf(dataset, { progress }) });
  } catch (error) {
    const known = error instanceof LumiereError;
    if (!known) console.error(error);
    await send({
      kind: "failed",
      code: known ? error.code : "internal",
      message: error instanceof Error ? error.message : String(error),
      exitCode: known ? error.exitCode : 1,
    });
  }
  // Handles of native libraries must not keep a finished process alive.
  process.exit(0);
}

process.once("message", (options: DataOptions) => void describe(options));
// A studio that is gone needs no portrait, and Ctrl-C reaches it first.
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
