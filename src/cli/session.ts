/**
 * One run of the command line: where its words go, and how it is told to stop.
 * Results go to stdout; progress, notices and errors to stderr.
 *
 * @module
 */

import { writeSync } from "node:fs";
import type { ProgressReporter } from "../base/progress.ts";
import { ProgressLine } from "./progress-line.ts";

/** Milliseconds in which the same Ctrl-C may come again: npm passes on what the terminal sent to all. */
const SAME_PRESS = 300;

export class Session {
  /** True where exactly one JSON object is to be printed on stdout. */
  readonly json: boolean;
  /** Set by a command whose result is bad news: exit code 1 without an error. */
  failed = false;
  readonly #progress: ProgressLine;
  readonly #stop = new AbortController();

  constructor(json: boolean) {
    this.json = json;
    this.#progress = new ProgressLine(process.stderr);
    let asked = 0;
    const stop = (name: NodeJS.Signals) => {
      if (this.#stop.signal.aborted) {
        if (performance.now() - asked < SAME_PRESS) return;
        process.exit(name === "SIGINT" ? 130 : 143);
      }
      asked = performance.now();
      this.notice("stopping cleanly; once more to stop at once");
      this.#stop.abort();
    };
    process.on("SIGINT", stop).on("SIGTERM", stop);
    // A reader that has seen enough (`| head`) is no failure.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
    // Nobody reads the notices: go on without.
    process.stderr.on("error", () => {});
  }

  /** Aborted by the first Ctrl-C or SIGTERM; another one ends the process. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Shows progress as one line that rewrites itself, or a line now and then where stderr is a file. */
  get progress(): ProgressReporter {
    return (event) => this.#progress.report(event);
  }

  /** A sentence for people, on stderr. */
  notice(text: string): void {
    this.#progress.clear();
    process.stderr.write(`${text}\n`);
  }

  /** The result: as JSON, or as text for people. */
  result(value: unknown, text: string): void {
    this.#progress.clear();
    this.write(this.json ? JSON.stringify(value) : text.trimEnd());
    this.write("\n");
  }

  /** Raw text on stdout, all of it before this returns: no buffer grows, and nothing is lost at exit. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(process.stdout.fd, bytes, at);
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : null;
        if (code === "EPIPE") process.exit(0);
        // A pipe whose reader is slower than we are: give it a moment.
        if (code !== "EAGAIN") throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    }
  }

  /** Takes the progress line away. */
  finish(): void {
    this.#progress.clear();
  }
}
