/**
 * A portrait from a process of its own: the studio goes on answering meanwhile,
 * and data that are too large take that process, not the studio.
 *
 * @module
 */

import { fork } from "node:child_process";
import { LumiereError, StoppedError } from "../../base/errors.ts";
import type { ProgressReporter } from "../../base/progress.ts";
import type { DataOptions } from "../../data/options.ts";
import type { Portrait } from "../schemas.ts";
import type { PortraitMessage } from "./portrait-child.ts";

/**
 * Loads data and describes them.
 * @throws StoppedError on abort
 * @throws LumiereError with the child's own code and message, or "data-died" where it ended without a word
 */
export function portraitInChild(
  options: DataOptions,
  progress: ProgressReporter,
  signal: AbortSignal,
): Promise<Portrait> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new Promise((resolve, reject) => {
    const child = fork(new URL(`./portrait-child.${extension}`, import.meta.url), {
      // Options such as --test belong to the parent's own entry.
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    // Nothing that it does has to be kept.
    const stop = () => child.kill("SIGKILL");
    signal.addEventListener("abort", stop, { once: true });
    child.on("message", (message: PortraitMessage) => {
      if (message.kind === "progress") progress(message.event);
      else if (message.kind === "done") resolve(message.portrait);
      else reject(new LumiereError(message.code, message.message, message.exitCode));
    });
    child.on("error", (cause) => {
      reject(new LumiereError("data-died", "a process for the data could not start", 1, { cause }));
    });
    child.on("close", (status, signalName) => {
      signal.removeEventListener("abort", stop);
      if (signal.aborted) reject(new StoppedError("nobody asked for the data any more"));
      const how = signalName === null ? `with status ${status}` : `by ${signalName}`;
      const why = signalName === "SIGKILL" ? ": the system may have run out of memory" : "";
      reject(
        new LumiereError("data-died", `the process that read the data was ended ${how}${why}`),
      );
    });
    child.send(options);
  });
}
