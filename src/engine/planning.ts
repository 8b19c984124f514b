/**
 * A device that computes nothing and counts memory. It runs the CPU's own
 * dispatchers over an arena without bytes, so that one training step on it gives
 * the size of the arena that the real step needs, scratch space included: exactly, but where a step's
 * work depends on what is in its batch (`Device.boundOf`), and there for the largest batch.
 *
 * @module
 */

import { MemoryError } from "../base/errors.ts";
import { alignedBytes, largestArena } from "./cpu/arena.ts";
import { findBlas } from "./cpu/blas.ts";
import { cpuKernels } from "./cpu/dispatch/cpu-kernels.ts";
import type { Device } from "./device.ts";
import type { Kernels } from "./kernels.ts";
import { byteLength, type ElementType, sizeOf, type Tensor } from "./tensor.ts";

export class PlanningDevice implements Device {
  readonly name = "planning";
  readonly threads: number;
  readonly kernels: Kernels;
  #top = 0;
  #peak = 0;

  /**
   * @param threads as on the real device: some scratch space is per thread
   * @param blas whether the real device will have OpenBLAS, which needs less scratch space
   */
  constructor(threads: number, blas: boolean = findBlas() !== null) {
    this.threads = threads;
    this.kernels = cpuKernels({
      pool: { threads, run: () => {} },
      memory: new WebAssembly.Memory({ initial: 0 }),
      blas,
      allocate: (bytes) => this.#take(bytes),
      freeBytes: () => 0,
      mark: () => this.mark(),
      release: (mark) => this.release(mark),
      floats: ({ size }) => new Float32Array(size),
      integers: ({ size }) => new Int32Array(size),
    });
  }

  /** Most bytes held at once, the kernels' own scratch included. */
  get peakBytes(): number {
    return this.#peak;
  }

  allocate(shape: readonly number[], type: ElementType = "f32"): Tensor {
    const handle = this.#take(byteLength(shape, type));
    return { shape, type, size: sizeOf(shape), handle };
  }

  upload(shape: readonly number[], data: Float32Array | Int32Array): Tensor {
    return this.allocate(shape, data instanceof Float32Array ? "f32" : "i32");
  }

  write(): void {}

  /** Zeros, as many as the tensor has. */
  async read(tensor: Tensor): Promise<Float32Array | Int32Array> {
    return tensor.type === "f32" ? new Float32Array(tensor.size) : new Int32Array(tensor.size);
  }

  boundOf(_integer: Tensor, limit: number): number {
    return limit;
  }

  mark(): number {
    return this.#top;
  }

  release(mark: number): void {
    this.#top = mark;
  }

  async close(): Promise<void> {}

  #take(bytes: number): number {
    const offset = this.#top;
    this.#top += alignedBytes(bytes);
    this.#peak = Math.max(this.#peak, this.#top);
    return offset;
  }
}

/**
 * Refuses work that would not fit.
 * @param bytes what the work needs, for instance a planning device's peak
 * @param available bytes that the machine, or the container, has free
 * @throws MemoryError with what to change
 */
export function checkMemory(bytes: number, available: number = process.availableMemory()): void {
  if (bytes <= Math.min(available, largestArena)) return;
  const [limit, bound] =
    largestArena <= available
      ? [largestArena, "that 32-bit addresses reach"]
      : [available, "that this machine has free"];
  throw new MemoryError(
    `training needs ${gibibytes(bytes)}, more than the ${gibibytes(limit)} ${bound}; ` +
      "use a smaller width (--set width=32), a smaller batch (--set batchSize=1024), " +
      "fewer layers (--set layers=2), or fewer interactions (--k-core, --min-rating)",
  );
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
