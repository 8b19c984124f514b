/**
 * The CPU as a device: WebAssembly SIMD kernels on shared memory, one thread a
 * core, OpenBLAS for large dense products where the machine has it.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import type { Device } from "../device.ts";
import type { Kernels } from "../kernels.ts";
import { byteLength, type ElementType, sizeOf, type Tensor } from "../tensor.ts";
import { Arena, largestArena } from "./arena.ts";
import { findBlas } from "./blas.ts";
import { cpuKernels } from "./dispatch/cpu-kernels.ts";
import type { CpuHost } from "./host.ts";
import { adviseHugePages } from "./huge-pages.ts";
import { bestVariant, compileKernels, type KernelVariant } from "./module.ts";
import { ThreadPool } from "./pool.ts";
import { checkWide, enableWide, wantsWide } from "./wide.ts";

export interface CpuOptions {
  /** Threads, the calling one included; default: one per core. */
  readonly threads?: number;
  /** Bytes to reserve at once. */
  readonly initialBytes?: number;
  /** Bytes that the arena may reach. */
  readonly limitBytes?: number;
  /** Which binary; default: the best that this runtime takes. */
  readonly variant?: KernelVariant;
  /** Whether to use 256-bit vectors, see `wide.ts`; default: where LUMIERE_WIDE=on asks for them. */
  readonly wide?: boolean;
  /** Path of OpenBLAS, or null to do without; default: what is found. */
  readonly blas?: string | null;
}

/** Starts the CPU device. Close it when done. */
export async function createCpuDevice(options: CpuOptions = {}): Promise<CpuDevice> {
  const arena = new Arena(options.initialBytes ?? 0, options.limitBytes ?? largestArena);
  adviseHugePages(arena.memory);
  const variant = options.variant ?? bestVariant();
  const blasLibrary = options.blas === undefined ? findBlas() : options.blas;
  const wide = (options.wide ?? wantsWide()) && variant === "relaxed";
  if (wide) enableWide();
  const module = compileKernels(variant);
  if (wide) checkWide(module);
  const pool = await ThreadPool.start({
    threads: Math.max(1, options.threads ?? availableParallelism()),
    module,
    memory: arena.memory,
    blasLibrary,
  });
  const parts = [
    `${pool.threads} ${pool.threads === 1 ? "thread" : "threads"}`,
    variant === "relaxed" ? "relaxed SIMD" : "SIMD",
    ...(wide ? ["256-bit vectors"] : []),
    ...(blasLibrary !== null ? ["OpenBLAS"] : []),
  ];
  return new CpuDevice(`cpu (${parts.join(", ")})`, arena, pool, blasLibrary !== null);
}

export class CpuDevice implements Device {
  readonly name: string;
  readonly kernels: Kernels;
  readonly #arena: Arena;
  readonly #pool: ThreadPool;

  constructor(name: string, arena: Arena, pool: ThreadPool, blas: boolean) {
    this.name = name;
    this.#arena = arena;
    this.#pool = pool;
    const host: CpuHost = {
      pool,
      memory: arena.memory,
      blas,
      allocate: (bytes) => arena.allocate(bytes),
      freeBytes: () => arena.freeBytes,
      mark: () => arena.mark(),
      release: (mark) => arena.release(mark),
      floats: (tensor) => new Float32Array(arena.memory.buffer, tensor.handle, tensor.size),
      integers: (tensor) => new Int32Array(arena.memory.buffer, tensor.handle, tensor.size),
    };
    this.kernels = cpuKernels(host);
  }

  get threads(): number {
    return this.#pool.threads;
  }

  get peakBytes(): number {
    return this.#arena.peakBytes;
  }

  allocate(shape: readonly number[], type: ElementType = "f32"): Tensor {
    const handle = this.#arena.allocate(byteLength(shape, type));
    return { shape, type, size: sizeOf(shape), handle };
  }

  upload(shape: readonly number[], data: Float32Array | Int32Array): Tensor {
    const tensor = this.allocate(shape, data instanceof Float32Array ? "f32" : "i32");
    this.write(tensor, data);
    return tensor;
  }

  write(tensor: Tensor, data: Float32Array | Int32Array): void {
    if (data.length !== tensor.size) {
      throw new RangeError(`tensor holds ${tensor.size} elements, data ${data.length}`);
    }
    this.#view(tensor).set(data);
  }

  async read(tensor: Tensor): Promise<Float32Array | Int32Array> {
    return this.#view(tensor).slice();
  }

  /** The integer itself: a kernel has run when its call returns. */
  boundOf(integer: Tensor): number {
    return this.#view(integer)[0]!;
  }

  mark(): number {
    return this.#arena.mark();
  }

  release(mark: number): void {
    this.#arena.release(mark);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  #view(tensor: Tensor): Float32Array | Int32Array {
    const { buffer } = this.#arena.memory;
    return tensor.type === "f32"
      ? new Float32Array(buffer, tensor.handle, tensor.size)
      : new Int32Array(buffer, tensor.handle, byteLength(tensor.shape, tensor.type) / 4);
  }
}
