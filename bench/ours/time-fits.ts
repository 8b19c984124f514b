/** Times a fit again and again, as every benchmark of fits does. */

import { performance } from "node:perf_hooks";

export interface FitTimes {
  /** Wall-clock milliseconds of each fit. */
  readonly taken: readonly number[];
  /** Processor time of one, in milliseconds, over all threads. */
  readonly processorMs: number;
}

/** Fits for at least `seconds`, and at least twice. */
export async function timeFits(fit: () => Promise<unknown>, seconds: number): Promise<FitTimes> {
  const taken: number[] = [];
  const before = process.cpuUsage();
  let passed = 0;
  while (passed < 1000 * seconds || taken.length < 2) {
    const began = performance.now();
    await fit();
    taken.push(performance.now() - began);
    passed += taken.at(-1)!;
  }
  const { user, system } = process.cpuUsage(before);
  return { taken, processorMs: (user + system) / 1000 / taken.length };
}
