/**
 * What the engine asks of a device. A device owns an arena of memory and
 * implements the kernels; nothing above knows which device runs. Work is
 * issued in order and may run later: only `read` waits for it.
 *
 * @module
 */

import type { Kernels } from "./kernels.ts";
import type { Phase } from "./phase.ts";
import type { ElementType, Tensor } from "./tensor.ts";

export interface Device {
  /** For reports: "cpu (2 threads, relaxed SIMD, OpenBLAS)". */
  readonly name: string;
  readonly threads: number;
  readonly kernels: Kernels;
  /**
   * Takes memory from the arena. Contents are undefined.
   * @throws MemoryError when the arena's limit would be passed
   */
  allocate(shape: readonly number[], type?: ElementType): Tensor;
  /** Takes memory and writes it. */
  upload(shape: readonly number[], data: Float32Array | Int32Array): Tensor;
  /** Overwrites a whole tensor. */
  write(tensor: Tensor, data: Float32Array | Int32Array): void;
  /** A copy of the contents, after all work issued so far; of a bf16 matrix, its words. */
  read(tensor: Tensor): Promise<Float32Array | Int32Array>;
  /**
   * An upper bound of an integer that costs no wait: the integer itself where the work issued so far
   * is done, else `limit`, which the caller knows it never passes. What lies between the two must be
   * made harmless, for the devices that say the limit.
   */
  boundOf(integer: Tensor, limit: number): number;
  /** The arena is a stack: everything allocated after `mark` goes with `release(mark)`. */
  mark(): number;
  release(mark: number): void;
  /** Most bytes that the arena has held at once. */
  readonly peakBytes: number;
  /** On a device that is profiled: says what the program does from now on, returns what it did. */
  enter?(phase: Phase): Phase;
  /** Stops the threads and gives the memory back. */
  close(): Promise<void>;
}

/** Reads a tensor of 32-bit floats. */
export async function readFloats(device: Device, tensor: Tensor): Promise<Float32Array> {
  const data = await device.read(tensor);
  if (!(data instanceof Float32Array)) throw new TypeError("tensor holds integers, not floats");
  return data;
}

/** Reads a tensor of 32-bit integers. */
export async function readIntegers(device: Device, tensor: Tensor): Promise<Int32Array> {
  const data = await device.read(tensor);
  if (!(data instanceof Int32Array)) throw new TypeError("tensor holds floats, not integers");
  return data;
}
