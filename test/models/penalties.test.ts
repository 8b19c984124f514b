/** The penalty λ/2B·Σ‖e‖² of the models of embeddings: rows of the batch, each as often as it occurs, by hand. */

import { describe, it } from "node:test";
import { readFloats } from "../../src/engine/device.ts";
import { Tape } from "../../src/engine/tape.ts";
import { bpr } from "../../src/models/bpr.ts";
import { gat } from "../../src/models/gat.ts";
import { gcn } from "../../src/models/gcn.ts";
import type { PairDefinition } from "../../src/models/gradient.ts";
import { grmf } from "../../src/models/grmf.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { ngcf } from "../../src/models/ngcf.ts";
import { simgcl } from "../../src/models/simgcl.ts";
import { xsimgcl } from "../../src/models/xsimgcl.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { assertClose } from "../engine/numbers.ts";
import { weightsOf } from "./network-world.ts";
import { fiveNodes } from "./pair-gradients.ts";

/** u0, u1, i0, i1 and i2, with squared norms 5, 1.25, 9.0625, 8 and 32. */
const nodes = [1, 2, -1, 0.5, 0.25, 3, 2, -2, 4, 4];
const ofUsersAndItems = { user: nodes.slice(0, 4), item: nodes.slice(4) };

const cases: readonly (readonly [
  PairDefinition,
  Record<string, unknown>,
  Record<string, readonly number[]>,
])[] = [
  [bpr, {}, ofUsersAndItems],
  [grmf, { smoothing: 0.4 }, ofUsersAndItems],
  [lightgcn, { layers: 2 }, { embedding: nodes }],
  [lightgcn, { layers: 2, layerWeights: "learned" }, { embedding: nodes }],
  [simgcl, { layers: 2 }, { embedding: nodes }],
  [xsimgcl, { layers: 2 }, { embedding: nodes }],
  [ngcf, { layers: 2, nodeDropout: 0, messageDropout: 0 }, { embedding: nodes }],
  [gcn, { layers: 2, hidden: 2 }, { input: nodes }],
  [gat, { layers: 2, hidden: 2, heads: 1 }, { input: nodes }],
];

for (const [model, settings, tables] of cases) {
  describe(`penalty of ${model.name}, ${JSON.stringify(settings)}`, () => {
    // Two negatives a pair are more than the three items: those are read from the table item by item.
    for (const [negatives, ofNegatives] of [
      [[2, 1, 0], 32 + 8 + 9.0625],
      [[2, 2, 1, 2, 0, 2], 32 + 32 + 8 + 32 + 9.0625 + 32],
    ] as const) {
      it(`with ${negatives.length / 3} negatives beside each of three pairs`, () =>
        withDevice(deviceOptions[0]!, async (device) => {
          const hyperparameters = model.hyperparameters.parse({
            ...{ width: 2, l2: 0.3, negativeCount: negatives.length / 3 },
            ...settings,
          });
          const context = { ...fiveNodes, device, batchSize: 3, seed: 1 };
          const built = model.build(hyperparameters, context);
          const shapes = model.parameters(hyperparameters, fiveNodes);
          const tape = new Tape(device, {});
          const values = { ...weightsOf(model, hyperparameters, fiveNodes), ...tables };
          const parameters = Object.fromEntries(
            Object.entries(values).map(([name, numbers]) => [
              name,
              tape.constant(device.upload(shapes[name]!.shape, Float32Array.from(numbers))),
            ]),
          );
          const index = (items: readonly number[]) =>
            device.upload([items.length], Int32Array.from(items));
          const batch = {
            users: index([0, 1, 0]),
            positives: index([0, 1, 1]),
            negatives: { ...index(negatives), shape: [3, negatives.length / 3] },
            ...{ values: null, draw: 0 },
          };
          const terms = built.loss(tape, parameters, batch, ({ positives }) => positives);
          const [penalty] = await readFloats(device, terms.at(-1)!.value);
          const ofPairs = 2 * 5 + 1.25 + 9.0625 + 2 * 8;
          assertClose([penalty!], [(0.3 / 2 / 3) * (ofPairs + ofNegatives)], 1e-6);
        }));
    }
  });
}
