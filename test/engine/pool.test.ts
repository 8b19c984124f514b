import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Worker } from "node:worker_threads";
import { LumiereError } from "../../src/base/errors.ts";
import { Arena } from "../../src/engine/cpu/arena.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { bestVariant, compileKernels } from "../../src/engine/cpu/module.ts";
import { ThreadPool } from "../../src/engine/cpu/pool.ts";

async function withPool(threads: number, work: (pool: ThreadPool, arena: Arena) => unknown) {
  const arena = new Arena(0, 2 ** 24);
  const pool = await ThreadPool.start({
    threads,
    module: compileKernels(bestVariant()),
    memory: arena.memory,
    blasLibrary: null,
  });
  try {
    await work(pool, arena);
  } finally {
    await pool.close();
  }
}

describe("thread pool", () => {
  it("says which kernel failed, on whatever thread, and goes on afterwards", async () => {
    await withPool(3, (pool, arena) => {
      const out = arena.allocate(4096);
      // Past the end of the memory: WebAssembly traps.
      const outside = 2 ** 32 - 2 ** 20;
      for (let round = 0; round < 3; round++) {
        assert.throws(
          () => pool.run("fill", { units: 3000, grain: 1 }, outside, 7),
          (error: unknown) => error instanceof LumiereError && /\bfill\b/.test(error.message),
        );
        pool.run("fill", { units: 1024, grain: 1 }, out, 7 + round);
        const written = new Int32Array(arena.memory.buffer, out, 1024);
        assert.ok(written.every((value) => value === 7 + round));
      }
    });
  });

  it("says so, and does not wait for ever, when a worker thread ends", {
    // Only Linux tells a thread that waits; elsewhere the next job after a pause fails.
    skip: process.platform !== "linux",
    timeout: 20_000,
  }, async () => {
    const workers: Worker[] = [];
    const note = (worker: Worker) => workers.push(worker);
    process.on("worker", note);
    await withPool(2, async (pool, arena) => {
      const out = arena.allocate(4096);
      const fill = () => pool.run("fill", { units: 1024, grain: 1 }, out, 7);
      const ended = { name: "LumiereError", message: /worker thread ended/ };
      fill();
      // Nothing tells the pool yet, since this thread does not get to its events.
      const ending = workers[0]!.terminate();
      assert.throws(() => {
        for (;;) fill();
      }, ended);
      await ending;
      assert.throws(fill, ended);
    });
    process.off("worker", note);
  });

  it("refuses kernels that it does not know", async () => {
    await withPool(1, (pool) => {
      assert.throws(() => pool.run("fold", { units: 1, grain: 1 }), /no kernel is called fold/);
    });
  });

  it("says so when a worker cannot start", async () => {
    await assert.rejects(
      createCpuDevice({ threads: 2, blas: "/nowhere/libopenblas.so" }),
      LumiereError,
    );
  });
});
