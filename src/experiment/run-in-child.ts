/**
 * One experiment in a process of its own, so that its peak memory is its own and
 * a run that dies takes nobody with it. The child loads the data itself; its
 * peak holds data, model and evaluation.
 *
 * @module
 */

import { fork } from "node:child_process";
import { LumiereError, StoppedError } from "../base/errors.ts";
import { type ProgressReporter, silent } from "../base/progress.ts";
import type { ChildMessage, ParentMessage } from "./child-messages.ts";
import type { Experiment } from "./description.ts";
import type { Report } from "./report.ts";

export interface ChildRunOptions {
  readonly progress?: ProgressReporter;
  readonly notice?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Go on from the checkpoint in the output folder, where there is one. */
  readonly resume?: boolean;
  /** Whether the model is kept beside the report; default true. */
  readonly bundle?: boolean;
  /** What to type to get this run again, for the report. */
  readonly command?: string | null;
}

/** Characters of a dying child's last words that an error repeats. */
const LAST_WORDS = 600;

/**
 * Runs an experiment in a child process and returns its report.
 * @throws StoppedError on abort, once the child has kept its checkpoint
 * @throws LumiereError with the child's own code and message, or "run-died" where it ended without a word
 */
export function runInChild(
  experiment: Experiment,
  {
    progress = silent,
    notice = () => {},
    signal,
    resume = false,
    bundle = true,
    command = null,
  }: ChildRunOptions = {},
): Promise<Report> {
  if (signal?.aborted) return Promise.reject(new StoppedError("stopped before the run began"));
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const child = fork(new URL(`./child-run.${extension}`, import.meta.url), {
    // Options such as --test or --input-type belong to the parent's own entry.
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const tell = (message: ParentMessage) => {
    if (child.connected) child.send(message);
  };
  return new Promise<Report>((resolve, reject) => {
    let outcome: Report | LumiereError | null = null;
    let words = "";
    child.stderr?.setEncoding("utf8").on("data", (part: string) => {
      words = (words + part).slice(-LAST_WORDS);
    });
    const stop = () => tell({ kind: "stop" });
    signal?.addEventListener("abort", stop, { once: true });
    child.on("message", (message: ChildMessage) => {
      if (message.kind === "progress") progress(message.event);
      else if (message.kind === "notice") notice(message.text);
      else if (message.kind === "done") outcome = message.report;
      else {
        const { code, exitCode } = message;
        outcome =
          code === "stopped"
            ? new StoppedError(message.message)
            : new LumiereError(code, message.message, exitCode);
      }
    });
    child.on("error", (cause) => {
      reject(new LumiereError("run-died", "a process for the run could not start", 1, { cause }));
    });
    child.on("close", (status, signalName) => {
      signal?.removeEventListener("abort", stop);
      if (outcome instanceof LumiereError) reject(outcome);
      else if (outcome !== null) resolve(outcome);
      else reject(died(status, signalName, words));
    });
    tell({ kind: "run", experiment, resume, bundle, command });
  });
}

function died(status: number | null, signal: string | null, words: string): LumiereError {
  const how = signal === null ? `with status ${status}` : `by ${signal}`;
  const why = signal === "SIGKILL" ? ": the system may have run out of memory" : "";
  const said = words.trim() === "" ? "" : `; its last words: ${words.trim()}`;
  return new LumiereError("run-died", `the process of the run was ended ${how}${why}${said}`);
}
