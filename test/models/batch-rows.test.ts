/** Tables of which a model says that a step reaches the batch's rows alone. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import type { PairDefinition } from "../../src/models/gradient.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { models } from "../../src/models/registry.ts";
import { lossNames } from "../../src/models/training-schema.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { quickSettings } from "./quick-settings.ts";
import { tasteWorld } from "./small-world.ts";

const world = tasteWorld(24, 20, 5);
const graph = buildGraph(world.interactions, world.users.size, world.items.size);

/** The same model without saying so. */
function reachingAll(definition: PairDefinition): PairDefinition {
  return {
    ...definition,
    parameters: (hyperparameters, data) =>
      Object.fromEntries(
        Object.entries(definition.parameters(hyperparameters, data)).map(
          ([name, { rows: _, ...parameter }]) => [name, parameter],
        ),
      ),
  };
}

async function trained(definition: PairDefinition, settings: Hyperparameters) {
  const device = await createCpuDevice({ threads: 1, blas: null });
  try {
    const trainer = new Trainer(definition, settings, { ...world, graph }, device, 1);
    for (let batch = 0; batch < 4; batch++) trainer.step(1, batch);
    return await trainer.values();
  } finally {
    await device.close();
  }
}

for (const model of models) {
  if (model.kind !== "gradient" || model.batches !== "pairs") continue;
  const { parameters, hyperparameters: schema } = model;
  const settingsOf = (more: object) =>
    schema.parse({
      ...quickSettings[model.name],
      // Few enough that most rows rest.
      ...{ batchSize: 2, negativeCount: 2, pretrain: undefined, ...more },
    });
  const declared = Object.values(parameters(settingsOf({}), { ...world, graph }));
  if (!declared.some(({ rows }) => rows)) continue;
  describe(`${model.name}, the batch's rows alone`, () => {
    const cases = ["adam", "sgd", "adagrad"].flatMap((optimiser) =>
      // 22 negatives are more than there are items, which are then listed.
      [2, 11].map((negativeCount) => ({ optimiser, negativeCount })),
    );
    for (const { optimiser, negativeCount } of cases) {
      it(`are all that a step reaches, whatever the loss: ${optimiser}, ${negativeCount} negatives`, async () => {
        for (const loss of lossNames) {
          const settings = settingsOf({ loss, optimiser, negativeCount, learningRate: 0.05 });
          assert.deepEqual(
            await trained(model, settings),
            await trained(reachingAll(model), settings),
            loss,
          );
        }
      });
    }
  });
}
