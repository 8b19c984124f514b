/**
 * The block of shared memory through which the calling thread hands a job to
 * the workers, and the loop with which any thread works on it.
 *
 * @module
 */

import { existsSync, readlinkSync } from "node:fs";
import type { KernelFunction } from "./module.ts";

/** Kernel index that tells the workers to end. */
export const FINISHED = -1;

/** Most parameters that a kernel takes after (begin, end, thread). */
export const parameterLimit = 32;

const maximumChunks = 4096;
const stateLength = 16;
const valuesOffset = stateLength * 4;
const boundariesOffset = valuesOffset + parameterLimit * 8;

/** Views of the control block; static numbers are positions in `state`. */
export interface Control {
  readonly buffer: SharedArrayBuffer;
  readonly state: Int32Array<SharedArrayBuffer>;
  /** Parameters of the job; doubles hold every f32 and i32 exactly. */
  readonly values: Float64Array<SharedArrayBuffer>;
  readonly boundaries: Int32Array<SharedArrayBuffer>;
}

export const Control = {
  generation: 0,
  pending: 1,
  next: 2,
  kernel: 3,
  parameterCount: 4,
  chunkCount: 5,
  sleepers: 6,
  failed: 7,
  maximumChunks,
  bytes: boundariesOffset + (maximumChunks + 1) * 4,
} as const;

export function control(buffer: SharedArrayBuffer): Control {
  return {
    buffer,
    state: new Int32Array(buffer, 0, stateLength),
    values: new Float64Array(buffer, valuesOffset, parameterLimit),
    boundaries: new Int32Array(buffer, boundariesOffset, maximumChunks + 1),
  };
}

/** Takes chunks until none is left. */
export function runChunks(shared: Control, kernel: KernelFunction, thread: number): void {
  const { state, values, boundaries } = shared;
  const count = state[Control.chunkCount]!;
  const parameters = Array.from(values.subarray(0, state[Control.parameterCount]!));
  for (;;) {
    const chunk = Atomics.add(state, Control.next, 1);
    if (chunk >= count) return;
    kernel(boundaries[chunk]!, boundaries[chunk + 1]!, thread, ...parameters);
  }
}

/**
 * The number by which the operating system knows the calling thread; 0 where only
 * Linux could tell.
 */
export function systemThread(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync("/proc/thread-self"))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

/** Whether the system says that a thread of this process has ended; false where it does not say. */
export function hasEnded(systemThread: number): boolean {
  return systemThread !== 0 && !existsSync(`/proc/self/task/${systemThread}`);
}
