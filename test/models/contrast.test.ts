/** SimGCL, XSimGCL and GRMF: their equations in numbers. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BadInputError } from "../../src/base/errors.ts";
import { philox } from "../../src/base/random.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { Tape } from "../../src/engine/tape.ts";
import type { PairDefinition } from "../../src/models/gradient.ts";
import { ContrastGraph, contrastSchema } from "../../src/models/graph-contrast.ts";
import { grmf } from "../../src/models/grmf.ts";
import { simgcl } from "../../src/models/simgcl.ts";
import { xsimgcl } from "../../src/models/xsimgcl.ts";
import { deviceOptions, waiting, withDevice } from "../engine/devices.ts";
import { assertClose } from "../engine/numbers.ts";
import { checkGradients, fiveNodes } from "./pair-gradients.ts";

const values = [1, 2, -1, 0.5, 0.25, 3, 2, -2, 4, 4];

const cases: readonly (readonly [
  PairDefinition,
  Record<string, unknown>,
  as?: (device: Device) => Device,
])[] = [
  [simgcl, { layers: 2, contrastTemperature: 1 }],
  [simgcl, { layers: 1, contrastTemperature: 2, loss: "multinomial" }],
  [simgcl, { layers: 2, contrastTemperature: 1 }, waiting],
  [simgcl, { layers: 2, contrastTemperature: 1, penalty: "norm" }],
  [xsimgcl, { layers: 2, contrastTemperature: 1 }],
  [xsimgcl, { layers: 2, contrastTemperature: 1 }, waiting],
  [xsimgcl, { layers: 3, contrastLayer: 2, contrastTemperature: 1 }],
  [xsimgcl, { layers: 2, contrastTemperature: 1, penalty: "norm" }],
  [grmf, { smoothing: 0.4 }],
  [grmf, { smoothing: 0.4, normalised: true }],
];

for (const options of deviceOptions) {
  describe(`contrastive and smoothed models with ${JSON.stringify(options)}`, () => {
    for (const [model, settings, as] of cases) {
      const name = `${model.name}: the gradient equals finite differences: ${JSON.stringify(settings)}`;
      it(`${name}${as ? `, ${as.name}` : ""}`, async () => {
        await withDevice(options, (device) =>
          checkGradients(
            as ? as(device) : device,
            model,
            { width: 2, l2: 0.3, ...settings },
            (name, size) => values.slice(name === "item" ? 4 : 0).slice(0, size),
            1 / 256,
          ),
        );
      });
    }

    it("noise has the length ε, the signs of what it perturbs, and its own numbers in each draw", async () => {
      await withDevice(options, async (device) => {
        const width = 7;
        const before = Float32Array.from({ length: 5 * width }, (_, at) => (at % 3) - 1);
        const noise = async (draw: number) => {
          const x = device.upload([5, width], before);
          device.kernels.addNoise(x, x, 0.3, 1, 2, draw, null);
          return (await readFloats(device, x)).map((value, at) => value - before[at]!);
        };
        const first = await noise(1);
        for (let row = 0; row < 5; row++) {
          const deltas = first.subarray(row * width, (row + 1) * width);
          const own = before.subarray(row * width, (row + 1) * width);
          deltas.forEach((delta, at) => {
            assert.equal(Math.sign(Math.abs(delta) < 1e-12 ? 0 : delta), own[at]);
          });
          assert.ok(Math.hypot(...deltas) <= 0.3 + 1e-6);
        }
        // Where no number is zero, the length is ε.
        const x = device.upload([1, width], new Float32Array(width).fill(2));
        device.kernels.addNoise(x, x, 0.3, 1, 2, 1, null);
        const moved = (await readFloats(device, x)).map((value) => value - 2);
        assert.ok(Math.abs(Math.hypot(...moved) - 0.3) < 1e-5);
        // Into another table: the same numbers, and what they are added to stays.
        const [from, into] = [device.upload([5, width], before), device.allocate([5, width])];
        device.kernels.addNoise(into, from, 0.3, 1, 2, 1, null);
        assert.deepEqual(await readFloats(device, from), before);
        assert.deepEqual(
          (await readFloats(device, into)).map((value, at) => value - before[at]!),
          first,
        );
        assert.notDeepEqual(await noise(2), first);
        assert.deepEqual(await noise(1), first);
      });
    });

    it("a view is the mean of its perturbed layers, each made from the one before", async () => {
      await withDevice(options, async (device) => {
        // A loss over all items has no batch's rows: every row of a view is valid.
        const settings = { width: 2, layers: 2, noise: 0.1, l2: 0, loss: "multinomial" };
        const graph = new ContrastGraph(contrastSchema.parse(settings), {
          ...fiveNodes,
          device,
          batchSize: 1,
          seed: 1,
        });
        const table = device.upload([5, 2], Float32Array.from(values));
        const first = graph.firstLayer(table);
        const { mean, kept } = graph.perturbed(first, "a view", 1, 1);
        const next = device.allocate([5, 2]);
        graph.propagation.forward([0, 1], next, kept!, null);
        const [clean, means, layer, after] = await Promise.all(
          [first, mean, kept!, next].map((tensor) => readFloats(device, tensor)),
        );
        // u0 gathers i0 by 1/√2 and i1 by 1/2; i1 gathers u0 by 1/2 and u1 by 1/√2.
        const half = Math.SQRT1_2;
        assertClose(clean!.subarray(0, 2), [half * 0.25 + 0.5 * 2, half * 3 - 0.5 * 2], 1e-6);
        assertClose(clean!.subarray(6, 8), [0.5 * 1 - half, 0.5 * 2 + half * 0.5], 1e-6);
        for (const node of [0, 1, 2, 3]) {
          const lengthOf = (numbers: (at: number) => number) =>
            Math.hypot(numbers(2 * node), numbers(2 * node + 1));
          const [inFirst, inSecond] = [
            lengthOf((at) => layer![at]! - clean![at]!),
            lengthOf((at) => 2 * means![at]! - layer![at]! - after![at]!),
          ];
          assert.ok(Math.abs(inFirst - 0.1) < 1e-5, `layer 1 of ${node}: ${inFirst}`);
          assert.ok(Math.abs(inSecond - 0.1) < 1e-5, `layer 2 of ${node}: ${inSecond}`);
        }
      });
    });

    it("noise is as the words of Philox, four columns a block, whatever the width", async () => {
      await withDevice(options, async (device) => {
        const [key0, key1, draw, rows] = [11, 12, 13, 3];
        for (const width of [2, 31, 32, 33, 70]) {
          const x = device.upload([rows, width], new Float32Array(rows * width).fill(1e-30));
          device.kernels.addNoise(x, x, 1, key0, key1, draw, null);
          const words = Array.from({ length: rows * width }, (_, at) => {
            const [row, column] = [Math.floor(at / width), at % width];
            const block = new Uint32Array(4);
            philox(key0, key1, row, draw, 0x5197, column - (column % 4), block);
            return block[column % 4]!;
          });
          const expected = words.map((word, at) => {
            const first = at - (at % width);
            return word / Math.hypot(...words.slice(first, first + width));
          });
          assertClose(await readFloats(device, x), expected, 1e-5);
        }
      });
    });
  });
}

describe("GRMF by hand", () => {
  it("adds λ_g times the mean squared distance of the pairs, and nothing else", async () => {
    await withDevice({ threads: 1 }, async (device) => {
      const termsOf = async (normalised: boolean) => {
        const settings = { width: 2, l2: 0, smoothing: 0.4, normalised };
        const hyperparameters = grmf.hyperparameters.parse(settings);
        const model = grmf.build(hyperparameters, { ...fiveNodes, device, batchSize: 1, seed: 1 });
        const table = (shape: number[], numbers: number[]) => ({
          value: device.upload(shape, Float32Array.from(numbers)),
          gradient: device.allocate(shape),
        });
        const tape = new Tape(device, {
          user: table([2, 2], [1, 2, -1, 0.5]),
          item: table([3, 2], [0.25, 3, 2, -2, 4, 4]),
        });
        const one = (index: number) => device.upload([1], Int32Array.of(index));
        const batch = {
          users: one(0),
          positives: one(1),
          negatives: { ...one(2), shape: [1, 1] },
          values: null,
          draw: 0,
        };
        const terms = model.loss(tape, tape.parameters, batch, ({ positives }) => positives);
        return readFloats(device, terms[1]!.value);
      };
      // ‖(1, 2) − (2, −2)‖² = 17; u0 and i1 have two neighbours each, so GRMF-norm halves it.
      assert.ok(Math.abs((await termsOf(false))[0]! - 0.4 * 17) < 1e-5);
      assert.ok(Math.abs((await termsOf(true))[0]! - (0.4 * 17) / 2) < 1e-5);
    });
  });
});

it("XSimGCL refuses a layer that it does not have", async () => {
  await withDevice({ threads: 1 }, async (device) => {
    const hyperparameters = xsimgcl.hyperparameters.parse({ layers: 2, contrastLayer: 3 });
    const context = { ...fiveNodes, device, batchSize: 1, seed: 1 };
    assert.throws(() => xsimgcl.build(hyperparameters, context), BadInputError);
  });
});
