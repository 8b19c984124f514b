import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ShapeError } from "../../src/base/errors.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import type { RowSet } from "../../src/engine/kernels.ts";
import {
  add,
  gatherRows,
  multiply,
  pairDots,
  rowDot,
  scale,
  squaredNorm,
  sum,
} from "../../src/engine/operators/index.ts";
import { Tape } from "../../src/engine/tape.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { emptyRowSet } from "../../src/graph/bipartite.ts";
import { deviceOptions } from "./devices.ts";

for (const options of deviceOptions) {
  describe(`tape with ${JSON.stringify(options)}`, () => {
    let device: Device;
    let floor: number;
    before(async () => {
      device = await createCpuDevice(options);
      floor = device.mark();
    });
    after(() => device.close());

    /** A parameter whose gradient holds what no test expects. */
    const parameter = (shape: readonly number[], values: readonly number[], rows?: RowSet) => {
      const gradient = device.allocate(shape);
      device.kernels.fill(gradient, 777);
      const value = device.upload(shape, Float32Array.from(values));
      return rows ? { value, gradient, rows } : { value, gradient };
    };
    const gradientOf = async ({ gradient }: { readonly gradient: Tensor }) =>
      Array.from(await readFloats(device, gradient));

    it("differentiates the example of its own documentation", async () => {
      // u = (1, 2), i = (3, −1): score 1; d(score²)/du = 2·score·i, d/di = 2·score·u
      const users = parameter([2, 2], [9, 9, 1, 2]);
      const items = parameter([1, 2], [3, -1]);
      const tape = new Tape(device, { users, items });
      const u = device.upload([1], Int32Array.of(1));
      const i = device.upload([1], Int32Array.of(0));
      const { users: p, items: q } = tape.parameters;
      const score = rowDot(gatherRows(p!, u), gatherRows(q!, i));
      tape.backward([sum(multiply(score, score))]);
      assert.deepEqual(await gradientOf(users), [0, 0, 6, -2]);
      assert.deepEqual(await gradientOf(items), [2, 4]);
      device.release(floor);
    });

    it("writes the rows of pairs once: of the set alone, and zero where it has no pair", async () => {
      const set = emptyRowSet(device, 4, 4);
      device.kernels.collectRows(set, [
        { index: device.upload([3], Int32Array.of(3, 0, 1)), offset: 0 },
      ]);
      const table = parameter([4, 2], [1, 2, 3, -1, 8, 8, 9, 9], set);
      const tape = new Tape(device, { table });
      const index = (shape: readonly number[], ...rows: number[]) =>
        device.upload(shape, Int32Array.from(rows));
      const { positives, others } = pairDots(
        tape.parameters.table!,
        { users: index([1], 0), positives: index([1], 0), others: index([1, 2], -1, 0) },
        1,
        set,
      );
      // 2·x₀·x₁ + 3·x₀·x₀ + 5·x₀·x₁
      const weights = tape.constant(device.upload([1, 2], Float32Array.of(3, 5)));
      tape.backward([sum(scale(positives, 2)), sum(multiply(others, weights))]);
      assert.deepEqual(await gradientOf(table), [7 * 3 + 6, -7 + 12, 7, 14, 777, 777, 0, 0]);
      device.release(floor);
    });

    it("takes pairs of which only some are in the loss", async () => {
      const table = parameter([2, 2], [1, 2, 3, -1]);
      const set = emptyRowSet(device, 2, 2);
      const both = device.upload([2], Int32Array.of(0, 1));
      device.kernels.collectRows(set, [{ index: both, offset: 0 }]);
      const first = { ...both, shape: [1], size: 1 };
      for (const part of ["positives", "others"] as const) {
        const tape = new Tape(device, { table });
        const indices = { users: first, positives: first, others: { ...first, shape: [1, 1] } };
        tape.backward([sum(pairDots(tape.parameters.table!, indices, 1, set)[part])]);
        assert.deepEqual(await gradientOf(table), [3, -1, 1, 2]);
      }
      device.release(floor);
    });

    it("does not carry gradients over from one step to the next", async () => {
      const w = parameter([3], [1, 2, 3]);
      for (let step = 0; step < 3; step++) {
        const mark = device.mark();
        const tape = new Tape(device, { w });
        tape.backward([sum(scale(tape.parameters.w!, 5))]);
        assert.deepEqual(await gradientOf(w), [5, 5, 5]);
        device.release(mark);
      }
      device.release(floor);
    });

    it("zeroes the gradient of a parameter that the losses do not reach", async () => {
      const w = parameter([2], [1, 2]);
      const unused = parameter([2], [1, 2]);
      const tape = new Tape(device, { w, unused });
      scale(tape.parameters.unused!, 3);
      tape.backward([sum(tape.parameters.w!)]);
      assert.deepEqual(await gradientOf(w), [1, 1]);
      assert.deepEqual(await gradientOf(unused), [0, 0]);
      device.release(floor);
    });

    it("adds the gradients of several losses and of several uses", async () => {
      const w = parameter([2], [1, -2]);
      const tape = new Tape(device, { w });
      const x = tape.parameters.w!;
      // d/dx (x² + 3x + Σx·x) = 2x + 3 + 2x
      tape.backward([squaredNorm(x), sum(add(x, scale(x, 2))), sum(multiply(x, x))]);
      assert.deepEqual(await gradientOf(w), [7, -5]);
      device.release(floor);
    });

    it("gives a loss that is counted twice twice the gradient", async () => {
      const w = parameter([1], [4]);
      const tape = new Tape(device, { w });
      const loss = squaredNorm(tape.parameters.w!);
      tape.backward([loss, loss]);
      assert.deepEqual(await gradientOf(w), [16]);
      device.release(floor);
    });

    it("lets an operator overwrite a gradient, and adds where something is there already", async () => {
      for (const order of ["first", "last"]) {
        const w = parameter([2], [1, 2]);
        const tape = new Tape(device, { w });
        const x = tape.parameters.w!;
        const seven = () => {
          const out = device.upload([1], Float32Array.of(7));
          return tape.record(out, [x], (_, sink) => {
            sink.overwrite(x, (into) => device.kernels.fill(into, 7));
          });
        };
        // The tape is read backwards: the last operator is the first to write.
        const losses = order === "last" ? [seven(), sum(x)] : [sum(x), seven()];
        tape.backward(losses);
        assert.deepEqual(await gradientOf(w), [8, 8]);
        device.release(floor);
      }
    });

    it("does not differentiate constants, nor what leads to no loss", async () => {
      const w = parameter([1], [3]);
      const tape = new Tape(device, { w });
      const constant = tape.constant(device.upload([1], Float32Array.of(5)));
      const fail = () => assert.fail("no gradient is needed here");
      const beside = tape.record(device.allocate([1]), [constant], fail);
      assert.equal(beside.needsGradient, false);
      tape.record(device.allocate([1]), [tape.parameters.w!], fail);
      tape.backward([multiply(tape.parameters.w!, constant), constant]);
      assert.deepEqual(await gradientOf(w), [5]);
      device.release(floor);
    });

    it("touches only the rows of a row-sparse parameter", async () => {
      const rows: RowSet = {
        mask: device.upload([4], new Int32Array(4)),
        list: device.allocate([9], "i32"),
        count: device.upload([1], new Int32Array(1)),
        times: device.upload([4], new Int32Array(4)),
      };
      const table = parameter([4, 1], [1, 2, 3, 4], rows);
      const index = device.upload([3], Int32Array.of(2, 0, 2));
      device.kernels.collectRows(rows, [{ index, offset: 0 }]);
      const tape = new Tape(device, { table });
      tape.backward([sum(gatherRows(tape.parameters.table!, index))]);
      assert.deepEqual(await gradientOf(table), [1, 777, 2, 777]);
      device.release(floor);
    });

    it("takes no memory in a step beyond values and gradients", () => {
      const w = parameter([64], new Array<number>(64).fill(1));
      const before = device.mark();
      const tape = new Tape(device, { w });
      tape.backward([sum(tape.parameters.w!)]);
      // The sum's value and its gradient, a cache line each; its scratch space is given back.
      assert.equal(device.mark() - before, 128);
      device.release(floor);
    });

    it("refuses a gradient of another size than its parameter", () => {
      const wrong = { value: device.allocate([2, 3]), gradient: device.allocate([3]) };
      assert.throws(() => new Tape(device, { wrong }), ShapeError);
      device.release(floor);
    });
  });
}
