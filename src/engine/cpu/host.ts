/**
 * What the kernel dispatchers of the CPU share: threads, memory and scratch.
 *
 * @module
 */

import type { Tensor } from "../tensor.ts";
import type { ThreadPool } from "./pool.ts";

export interface CpuHost {
  readonly pool: ThreadPool;
  readonly memory: WebAssembly.Memory;
  /** Whether kernels may call OpenBLAS. */
  readonly blas: boolean;
  /** Takes bytes from the arena; returns their offset. */
  allocate(bytes: number): number;
  mark(): number;
  release(mark: number): void;
  /** The tensor's numbers where they lie. */
  floats(tensor: Tensor): Float32Array;
  integers(tensor: Tensor): Int32Array;
}
