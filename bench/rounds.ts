/**
 * Runs contenders in turn, A B C A B C, so that a slow spell of the machine
 * falls on all of them; and sums the rounds up.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Contender, Task } from "./contenders.ts";
import { coresOfOthers, readUsage } from "./contention.ts";
import type { Measurement, Spread } from "./measurement.ts";

const execute = promisify(execFile);
const limitMilliseconds = 15 * 60_000;

/** All rounds of one contender on one task. */
export interface Series {
  readonly key: string;
  readonly title: string;
  readonly ours: boolean;
  readonly command: string;
  readonly rounds: readonly Measurement[];
}

export interface Duel {
  readonly dataset: string;
  readonly threads: number;
  readonly date: string;
  /** Cores that other processes kept busy meanwhile; null where the system does not tell. */
  readonly coresOfOthers: number | null;
  readonly series: readonly Series[];
  readonly skipped: readonly { readonly title: string; readonly reason: string }[];
}

/** Runs every contender `rounds` times on one task, interleaved. */
export async function interleave(
  contenders: readonly Contender[],
  dataset: string,
  task: Task,
  rounds: number,
  say: (line: string) => void,
): Promise<Duel> {
  const skipped: { title: string; reason: string }[] = [];
  const running: { contender: Contender; rounds: Measurement[] }[] = [];
  for (const contender of contenders) {
    const reason = contender.missing(task);
    if (reason === null) running.push({ contender, rounds: [] });
    else skipped.push({ title: contender.title, reason });
  }
  const before = readUsage();
  for (let round = 0; round < rounds; round++) {
    for (const { contender, rounds: taken } of [...running]) {
      if (contender.once && round > 0) continue;
      try {
        const measurement = await measure(contender, task);
        taken.push(measurement);
        const { stepMs, rankMs, iterationMs, fitMs, runMs } = measurement;
        const time = (stepMs ?? rankMs ?? iterationMs ?? fitMs ?? runMs)?.median ?? Number.NaN;
        const turn = `${dataset}, threads ${task.threads}, round ${round + 1}`;
        say(`  ${turn}: ${contender.title} ${time.toFixed(2)} ms`);
      } catch (error) {
        skipped.push({ title: contender.title, reason: firstLine(error) });
        running.splice(
          running.findIndex((entry) => entry.contender === contender),
          1,
        );
      }
    }
  }
  const others = coresOfOthers(before, readUsage());
  const series = running.map(({ contender, rounds: taken }) => ({
    key: contender.key,
    title: contender.title,
    ours: contender.ours,
    command: relativeCommand(contender.command(task)),
    rounds: taken,
  }));
  const date = new Date().toISOString();
  return { dataset, threads: task.threads, date, coresOfOthers: others, series, skipped };
}

/** One turn: what the process prints, or as the contender measures itself. */
export async function measure(contender: Contender, task: Task): Promise<Measurement> {
  if (contender.measure) return contender.measure(task);
  const [program = "", ...words] = contender.command(task);
  const { stdout } = await execute(program, words, {
    env: {
      ...process.env,
      OMP_NUM_THREADS: String(task.threads),
      ...contender.environment?.(task),
    },
    timeout: limitMilliseconds,
    maxBuffer: 16 * 2 ** 20,
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  return JSON.parse(line) as Measurement;
}

/** Why a process failed, in one line. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  // Node ends with its version, Python with the error.
  const named = lines.findLast((line) => /^\S*Error\b.*:/.test(line));
  return `failed: ${named ?? lines.at(-1) ?? "no message"}`;
}

function relativeCommand(words: readonly string[]): string {
  const root = `${process.cwd()}/`;
  return words
    .map((word) => (word === process.execPath ? "node" : word.replace(root, "")))
    .join(" ");
}

/** Middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** Median of the rounds' medians, with the lowest and highest of them. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Median over rounds of peer ÷ ours, paired by round. */
export function ratio(peer: readonly number[], our: readonly number[]): number {
  const rounds = Math.min(peer.length, our.length);
  return median(
    Array.from({ length: rounds }, (_, round) => (peer[round] ?? 0) / (our[round] ?? 1)),
  );
}
