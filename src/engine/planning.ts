/**
 * A device that computes nothing and counts memory: one training step on it
 * gives the exact size of the arena that the real step needs.
 *
 * @module
 */

import { freemem } from "node:os";
import { MemoryError } from "../base/errors.ts";
import { alignedBytes, largestArena } from "./cpu/arena.ts";
import type { Device } from "./device.ts";
import type { Kernels } from "./kernels.ts";
import { type ElementType, sizeOf, type Tensor } from "./tensor.ts";

/** Room for what kernels take for themselves while they run. */
const kernelScratch = 16 * 2 ** 20;

export class PlanningDevice implements Device {
  readonly name = "planning";
  readonly threads: number;
  readonly kernels: Kernels;
  #top = 0;
  #peak = 0;

  constructor(threads: number) {
    this.threads = threads;
    const nothing: Partial<Kernels> = {};
    this.kernels = new Proxy(nothing, { get: () => () => {} }) as Kernels;
  }

  /** Most bytes held at once, the kernels' own scratch included. */
  get peakBytes(): number {
    return this.#peak + kernelScratch;
  }

  allocate(shape: readonly number[], type: ElementType = "f32"): Tensor {
    const size = sizeOf(shape);
    const handle = this.#top;
    this.#top += alignedBytes(4 * size);
    this.#peak = Math.max(this.#peak, this.#top);
    return { shape, type, size, handle };
  }

  upload(shape: readonly number[], data: Float32Array | Int32Array): Tensor {
    return this.allocate(shape, data instanceof Float32Array ? "f32" : "i32");
  }

  write(): void {}

  async read(tensor: Tensor): Promise<Float32Array | Int32Array> {
    return tensor.type === "f32" ? new Float32Array(tensor.size) : new Int32Array(tensor.size);
  }

  mark(): number {
    return this.#top;
  }

  release(mark: number): void {
    this.#top = mark;
  }

  async close(): Promise<void> {}
}

/**
 * Refuses work that would not fit.
 * @param bytes what the work needs
 * @param available free memory of the machine; WebAssembly's own bound is 4 GiB
 * @throws MemoryError with what to change
 */
export function checkMemory(bytes: number, available: number = freemem()): void {
  const limit = Math.min(available, largestArena);
  if (bytes <= limit) return;
  const gibibytes = (count: number) => `${(count / 2 ** 30).toFixed(2)} GiB`;
  const bound =
    limit === largestArena ? "the engine can address" : "this machine has free at the moment";
  throw new MemoryError(
    `training needs ${gibibytes(bytes)}, more than the ${gibibytes(limit)} that ${bound}; ` +
      "use a smaller width (--set width=32), a smaller batch (--set batchSize=1024), " +
      "or fewer interactions (--k-core, --min-rating)",
  );
}
