/**
 * Ways of doing the same work in turn, A B C A B C, in one process: whatever slows the machine
 * down for longer than a turn falls on all of them.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { median } from "../rounds.ts";
import { roundingTolerance, type Way } from "./technique.ts";

/** A turn is at least this long, by doing short work several times. */
const turnMilliseconds = 2;
const fewestTurns = 5;
/** Before any turn: V8 compiles what runs meanwhile in its optimising compiler. */
const warmUpMilliseconds = 150;
const warmUpRuns = 2;

export interface WayMeasurement {
  readonly title: string;
  /** Median turn, for the work done once. */
  readonly ms: number;
  readonly turns: number;
  /** ‖its result − the first's‖ ÷ ‖the first's‖; 0 where the bits are the same. */
  readonly difference: number;
  readonly tolerance: number;
  /** Of the bits of its result, to be compared with another process's. */
  readonly digest: string;
}

/** @param seconds for each way, warm-up not counted */
export async function takeTurns(
  ways: readonly Way[],
  seconds: number,
): Promise<readonly WayMeasurement[]> {
  const results: Float32Array[] = [];
  for (const way of ways) results.push(await way.result());
  const running: { readonly way: Way; readonly times: number; readonly taken: number[] }[] = [];
  for (const way of ways) running.push({ way, times: await warmUp(way), taken: [] });
  const end = performance.now() + 1000 * seconds * ways.length;
  for (let turn = 0; turn < fewestTurns || performance.now() < end; turn++) {
    for (const { way, times, taken } of running) {
      const begin = performance.now();
      for (let time = 0; time < times; time++) {
        const done = way.run();
        // A turn of the event loop is not part of work that is over at once.
        if (done) await done;
      }
      taken.push((performance.now() - begin) / times);
    }
  }
  return running.map(({ way, taken }, at) => ({
    title: way.title,
    ms: median(taken),
    turns: taken.length,
    difference: relativeDifference(results[at]!, results[0]!),
    tolerance: way.tolerance,
    digest: digestOf(results[at]!),
  }));
}

/** @returns how many times the work is done in a turn */
async function warmUp(way: Way): Promise<number> {
  const begin = performance.now();
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < warmUpRuns || performance.now() - begin < warmUpMilliseconds; run++) {
    const before = performance.now();
    await way.run();
    least = Math.min(least, performance.now() - before);
  }
  return Math.max(1, Math.ceil(turnMilliseconds / Math.max(least, 1e-3)));
}

/** ‖a − b‖ ÷ ‖b‖; exactly 0 where every bit is the same, and never where one differs. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  if (digestOf(a) === digestOf(b)) return 0;
  let [apart, length] = [0, 0];
  for (let at = 0; at < b.length; at++) {
    apart += (a[at]! - b[at]!) ** 2;
    length += b[at]! ** 2;
  }
  // Signs of zeros alone: other bits, equal numbers.
  return Math.max(Math.sqrt(apart / length), Number.MIN_VALUE);
}

export function digestOf({ buffer, byteOffset, byteLength }: Float32Array): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

/** What a report says of a way's result. @param sameBits whether its digest is the first way's */
export function resultText({ difference, tolerance }: WayMeasurement, sameBits: boolean): string {
  if (sameBits) return "the same bits";
  if (tolerance === 0) return "**other numbers**";
  const off = `off by ${difference.toExponential(0)} of its length`;
  if (!(difference <= tolerance)) return `**${off}, more than ${tolerance.toExponential(0)}**`;
  return tolerance <= roundingTolerance
    ? `rounding alone: ${off}`
    : `${off} (bound ${tolerance.toExponential(0)})`;
}
