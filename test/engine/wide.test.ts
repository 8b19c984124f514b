import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileKernels } from "../../src/engine/cpu/module.ts";
import { checkWide, propagationBits, sameBits } from "../../src/engine/cpu/wide.ts";
import { withDevice } from "./devices.ts";
import { floats, stream } from "./numbers.ts";

describe("256-bit vectors", () => {
  it("give the bits of the baseline compiler", () => {
    checkWide(compileKernels("relaxed"));
  });

  it("would be refused where a bit differs: without fused multiply-add the last ones do", () => {
    const fused = propagationBits(compileKernels("relaxed"));
    assert.ok(sameBits(propagationBits(compileKernels("relaxed")), fused));
    assert.ok(!sameBits(propagationBits(compileKernels("simd")), fused));
  });

  it("give the baseline's bits in Adam and in gradients, eight numbers at a time and what is left", async () => {
    await withDevice({ threads: 1, wide: true, blas: null }, async (device) => {
      const shape = [20, 77];
      const size = 20 * 77;
      const start = floats(stream(1), size);
      const [p, m, v, out] = [1, 2, 3, 4].map(() => device.allocate(shape));
      const x = device.upload(shape, floats(stream(2), size, -3, 3));
      const flow = device.upload([20], floats(stream(3), 20));
      const sums = device.allocate([20]);
      const squares = start.map((value) => value ** 2);
      const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 3 };
      const bits = async () => {
        device.write(p!, start);
        device.write(m!, start);
        device.write(v!, squares);
        device.write(out!, start);
        device.kernels.adam(p!, x, m!, v!, adam, null);
        device.kernels.logSumExpRows(sums, x, 1.5);
        device.kernels.logSumExpRowsGradient(out!, flow, x, sums, 1.5, true);
        const added = await device.read(out!);
        device.kernels.logSumExpRowsGradient(out!, flow, x, sums, 1.5, false);
        const tables = [added, ...(await Promise.all([p!, m!, v!, out!].map(device.read, device)))];
        return tables.map((table) => new Int32Array(table.buffer));
      };
      const baseline = await bits();
      const end = performance.now() + 200;
      while (performance.now() < end) assert.deepEqual(await bits(), baseline);
    });
  });
});
