/**
 * Sums over rows as long as a catalogue of items, of numbers that are all alike:
 * in one running sum the roundings would all lean the same way.
 */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { deviceOptions } from "./devices.ts";
import { assertClose, floats, stream } from "./numbers.ts";

/** The items of Gowalla; its last part is neither whole nor a multiple of four. */
const width = 40_981;
const rows = 2;

/** Rows in the middle of which one number stands out. */
const likeNumbers: Record<string, Float32Array> = {
  "almost all the same": new Float32Array(rows * width).fill(-0.3).fill(0, 500, 501),
  spread: floats(stream(1), rows * width, -4, 4),
  "far from zero": floats(stream(2), rows * width, 990, 1000),
};

/** Largest difference in units of 2⁻²³ of the expected number. */
function worstUnits(actual: Float32Array, expected: Float64Array): number {
  return expected.reduce((worst, wanted, at) => {
    return Math.max(worst, Math.abs(actual[at]! - wanted) / (Math.abs(wanted) * 2 ** -23));
  }, 0);
}

for (const options of deviceOptions) {
  describe(`long rows with ${JSON.stringify(options)}`, () => {
    let device: Device;
    before(async () => {
      device = await createCpuDevice(options);
    });
    after(() => device.close());

    /** What a kernel writes or adds to a tensor of the given shape, filled with `start`. */
    const result = async (
      shape: readonly number[],
      start: number,
      write: (out: Tensor) => void,
    ): Promise<Float32Array> => {
      const out = device.allocate(shape);
      device.kernels.fill(out, start);
      write(out);
      return readFloats(device, out);
    };

    for (const [name, x] of Object.entries(likeNumbers)) {
      it(`softmax and its gradients, numbers ${name}`, async () => {
        const { kernels } = device;
        const shape = [rows, width];
        const mark = device.mark();
        const [probability, logarithm] = [new Float64Array(x.length), new Float64Array(x.length)];
        const [gradient, logGradient] = [new Float64Array(x.length), new Float64Array(x.length)];
        const flow = floats(stream(3), x.length);
        for (let first = 0; first < x.length; first += width) {
          const last = first + width;
          const row = x.subarray(first, last);
          const largest = row.reduce((most, value) => Math.max(most, value));
          const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
          let [mean, sum] = [0, 0];
          for (let at = first; at < last; at++) {
            logarithm[at] = x[at]! - largest - Math.log(total);
            probability[at] = Math.exp(x[at]! - largest) / total;
            mean += flow[at]! * probability[at]!;
            sum += flow[at]!;
          }
          for (let at = first; at < last; at++) {
            gradient[at] = 1 + probability[at]! * (flow[at]! - mean);
            logGradient[at] = 1 + flow[at]! - probability[at]! * sum;
          }
        }
        const input = device.upload(shape, x);
        const y = await result(shape, Number.NaN, (out) => kernels.softmaxRows(out, input));
        const logY = await result(shape, Number.NaN, (out) => kernels.logSoftmaxRows(out, input));
        // Eight running sums of 512 numbers a part; with 5,123 numbers each, like numbers are
        // off by more than 300 units.
        assert.ok(worstUnits(y, probability) < 64, `softmax: ${worstUnits(y, probability)}`);
        assertClose(logY, logarithm, 1e-6, "log-softmax");
        const [softmax, logSoftmax] = [device.upload(shape, y), device.upload(shape, logY)];
        const gradY = device.upload(shape, flow);
        assertClose(
          await result(shape, 1, (into) => kernels.softmaxRowsGradient(into, gradY, softmax)),
          gradient,
          1e-7,
          "gradient of softmax",
        );
        assertClose(
          await result(shape, 1, (into) => kernels.logSoftmaxRowsGradient(into, gradY, logSoftmax)),
          logGradient,
          1e-6,
          "gradient of log-softmax",
        );
        device.release(mark);
      });
    }

    it("sums and products of a million like numbers", async () => {
      const { kernels } = device;
      const mark = device.mark();
      const length = 1_000_003;
      const tenth = Math.fround(0.1);
      const x = device.upload([1, length], new Float32Array(length).fill(tenth));
      const column = { ...x, shape: [length, 1] };
      const sum = tenth * length;
      const cases: [string, number, (out: Tensor) => void][] = [
        ["rowSums", sum, (out) => kernels.rowSums(out, x)],
        ["rowDot", sum * tenth, (out) => kernels.rowDot(out, x, x)],
        ["sum", sum * 0.5, (out) => kernels.sum(out, x, 0.5)],
        ["columnSums", sum, (out) => kernels.columnSums(out, column, false)],
      ];
      for (const [name, expected, write] of cases) {
        const [found] = await result([1], Number.NaN, write);
        // One running sum is off by a hundredth, sixteen that share the row by 6e-4.
        assert.ok(Math.abs(found! / expected - 1) < 5e-5, `${name}: ${found} for ${expected}`);
      }
      device.release(mark);
    });
  });
}
