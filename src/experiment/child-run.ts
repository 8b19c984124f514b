/**
 * The child's side of `runInChild`: started as a process of its own, it receives
 * one experiment, runs it, and sends what came out.
 *
 * @module
 */

import { LumiereError } from "../base/errors.ts";
import { runPrepared } from "../experiment.ts";
import type { ChildMessage, ParentMessage } from "./child-messages.ts";
import { prepareExperiment } from "./description.ts";

/** Milliseconds between two progress messages. */
const PROGRESS_INTERVAL = 100;

const stop = new AbortController();

/** Resolves when the message is on its way, so that nothing is lost at the end. */
function send(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}

let lastProgress = Number.NEGATIVE_INFINITY;

async function run(request: Extract<ParentMessage, { kind: "run" }>): Promise<void> {
  try {
    const { report } = await runPrepared(prepareExperiment(request.experiment, "run"), {
      progress: (event) => {
        const now = performance.now();
        if (now - lastProgress < PROGRESS_INTERVAL) return;
        lastProgress = now;
        void send({ kind: "progress", event });
      },
      notice: (text) => void send({ kind: "notice", text }),
      signal: stop.signal,
      resume: request.resume,
      bundle: request.bundle,
      command: request.command,
    });
    await send({ kind: "done", report });
  } catch (error) {
    const known = error instanceof LumiereError;
    await send({
      kind: "failed",
      code: known ? error.code : "internal",
      message: error instanceof Error ? error.message : String(error),
      exitCode: known ? error.exitCode : 1,
    });
    if (!known) console.error(error);
  }
  if (process.connected) process.disconnect?.();
  // Handles of native libraries must not keep a finished run alive.
  process.exit(0);
}

process.on("message", (message: ParentMessage) => {
  if (message.kind === "stop") stop.abort();
  else void run(message);
});
// The parent decides: a Ctrl-C in the terminal reaches both, and "stop" follows.
process.on("SIGINT", () => {});
// Sent to a whole process group, or to this run alone: either way what was trained is kept.
process.on("SIGTERM", () => stop.abort());
process.on("disconnect", () => stop.abort());
