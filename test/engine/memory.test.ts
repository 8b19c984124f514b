import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryError } from "../../src/base/errors.ts";
import { Arena } from "../../src/engine/cpu/arena.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import type { Device } from "../../src/engine/device.ts";
import {
  addBias,
  gatherRows,
  logSoftmaxRows,
  matmul,
  mean,
  relu,
  squaredNorm,
} from "../../src/engine/operators/index.ts";
import { createOptimiser } from "../../src/engine/optimisers.ts";
import { checkMemory, PlanningDevice } from "../../src/engine/planning.ts";
import { Tape } from "../../src/engine/tape.ts";
import { emptyRowSet } from "../../src/graph/bipartite.ts";
import { deviceOptions, withDevice } from "./devices.ts";

describe("arena", () => {
  it("is a stack of whole cache lines that remembers its peak", () => {
    const arena = new Arena(0, 2 ** 20);
    const first = arena.allocate(1);
    const mark = arena.mark();
    assert.equal(mark, first + 64);
    assert.equal(arena.allocate(65), mark);
    assert.equal(arena.mark(), mark + 128);
    assert.equal(arena.peakBytes, 192);
    arena.release(mark);
    assert.equal(arena.mark(), mark);
    assert.equal(arena.allocate(4), mark);
    assert.equal(arena.peakBytes, 192);
  });

  it("refuses to release what is not on the stack", () => {
    const arena = new Arena(0, 2 ** 20);
    arena.allocate(64);
    const mark = arena.mark();
    arena.allocate(64);
    arena.release(mark);
    assert.throws(() => arena.release(mark + 64), RangeError);
    assert.throws(() => arena.release(0), RangeError);
  });

  it("grows, and says by how much it is too small", () => {
    const arena = new Arena(0, 200 * 2 ** 20);
    arena.allocate(150 * 2 ** 20);
    assert.ok(arena.memory.buffer.byteLength >= 150 * 2 ** 20);
    assert.throws(
      () => arena.allocate(60 * 2 ** 20),
      (error: unknown) =>
        error instanceof MemoryError && /60\.0 MiB.*150\.1 MiB.*200\.0 MiB/.test(error.message),
    );
  });

  it("keeps what lies below when it grows", async () => {
    const device = await createCpuDevice({ threads: 2 });
    const kept = device.upload([3], Float32Array.of(1, 2, 3));
    device.allocate([100 * 2 ** 18]);
    const doubled = device.allocate([3]);
    device.kernels.scaleAdd(doubled, kept, 2, 0);
    assert.deepEqual(await device.read(doubled), Float32Array.of(2, 4, 6));
    await device.close();
  });
});

/** Training steps of a network that uses scratch space of every kind. */
function train(device: Device): void {
  const [users, width, items, batch] = [3_000, 48, 700, 900];
  const shapes = { table: [users, width], weight: [items, width], bias: [items] };
  const parameters = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const [value, gradient] = [device.allocate(shape), device.allocate(shape)];
      device.kernels.fill(value, 0.01);
      return [name, { value, gradient }];
    }),
  );
  const optimiser = createOptimiser("adam", device, parameters, { learningRate: 0.1 });
  const index = Int32Array.from({ length: batch }, (_, n) => (n * 7) % users);
  for (let step = 0; step < 2; step++) {
    const mark = device.mark();
    const tape = new Tape(device, parameters);
    const { table, weight, bias } = tape.parameters;
    const rows = gatherRows(table!, device.upload([batch], index));
    const logits = addBias(matmul(relu(rows), weight!, { transposeB: true }), bias!);
    optimiser.update(tape.backward([mean(logSoftmaxRows(logits)), squaredNorm(rows)]));
    device.release(mark);
  }
}

describe("planning", () => {
  for (const threads of [1, 3]) {
    for (const withBlas of [true, false]) {
      it(`finds the exact peak of ${threads} threads ${withBlas ? "with" : "without"} OpenBLAS`, async () => {
        const device = await createCpuDevice({ threads, ...(withBlas ? {} : { blas: null }) });
        const planned = new PlanningDevice(threads, device.name.includes("OpenBLAS"));
        train(device);
        train(planned);
        assert.equal(planned.peakBytes, device.peakBytes);
        assert.ok(device.peakBytes > 4 * 900 * 700 * 3);
        await device.close();
      });
    }
  }

  it("refuses what 32-bit addresses do not reach, and what the machine does not have", () => {
    const gibibyte = 2 ** 30;
    checkMemory(2 * gibibyte, 2 * gibibyte);
    assert.throws(() => checkMemory(2 * gibibyte + 1, 2 * gibibyte), MemoryError);
    assert.throws(
      () => checkMemory(3 * gibibyte, gibibyte),
      /3\.00 GiB.*1\.00 GiB.*machine.*width/,
    );
    assert.throws(
      () => checkMemory(5 * gibibyte, 64 * gibibyte),
      /5\.00 GiB.*4\.00 GiB.*addresses/,
    );
  });
});

describe("a count that a kernel writes", () => {
  it("is known at once on the CPU, and no more than its limit to a planner", async () => {
    for (const options of deviceOptions) {
      await withDevice(options, async (device) => {
        const set = emptyRowSet(device, 20, 9);
        const index = device.upload([4], Int32Array.of(7, 3, 7, 7));
        device.kernels.collectRows(set, [{ index, offset: 0 }]);
        assert.equal(device.boundOf(set.count, 9), 2);
      });
    }
    const planner = new PlanningDevice(1);
    assert.equal(planner.boundOf(planner.allocate([1], "i32"), 9), 9);
  });
});
