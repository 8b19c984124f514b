/** LightGCN's equations on a graph of five nodes: users u0, u1 and items i0, i1, i2. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BadInputError } from "../../src/base/errors.ts";
import type { Device } from "../../src/engine/device.ts";
import { parseLayerWeights } from "../../src/models/layer-weights.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { checkGradients, fiveNodes } from "./pair-gradients.ts";

const start = [
  [1, 2], // u0
  [-1, 0.5], // u1
  [0.25, 3], // i0
  [2, -2], // i1
  [4, 4], // i2
];
const width = 2;

function build(device: Device, more: Record<string, unknown>) {
  const hyperparameters = lightgcn.hyperparameters.parse({ width, l2: 0.3, ...more });
  const model = lightgcn.build(hyperparameters, { ...fiveNodes, device, batchSize: 3, seed: 1 });
  return { model, hyperparameters };
}

function near(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void {
  assert.equal(found.length, expected.length);
  expected.forEach((value, at) => {
    assert.ok(Math.abs(found[at]! - value) < tolerance, `${at}: ${found[at]} against ${value}`);
  });
}

for (const options of deviceOptions) {
  describe(`LightGCN by hand with ${JSON.stringify(options)}`, () => {
    it("one layer: e_u is half of itself and half of its neighbours, by 1/√(|N_u||N_i|)", async () => {
      await withDevice(options, async (device) => {
        const { model } = build(device, { layers: 1 });
        const embedding = device.upload([5, width], Float32Array.from(start.flat()));
        const { embeddings } = await model.finish({ embedding });
        // |N_u0| = 2, |N_u1| = 1, |N_i0| = 1, |N_i1| = 2.
        const r2 = Math.SQRT1_2;
        near(embeddings!.users, [
          (1 + r2 * 0.25 + 0.5 * 2) / 2,
          (2 + r2 * 3 + 0.5 * -2) / 2,
          (-1 + r2 * 2) / 2,
          (0.5 + r2 * -2) / 2,
        ]);
        near(embeddings!.items, [
          (0.25 + r2 * 1) / 2,
          (3 + r2 * 2) / 2,
          (2 + 0.5 * 1 + r2 * -1) / 2,
          (-2 + 0.5 * 2 + r2 * 0.5) / 2,
          4 / 2,
          4 / 2,
        ]);
      });
    });

    it("the single-layer variant is the last layer alone; `right` divides by √|N| of the neighbour", async () => {
      await withDevice(options, async (device) => {
        const { model } = build(device, {
          layers: 1,
          layerWeights: "last",
          normalisation: "right",
        });
        const embedding = device.upload([5, width], Float32Array.from(start.flat()));
        const { embeddings } = await model.finish({ embedding });
        near(embeddings!.users.slice(0, 2), [0.25 + 2 * Math.SQRT1_2, 3 - 2 * Math.SQRT1_2]);
        near(embeddings!.items.slice(4), [0, 0]);
      });
    });

    it("a user's score is what the history carried plus what is the user's own, exactly", async () => {
      await withDevice(options, async (device) => {
        for (const normalisation of ["symmetric", "l1", "left", "right"]) {
          const { model } = build(device, { layers: 3, normalisation });
          const embedding = device.upload([5, width], Float32Array.from(start.flat()));
          const recommender = await model.finish({ embedding });
          const scores = await recommender.scoreUsers(Int32Array.of(0));
          const { items } = recommender.embeddings!;
          for (const item of [0, 1, 2]) {
            const parts = (await recommender.explain(Int32Array.of(0, 1), item))!;
            const own =
              0.25 * (start[0]![0]! * items[item * 2]! + start[0]![1]! * items[item * 2 + 1]!);
            near([parts[0]! + parts[1]! + own], [scores[item]!], 1e-5);
          }
        }
      });
    });

    for (const more of [
      { layers: 3 },
      { layers: 1 },
      { layers: 2, normalisation: "l1-left" },
      { layers: 2, layerWeights: "0.5,0,0.25" },
      { layers: 2, layerWeights: "learned" },
      { layers: 2, loss: "ssm", temperature: 0.5 },
      { layers: 1, loss: "multinomial" },
      { layers: 2, loss: "bsl", negatives: "in-batch", temperature: 2, balance: 0.8 },
    ]) {
      it(`the gradient equals finite differences: ${JSON.stringify(more)}`, async () => {
        await withDevice(options, (device) =>
          checkGradients(device, lightgcn, { width, l2: 0.3, ...more }, (name) =>
            name === "embedding" ? start.flat() : [0.2 + Number(name.at(-1)) / 4],
          ),
        );
      });
    }
  });
}

describe("layer weights", () => {
  it("reads words and numbers", () => {
    assert.deepEqual(parseLayerWeights("uniform", 3), [0.25, 0.25, 0.25, 0.25]);
    assert.deepEqual(parseLayerWeights("last", 2), [0, 0, 1]);
    assert.deepEqual(parseLayerWeights("1, 0.5,0.25", 2), [1, 0.5, 0.25]);
    assert.equal(parseLayerWeights("learned", 2), "learned");
  });

  it("refuses others, and says how many it wants", () => {
    for (const text of ["1,2", "a,b,c", "1,,2", "", "0,0,0", "1,2,Infinity"]) {
      assert.throws(() => parseLayerWeights(text, 2), BadInputError);
    }
    assert.throws(() => parseLayerWeights("1,2", 2), /3 numbers/);
  });
});
