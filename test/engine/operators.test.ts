import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { ShapeError } from "../../src/base/errors.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import * as operators from "../../src/engine/operators/index.ts";
import { Tape } from "../../src/engine/tape.ts";
import { sizeOf } from "../../src/engine/tensor.ts";
import { deviceOptions } from "./devices.ts";
import { assertClose, floats, integers, oddSize, seed, stream } from "./numbers.ts";
import type { OperatorCase, Sizes } from "./operator-case.ts";
import { operatorCases } from "./operator-cases.ts";

/** Coordinates of each input at which the gradient is compared. */
const probes = 6;
const difference = 1e-4;

/**
 * Runs the operator with loss Σ weights ⊙ output and compares the output with the
 * naive implementation, and the gradient with its central differences.
 * @param shared adds 3·Σ input to the loss, so that each gradient holds 3 before the
 *   operator's own part comes in
 */
async function check(
  device: Device,
  operator: OperatorCase,
  sizes: Sizes,
  start: number,
  shared: boolean,
) {
  const random = stream(start);
  const mark = device.mark();
  const shapes = operator.inputs(sizes);
  const values = shapes.map((shape) => floats(random, sizeOf(shape), ...(operator.between ?? [])));
  const index = integers(random, operator.index?.(sizes) ?? 1, shapes[0]![0]!);
  const parameters = Object.fromEntries(
    shapes.map((shape, at) => {
      const value = device.upload(shape, values[at]!);
      const gradient = device.allocate(shape);
      // What an earlier step left there must not matter.
      device.kernels.fill(gradient, Number.NaN);
      return [`input ${at}`, { value, gradient }];
    }),
  );
  const tape = new Tape(device, parameters);
  const indexTensor = device.upload([index.length], index);
  const out = operator.apply(Object.values(tape.parameters), sizes, indexTensor);
  const weights = floats(random, out.value.size);
  const weight = tape.constant(device.upload(out.value.shape, weights));
  const losses = [operators.sum(operators.multiply(out, weight))];
  if (shared) {
    const inputs = Object.values(tape.parameters);
    losses.push(...inputs.map((input) => operators.scale(operators.sum(input), 3)));
  }
  tape.backward(losses);

  const exact = values.map((value) => Float64Array.from(value));
  const expected = operator.naive(exact, sizes, index);
  assertClose(await readFloats(device, out.value), expected, 2e-5, `${operator.name} value`);

  const loss = () =>
    operator.naive(exact, sizes, index).reduce((sum, y, at) => sum + y * weights[at]!, 0);
  for (const [at, input] of exact.entries()) {
    const gradient = await readFloats(device, parameters[`input ${at}`]!.gradient);
    for (let probe = 0; probe < probes; probe++) {
      const place = random.below(input.length);
      const kept = input[place]!;
      input[place] = kept + difference;
      const above = loss();
      input[place] = kept - difference;
      const below = loss();
      input[place] = kept;
      // Where a kink lies between the two, the difference says nothing.
      if (Math.abs(kept) < difference) continue;
      const slope = (above - below) / (2 * difference) + (shared ? 3 : 0);
      assertClose([gradient[place]!], [slope], 2e-4, `${operator.name} gradient ${at} at ${place}`);
    }
  }
  device.release(mark);
}

