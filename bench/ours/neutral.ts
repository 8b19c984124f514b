/**
 * Our side's reading of a neutral folder (`bench/data.ts`), and its flags.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Interactions } from "../../src/data/interactions.ts";
import { peakMemoryBytes } from "../../src/experiment/peak-memory.ts";

export interface Neutral {
  readonly userCount: number;
  readonly itemCount: number;
  readonly train: Interactions;
  /** (users + items) × 64 */
  readonly initial: Float32Array;
  readonly check: {
    readonly users: Int32Array;
    readonly positives: Int32Array;
    readonly negatives: Int32Array;
  };
}

export function readNeutral(folder: string): Neutral {
  const bytes = (file: string): ArrayBuffer => {
    const buffer = readFileSync(join(folder, file));
    return buffer.buffer.slice(
      buffer.byteOffset,
      buffer.byteOffset + buffer.byteLength,
    ) as ArrayBuffer;
  };
  const integers = (file: string): Int32Array => new Int32Array(bytes(file));
  const meta = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")) as {
    users: number;
    items: number;
  };
  return {
    userCount: meta.users,
    itemCount: meta.items,
    train: {
      users: integers("train_users.bin"),
      items: integers("train_items.bin"),
      values: null,
      times: null,
    },
    initial: new Float32Array(bytes("initial.bin")),
    check: {
      users: integers("check_users.bin"),
      positives: integers("check_positives.bin"),
      negatives: integers("check_negatives.bin"),
    },
  };
}

/**
 * `FOLDER [--threads 2] [--seconds 5]` and the program's own flags, which all take a word.
 * @param own their defaults
 */
export function readFlags<Name extends string = never>(own: Readonly<Record<Name, string>>) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries<string>({ threads: "2", seconds: "5", ...own }).map(([name, word]) => [
        name,
        { type: "string" as const, default: word },
      ]),
    ),
  });
  const [folder] = positionals;
  if (!folder) throw new Error("usage: FOLDER [--threads 2] [--seconds 5]");
  const flags = values as Readonly<Record<Name, string>>;
  return { ...flags, folder, threads: Number(values.threads), seconds: Number(values.seconds) };
}

/** Most memory that the process has held. */
export function peakMebibytes(): number {
  return peakMemoryBytes() / 2 ** 20;
}
