/**
 * The child's side of `runInChild`: started as a process of its own, it receives
 * one experiment, runs it, and sends what came out.
 *
 * @module
 */

import { runPrepared } from "../experiment.ts";
import type { ChildMessage, ParentMessage } from "./child-messages.ts";
import { failureToParent, progressToParent, sendToParent } from "./child-side.ts";
import { prepareExperiment } from "./description.ts";

const stop = new AbortController();

async function run(request: Extract<ParentMessage, { kind: "run" }>): Promise<void> {
  try {
    const { report } = await runPrepared(prepareExperiment(request.experiment, "run"), {
      progress: progressToParent(),
      notice: (text) => void sendToParent<ChildMessage>({ kind: "notice", text }),
      signal: stop.signal,
      resume: request.resume,
      bundle: request.bundle,
      command: request.command,
    });
    await sendToParent<ChildMessage>({ kind: "done", report });
  } catch (error) {
    await failureToParent(error);
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