for (const options of deviceOptions) {
  describe(`operators with ${JSON.stringify(options)}`, () => {
    let device: Device;
    before(async () => {
      device = await createCpuDevice(options);
    });
    after(() => device.close());

    for (const operator of operatorCases) {
      it(`${operator.name} equals its definition, its gradient the differences`, async () => {
        await fc.assert(
          fc.asyncProperty(
            ...[oddSize, oddSize, oddSize, seed, fc.boolean()],
            (rows, width, inner, start, shared) =>
              check(device, operator, { rows, width, inner }, start, shared),
          ),
          { numRuns: 12 },
        );
      });
    }

    it("dropout keeps 1 − rate of the elements, scaled, and passes gradients where it kept", async () => {
      const size = 40_001;
      const mark = device.mark();
      const value = device.upload([size], new Float32Array(size).fill(3));
      const parameters = { x: { value, gradient: device.allocate([size]) } };
      const read = async (key1: number, draw: number) => {
        const tape = new Tape(device, parameters);
        const out = operators.dropout(tape.parameters.x!, 0.25, { key0: 5, key1, draw });
        tape.backward([operators.sum(out)]);
        const gradient = await readFloats(device, parameters.x.gradient);
        const kept = await readFloats(device, out.value);
        assertClose(
          kept,
          gradient.map((slope) => 3 * slope),
          1e-6,
          "kept",
        );
        return kept;
      };
      const kept = await read(7, 0);
      assert.deepEqual(new Set(kept), new Set([0, 4]));
      const share = kept.filter((x) => x > 0).length / size;
      // Five standard errors of a share of 0.75.
      assert.ok(Math.abs(share - 0.75) < 5 * Math.sqrt(0.1875 / size), `kept ${share}`);
      assert.deepEqual(await read(7, 0), kept);
      assert.notDeepEqual(await read(8, 0), kept);
      assert.notDeepEqual(await read(7, 1), kept);
      device.release(mark);
    });

    it("softmax of huge numbers neither overflows nor loses the small ones", async () => {
      const tape = new Tape(device, {});
      const x = device.upload([2, 3], Float32Array.of(1e30, 1e30, -1e30, 1000, 1001, 999));
      const e = Math.exp;
      const sum = 1 + e(1) + e(-1);
      const softmax = await readFloats(device, operators.softmaxRows(tape.constant(x)).value);
      assertClose(softmax, [0.5, 0.5, 0, 1 / sum, e(1) / sum, e(-1) / sum], 1e-6, "softmax");
      const logs = await readFloats(device, operators.logSoftmaxRows(tape.constant(x)).value);
      const log = Math.log(sum);
      assertClose(logs.slice(3), [-log, 1 - log, -1 - log], 1e-6, "log-softmax");
      assertClose(logs.slice(0, 2), [-Math.LN2, -Math.LN2], 1e-6, "log-softmax");
    });

    it("refuses shapes that do not fit, and prints both", () => {
      const tape = new Tape(device, {});
      const of = (...shape: number[]) => tape.constant(device.allocate(shape));
      const wrong: [() => unknown, RegExp][] = [
        [() => operators.add(of(2, 3), of(3, 2)), /add: 2×3 against 3×2/],
        [() => operators.divide(of(6), of(2, 3)), /divide: 6 against 2×3/],
        [() => operators.matmul(of(2, 3), of(2, 3)), /matmul: 2×3 · 2×3, expected m×k · k×n/],
        [() => operators.matmul(of(2, 3), of(2, 3), { transposeA: true, transposeB: true }), /ᵀ/],
        [() => operators.rowDot(of(2, 3), of(2, 4)), /rowDot: 2×3 against 2×4/],
        [() => operators.rowDot(of(2), of(2)), /rowDot: found 2, expected a matrix/],
        [() => operators.scaleRows(of(2, 3), of(3)), /scaleRows: 2×3 against scales 3/],
        [() => operators.addBias(of(2, 3), of(2)), /addBias: 2×3 against bias 2/],
        [() => operators.concatColumns(of(2, 3), of(3, 3)), /concatColumns: 2×3 against 3×3/],
        [() => operators.sliceColumns(of(2, 3), 1, 4), /columns 1 … 4 of 2×3/],
        [() => operators.reshape(of(2, 3), [4]), /reshape: 2×3 into 4/],
        [() => operators.gatherRows(of(2, 3), device.allocate([2])), /holds floats/],
        [() => tape.backward([of(2)]), /a loss is 2, expected a scalar/],
      ];
      for (const [attempt, message] of wrong) {
        assert.throws(attempt, { message });
      }
      assert.throws(() => operators.add(of(1), of(2)), ShapeError);
    });
  });
}
