/**
 * What the kernel dispatchers of the CPU share: threads, memory and scratch.
 *
 * @module
 */

import type { Tensor } from "../tensor.ts";
import type { Chunks } from "./pool.ts";

/** Runs kernels by name, cut into chunks: the thread pool, or a planner's stand-in for it. */
export interface KernelRunner {
  readonly threads: number;
  run(name: string, chunks: Chunks, ...parameters: number[]): void;
}

export interface CpuHost {
  readonly pool: KernelRunner;
  readonly memory: WebAssembly.Memory;
  /** Whether kernels may call OpenBLAS. */
  readonly blas: boolean;
  /** Takes bytes from the arena; returns their offset. */
  allocate(bytes: number): number;
  /** How many more bytes could be taken now; a planner, which has no memory, says none. */
  freeBytes(): number;
  mark(): number;
  release(mark: number): void;
  /** The tensor's numbers where they lie. */
  floats(tensor: Tensor): Float32Array;
  integers(tensor: Tensor): Int32Array;
}
