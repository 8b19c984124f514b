/**
 * `trials.jsonl`: what is searched on the first line, then one line a trial,
 * each on the disk before the next trial begins. A last line that was cut off by
 * a crash is dropped.
 *
 * @module
 */

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { writeFileAtomically } from "../../artifact/atomic.ts";
import { BadInputError, LumiereError } from "../../base/errors.ts";
import { makeFolder } from "../../base/folders.ts";

const trialSchema = z.strictObject({
  /** From 1, in the order in which they were made. */
  trial: z.int().min(1),
  /** Trials of the same settings with more epochs share it. */
  configuration: z.int().min(1),
  /** Round of successive halving, from 1; null with other methods */
  rung: z.int().min(1).nullable(),
  /** Most epochs, where the method decided that. */
  epochs: z.int().min(1).nullable(),
  /** Values of the dimensions that mattered. */
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** The metric on the validation part; null where the trial failed */
  value: z.number().nullable(),
  /** Epoch that validation picked; null for models without epochs */
  bestEpoch: z.int().nullable(),
  seconds: z.number().min(0),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});

/** One trial that ended, well or badly. */
export type Trial = z.infer<typeof trialSchema>;

/** What is searched, on what: a search goes on only with its own trials. */
export type SearchIdentity = Readonly<Record<string, z.core.util.JSONType>>;

/** The log of one search. */
export class TrialsLog {
  readonly path: string;
  readonly #trials: Trial[];
  /** Length that the file has if nobody else writes to it. */
  #bytes: number;

  private constructor(path: string, trials: Trial[], bytes: number) {
    this.path = path;
    this.#trials = trials;
    this.#bytes = bytes;
  }

  /** Starts a log; throws BadInputError where the file holds trials already. */
  static create(path: string, identity: SearchIdentity): TrialsLog {
    if (existsSync(path)) {
      const trials = readFileSync(path, "utf8").split("\n").length - 2;
      // A header alone is worth nothing.
      if (trials > 0) {
        throw new BadInputError(
          "tune",
          `${path} holds ${trials} trials of an earlier search; --resume goes on with them, another --out starts afresh`,
        );
      }
    }
    const header = `${JSON.stringify(identity)}\n`;
    makeFolder(dirname(path));
    writeFileAtomically(path, header);
    return new TrialsLog(path, [], Buffer.byteLength(header));
  }

  /**
   * Opens a log to go on.
   * @throws BadInputError where it belongs to another search, or a line is broken that is not the last
   */
  static resume(path: string, identity: SearchIdentity): TrialsLog {
    const bytes = readFileSync(path);
    // Whatever follows the last line's end was being written when the power went.
    const end = bytes.lastIndexOf(0x0a) + 1;
    const [header = "", ...lines] = bytes
      .subarray(0, end)
      .toString("utf8")
      .split("\n")
      .slice(0, -1);
    checkIdentity(path, header, identity);
    const trials = lines.map((line, at) => parseTrial(path, line, at));
    if (end < bytes.length) {
      const file = openSync(path, "r+");
      try {
        ftruncateSync(file, end);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    }
    return new TrialsLog(path, trials, end);
  }

  get trials(): readonly Trial[] {
    return this.#trials;
  }

  /** Writes a trial to the disk; throws LumiereError where another search writes to the same file. */
  append(trial: Trial): void {
    const line = Buffer.from(`${JSON.stringify(trial)}\n`);
    const file = openSync(this.path, "a");
    try {
      if (fstatSync(file).size !== this.#bytes) {
        throw new LumiereError(
          "tune",
          `${this.path} was changed by another program; give each search an --out of its own`,
        );
      }
      for (let at = 0; at < line.length; ) at += writeSync(file, line, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#bytes += line.length;
    this.#trials.push(trial);
  }
}

function checkIdentity(path: string, header: string, identity: SearchIdentity): void {
  let kept: unknown;
  try {
    kept = JSON.parse(header);
  } catch {
    kept = null;
  }
  if (typeof kept !== "object" || kept === null) {
    throw new BadInputError(
      "tune",
      `${path}: line 1 does not say what was searched; take another --out`,
    );
  }
  const before = new Map(Object.entries(kept));
  for (const [field, value] of Object.entries(identity)) {
    const [was, is] = [before.get(field), value].map((each) => JSON.stringify(each) ?? "nothing");
    if (was === is) continue;
    throw new BadInputError(
      "tune",
      `${path} holds another search: ${field} was ${was}, and is ${is} now; go on with what it was, or take another --out`,
    );
  }
}

function parseTrial(path: string, line: string, at: number): Trial {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    raw = line;
  }
  const parsed = trialSchema.safeParse(raw);
  if (parsed.success && parsed.data.trial === at + 1) return parsed.data;
  throw new BadInputError(
    "tune",
    `${path}: line ${at + 2} is not trial ${at + 1}; remove it and all below, or take another --out`,
  );
}
