/**
 * How much of the machine other processes took while we measured. Spinning
 * contenders lose tens of times their step when a core is taken away from them
 * and sleeping ones hardly anything, so a run on a busy machine compares nothing.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** Cores that others may use at `threads` + this many before a run counts as disturbed. */
const tolerance = 0.15;

/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

export interface Usage {
  readonly seconds: number;
  /** Processor seconds of the whole machine, and of us and our finished children. */
  readonly machine: number;
  readonly own: number;
  /** Of our finished children alone. */
  readonly children: number;
}

/** Null where the system does not tell. */
export function readUsage(): Usage | null {
  try {
    const cpu = readFileSync("/proc/stat", "utf8")
      .split("\n")[0]!
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = cpu;
    const stat = readFileSync("/proc/self/stat", "utf8");
    const [own1, own2, child1, child2] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 15)
      .map(Number);
    return {
      seconds: performance.now() / 1000,
      machine: (user + nice + system + irq + softIrq + steal) / ticksPerSecond,
      own: (own1! + own2! + child1! + child2!) / ticksPerSecond,
      children: (child1! + child2!) / ticksPerSecond,
    };
  } catch {
    return null;
  }
}

/** Cores that other processes kept busy between two readings, on average. */
export function coresOfOthers(before: Usage | null, after: Usage | null): number | null {
  if (!before || !after) return null;
  const others = after.machine - before.machine - (after.own - before.own);
  return Math.max(0, others / (after.seconds - before.seconds));
}

/** Whether others and `threads` of ours together wanted more than the machine has. */
export function isDisturbed(others: number | null, threads: number, cores: number): boolean {
  return others !== null && others > Math.max(0, cores - threads) + tolerance;
}
