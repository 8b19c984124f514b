/**
 * What every process that does one task for its parent says to it: how far it is, and why it failed.
 *
 * @module
 */

import { LumiereError } from "../base/errors.ts";
import type { ProgressEvent, ProgressReporter } from "../base/progress.ts";

export interface ProgressMessage {
  readonly kind: "progress";
  readonly event: ProgressEvent;
}

export interface FailureMessage {
  readonly kind: "failed";
  readonly code: string;
  readonly message: string;
  readonly exitCode: 1 | 2;
}

/** Milliseconds between two progress messages. */
const PROGRESS_INTERVAL = 100;

/** Resolves when the message is on its way, so that nothing is lost at the end. */
export function sendToParent<Message extends object>(message: Message): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}

/** Reports to the parent, ten times a second and at the end of each stage. */
export function progressToParent(): ProgressReporter {
  let last = Number.NEGATIVE_INFINITY;
  return (event) => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL && event.done !== event.total) return;
    last = now;
    void sendToParent<ProgressMessage>({ kind: "progress", event });
  };
}

/** Tells the parent why there is no result; what is no error of ours goes to stderr with its stack, too. */
export async function failureToParent(error: unknown): Promise<void> {
  const known = error instanceof LumiereError;
  if (!known) console.error(error);
  await sendToParent<FailureMessage>({
    kind: "failed",
    code: known ? error.code : "internal",
    message: error instanceof Error ? error.message : String(error),
    exitCode: known ? error.exitCode : 1,
  });
}
