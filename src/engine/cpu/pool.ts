/**
 * Threads that run kernels. A job is cut into chunks; every thread, the calling
 * one too, takes the next chunk from a shared counter until none is left. Which
 * thread computes which chunk never changes a result, because chunks own their
 * output rows.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import { LumiereError } from "../../base/errors.ts";
import { Control, control, FINISHED, hasEnded, parameterLimit, runChunks } from "./job.ts";
import { instantiateKernels, type KernelTable } from "./module.ts";

/** How a job is cut: `units` pieces of about `grain` units, or at given boundaries. */
export type Chunks = { readonly units: number; readonly grain: number } | Int32Array;

/** How often the calling thread looks for the end of a job before it waits, a millisecond at a time. */
const spinLimit = 20_000;
/** Milliseconds of waiting after which it looks whether the workers live. */
const waitsBetweenLooks = 100;

export interface PoolOptions {
  readonly threads: number;
  /** The compiled kernels. */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly blasLibrary: string | null;
}

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly blasLibrary: string | null;
  readonly thread: number;
}

export class ThreadPool {
  readonly threads: number;
  readonly #kernels: KernelTable;
  readonly #index: ReadonlyMap<string, number>;
  readonly #control: Control;
  readonly #workers: Worker[] = [];
  /** The workers' numbers in the operating system. */
  readonly #systemThreads: number[] = [];
  #failure: LumiereError | null = null;

  private constructor(options: PoolOptions, kernels: KernelTable, shared: Control) {
    this.threads = options.threads;
    this.#kernels = kernels;
    this.#control = shared;
    this.#index = new Map(Object.keys(kernels).map((name, at) => [name, at]));
  }

  /** Starts the threads and waits until each has its kernels. */
  static async start(options: PoolOptions): Promise<ThreadPool> {
    const { module } = options;
    const shared = control(new SharedArrayBuffer(Control.bytes));
    const kernels = instantiateKernels(module, options.memory, options.blasLibrary);
    const pool = new ThreadPool(options, kernels, shared);
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const entry = new URL(`./worker.${extension}`, import.meta.url);
    const ready: Promise<void>[] = [];
    for (let thread = 1; thread < options.threads; thread++) {
      const workerData: WorkerStart = {
        module,
        memory: options.memory,
        control: shared.buffer,
        blasLibrary: options.blasLibrary,
        thread,
      };
      const worker = new Worker(entry, {
        workerData,
        // Options such as --input-type belong to the main thread's own entry.
        execArgv: [],
      });
      worker.unref();
      pool.#workers.push(worker);
      ready.push(
        new Promise((resolve, reject) => {
          worker.once("message", (systemThread: number) => {
            pool.#systemThreads.push(systemThread);
            resolve();
          });
          worker.once("error", (cause: unknown) => {
            pool.#failure = new LumiereError("kernels", "a worker thread failed", 1, { cause });
            reject(pool.#failure);
          });
          worker.once("exit", () => {
            pool.#failure ??= workerEnded();
            reject(pool.#failure);
          });
        }),
      );
    }
    await Promise.all(ready);
    return pool;
  }

  /** Runs a kernel over all chunks and returns when every chunk is done. */
  run(name: string, chunks: Chunks, ...parameters: number[]): void {
    const index = this.#index.get(name);
    if (index === undefined) throw new LumiereError("kernels", `no kernel is called ${name}`);
    if (parameters.length > parameterLimit) throw new RangeError(`${name}: too many parameters`);
    const boundaries = chunks instanceof Int32Array ? chunks : null;
    const units = chunks instanceof Int32Array ? chunks[chunks.length - 1]! : chunks.units;
    if (units === 0) return;
    const count =
      chunks instanceof Int32Array
        ? chunks.length - 1
        : Math.min(Control.maximumChunks, Math.max(1, Math.ceil(units / chunks.grain)));
    if (this.#workers.length === 0 || count === 1) {
      try {
        this.#kernels[name]!(0, units, 0, ...parameters);
      } catch (cause) {
        throw kernelFailed(name, cause);
      }
      return;
    }
    if (this.#failure) throw this.#failure;
    const { state, values, boundaries: shared } = this.#control;
    for (let at = 0; at < parameters.length; at++) values[at] = parameters[at]!;
    if (boundaries) shared.set(boundaries);
    else for (let at = 0; at <= count; at++) shared[at] = Math.floor((units * at) / count);
    state[Control.kernel] = index;
    state[Control.parameterCount] = parameters.length;
    state[Control.chunkCount] = count;
    Atomics.store(state, Control.next, 0);
    Atomics.store(state, Control.pending, this.#workers.length);
    Atomics.add(state, Control.generation, 1);
    if (Atomics.load(state, Control.sleepers) > 0) Atomics.notify(state, Control.generation);
    let cause: unknown;
    try {
      runChunks(this.#control, this.#kernels[name]!, 0);
    } catch (thrown) {
      cause = thrown ?? new Error(name);
      // The others end with the chunk they are at.
      Atomics.store(state, Control.next, count);
    }
    this.#join();
    const failed = Atomics.exchange(state, Control.failed, 0) !== 0;
    if (failed || cause) throw kernelFailed(name, cause);
  }

  /**
   * Workers finish within a chunk of each other, so spinning is right unless a core is
   * taken away. Nobody tells the calling thread, which waits here, that a worker has
   * ended (out of memory, say); so now and then it asks the system.
   * @throws LumiereError where a worker will never finish
   */
  #join(): void {
    const { state } = this.#control;
    for (let spins = 0; Atomics.load(state, Control.pending) > 0; spins++) {
      if (spins < spinLimit) continue;
      if ((spins - spinLimit) % waitsBetweenLooks === waitsBetweenLooks - 1) {
        if (this.#systemThreads.some(hasEnded)) {
          this.#failure ??= workerEnded();
          throw this.#failure;
        }
      }
      const pending = Atomics.load(state, Control.pending);
      if (pending > 0) Atomics.wait(state, Control.pending, pending, 1);
    }
  }

  /** Ends the worker threads. */
  async close(): Promise<void> {
    const { state } = this.#control;
    state[Control.kernel] = FINISHED;
    Atomics.add(state, Control.generation, 1);
    Atomics.notify(state, Control.generation);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#workers.length = 0;
  }
}

/** A kernel trapped (an address outside the memory, for instance): a fault of the program, not of its input. */
function kernelFailed(name: string, cause: unknown): LumiereError {
  return new LumiereError("kernels", `kernel ${name} failed on one of the threads`, 1, { cause });
}

function workerEnded(): LumiereError {
  return new LumiereError(
    "kernels",
    "a worker thread ended before its work was done (out of memory, or it was stopped); " +
      "start again, with fewer threads (--threads 1) if it happens again",
  );
}
