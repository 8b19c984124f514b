/**
 * What the machine can do at most, measured in half a second: the bandwidth of the
 * memory by streaming over tables larger than any cache, and floating-point speed
 * by multiply-adds that stay in registers.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import type { Device } from "./device.ts";

export interface Ceilings {
  /** Bytes read and written in a second, streaming (McCalpin's STREAM: out = a·x + out). */
  readonly bytesPerSecond: number;
  /** Multiplications and additions in a second, four lanes at a time. */
  readonly operationsPerSecond: number;
}

/** Floats of each of the two tables: 64 MiB. */
const streamed = 1 << 24;
/** Rounds of the register test; each does 16 vectors of four multiply-adds. */
const rounds = 1 << 18;
const repetitions = 5;

export function measureCeilings(device: Device): Ceilings {
  const mark = device.mark();
  const out = device.allocate([streamed]);
  const x = device.allocate([streamed]);
  device.kernels.fill(out, 1);
  device.kernels.fill(x, 1);
  const stream = fastest(() => device.kernels.scaleAdd(out, x, 0.5, 0.5));
  device.release(mark);
  const sums = device.allocate([64 * device.threads]);
  const registers = fastest(() => device.kernels.multiplyAdds(sums, rounds));
  device.release(mark);
  return {
    bytesPerSecond: (3 * 4 * streamed) / stream,
    operationsPerSecond: (2 * sums.size * rounds) / registers,
  };
}

/** Seconds of the fastest of some repetitions: what the machine can do, not what others leave. */
function fastest(work: () => void): number {
  let best = Infinity;
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const begin = performance.now();
    work();
    best = Math.min(best, performance.now() - begin);
  }
  return best / 1000;
}
