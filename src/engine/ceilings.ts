/**
 * What the machine can do at most, measured in less than a second: the bandwidth of the
 * memory by streaming over tables larger than any cache, and floating-point speed
 * by multiply-adds that stay in registers.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import type { Device } from "./device.ts";

export interface Ceilings {
  /**
   * Bytes read and written in a second, streaming (McCalpin's STREAM): out = ½·x + ½·out reads
   * both tables and writes one. What is written was read before, so that the memory moves no
   * other bytes than these.
   */
  readonly bytesPerSecond: number;
  /** Multiplications and additions in a second, in vectors as wide as the kernels run with. */
  readonly operationsPerSecond: number;
}

/** Floats of each of the two tables: 64 MiB, together four times a third cache of 32 MiB. */
const streamed = 1 << 24;
/** Rounds of the register test: half a millisecond, which other programs seldom cut in two. */
const rounds = 1 << 18;
/** Chains of the register test; the best is right. */
const chainCounts = [12, 16] as const;
/** Milliseconds for a test: time for V8 to optimise the kernel (about 20), and for others to leave. */
const patience = 200;
const fewestRepetitions = 5;

export function measureCeilings(device: Device): Ceilings {
  return { bytesPerSecond: streamSpeed(device), operationsPerSecond: multiplyAddSpeed(device) };
}

function streamSpeed(device: Device): number {
  const mark = device.mark();
  const out = device.allocate([streamed]);
  const x = device.allocate([streamed]);
  device.kernels.fill(out, 1);
  device.kernels.fill(x, 1);
  const seconds = fastest(() => device.kernels.scaleAdd(out, x, 0.5, 0.5));
  device.release(mark);
  return (3 * 4 * streamed) / seconds;
}

/** Multiplications and additions in a second by every thread of the device together. */
export function multiplyAddSpeed(device: Device): number {
  const speeds = chainCounts.map((chains) => {
    const mark = device.mark();
    const sums = device.allocate([4 * chains * device.threads]);
    const seconds = fastest(() => device.kernels.multiplyAdds(sums, chains, rounds));
    device.release(mark);
    return (2 * sums.size * rounds) / seconds;
  });
  return Math.max(...speeds);
}

/** Seconds of the fastest of some repetitions: what the machine can do, not what others leave. */
function fastest(work: () => void): number {
  const end = performance.now() + patience;
  let best = Infinity;
  for (let done = 0; done < fewestRepetitions || performance.now() < end; done++) {
    const begin = performance.now();
    work();
    best = Math.min(best, performance.now() - begin);
  }
  return best / 1000;
}
