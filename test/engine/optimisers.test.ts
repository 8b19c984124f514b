import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import type { RowSet } from "../../src/engine/kernels.ts";
import {
  Adagrad,
  Adam,
  createOptimiser,
  type OptimiserName,
  Sgd,
} from "../../src/engine/optimisers.ts";
import type { TapeParameter } from "../../src/engine/tape.ts";
import { deviceOptions } from "./devices.ts";
import { assertClose, floats, stream } from "./numbers.ts";

const names: readonly OptimiserName[] = ["adam", "sgd", "adagrad"];

for (const options of deviceOptions) {
  describe(`optimisers with ${JSON.stringify(options)}`, () => {
    let device: Device;
    let floor: number;
    before(async () => {
      device = await createCpuDevice(options);
      floor = device.mark();
    });
    after(() => device.close());

    const parameter = (values: Float32Array, shape: readonly number[] = [values.length]) => ({
      value: device.upload(shape, values),
      gradient: device.upload(shape, new Float32Array(values.length)),
    });
    const values = ({ value }: TapeParameter) => readFloats(device, value);

    it("Adam takes the steps that a hand works out", async () => {
      // Learning rate 0.1, β₁ 0.9, β₂ 0.999, ε 0; gradients 2, then −1.
      // t = 1: m = 0.2, v = 0.004; m̂ = 2, v̂ = 4; step 0.1·2/2 = 0.1                → 0.9
      // t = 2: m = 0.9·0.2 − 0.1 = 0.08, v = 0.999·0.004 + 0.001 = 0.004996;
      //        m̂ = 0.08/0.19 = 0.421053, v̂ = 0.004996/0.001999 = 2.499250;
      //        step 0.1·0.421053/1.580902 = 0.026634                               → 0.873366
      const w = parameter(Float32Array.of(1));
      const adam = new Adam(device, { w }, { learningRate: 0.1, epsilon: 0 });
      device.kernels.fill(w.gradient, 2);
      adam.update({ w: w.gradient });
      assertClose(await values(w), [0.9], 1e-6, "first step");
      device.kernels.fill(w.gradient, -1);
      adam.update({ w: w.gradient });
      assertClose(await values(w), [0.873366], 1e-6, "second step");
      const state = adam.state();
      assertClose(await readFloats(device, state["w.mean"]!), [0.08], 1e-6, "mean");
      assertClose(await readFloats(device, state["w.variance"]!), [0.004996], 1e-6, "variance");
      device.release(floor);
    });

    it("Adam adds ε to the root of the corrected variance", async () => {
      // One step from zero moments: m̂ = g, v̂ = g², so the step is η·g/(|g| + ε).
      const w = parameter(Float32Array.of(0));
      device.kernels.fill(w.gradient, 1e-3);
      new Adam(device, { w }, { learningRate: 1, epsilon: 1e-3 }).update({ w: w.gradient });
      assertClose(await values(w), [-0.5], 1e-5);
      device.release(floor);
    });

    it("SGD and Adagrad take the steps that a hand works out", async () => {
      const w = parameter(Float32Array.of(1));
      device.kernels.fill(w.gradient, 4);
      new Sgd(device, { w }, { learningRate: 0.25 }).update({ w: w.gradient });
      assertClose(await values(w), [0], 1e-7, "sgd");
      // Adagrad: squares 9, step 0.5·3/3; then squares 25, step 0.5·4/5.
      const x = parameter(Float32Array.of(1));
      const adagrad = new Adagrad(device, { x }, { learningRate: 0.5 });
      device.kernels.fill(x.gradient, 3);
      adagrad.update({ x: x.gradient });
      assertClose(await values(x), [0.5], 1e-6, "adagrad, first");
      device.kernels.fill(x.gradient, 4);
      adagrad.update({ x: x.gradient });
      assertClose(await values(x), [0.1], 1e-6, "adagrad, second");
      device.release(floor);
    });

    for (const name of names) {
      it(`${name} on some rows equals ${name} on all with no gradient elsewhere`, async () => {
        const random = stream(4);
        for (const [height, width] of [
          [7, 3],
          [600, 65],
        ] as const) {
          const start = floats(random, height * width);
          const rows: RowSet = {
            mask: device.upload([height], new Int32Array(height)),
            list: device.allocate([height + 1], "i32"),
            count: device.upload([1], new Int32Array(1)),
            times: device.upload([height], new Int32Array(height)),
          };
          const dense = parameter(start, [height, width]);
          const sparse = { ...parameter(start, [height, width]), rows };
          const settings = { learningRate: 0.05 };
          const onAll = createOptimiser(name, device, { w: dense }, settings);
          const onSome = createOptimiser(name, device, { w: sparse }, settings);
          for (let step = 0; step < 4; step++) {
            // Every other row, in turn: those that rest have been moved before.
            const isChosen = (row: number) => (row + step) % 2 === 0;
            const index = Int32Array.from({ length: height }, (_, row) => row).filter(isChosen);
            const chosen = { index: device.upload([index.length], index), offset: 0 };
            device.kernels.collectRows(rows, [chosen]);
            const gradient = floats(random, height * width);
            device.write(sparse.gradient, gradient);
            const masked = gradient.map((g, at) => (isChosen(Math.floor(at / width)) ? g : 0));
            device.write(dense.gradient, masked);
            onAll.update({ w: dense.gradient });
            onSome.update({ w: sparse.gradient });
            device.kernels.clearRows(rows);
          }
          assert.deepEqual(await values(sparse), await values(dense));
          device.release(floor);
        }
      });

      it(`${name} goes on after a restart, bit for bit`, async () => {
        const random = stream(5);
        const size = 101;
        const gradients = Array.from({ length: 6 }, () => floats(random, size));
        const start = floats(random, size);
        const settings = { learningRate: 0.01 };
        const whole = parameter(start);
        const unbroken = createOptimiser(name, device, { w: whole }, settings);
        const broken = parameter(start);
        let sitting = createOptimiser(name, device, { w: broken }, settings);
        for (const [step, gradient] of gradients.entries()) {
          if (step === 3) {
            const saved = await Promise.all(
              Object.entries(sitting.state()).map(
                async ([key, tensor]) => [key, await readFloats(device, tensor)] as const,
              ),
            );
            const { updates } = sitting;
            sitting = createOptimiser(name, device, { w: broken }, settings);
            for (const [key, data] of saved) device.write(sitting.state()[key]!, data);
            sitting.updates = updates;
          }
          device.write(whole.gradient, gradient);
          device.write(broken.gradient, gradient);
          unbroken.update({ w: whole.gradient });
          sitting.update({ w: broken.gradient });
        }
        assert.deepEqual(await values(broken), await values(whole));
        assert.equal(sitting.updates, 6);
        device.release(floor);
      });
    }
  });
}
