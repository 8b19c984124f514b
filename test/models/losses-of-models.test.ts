/** Every model that leaves the choice of its loss open, with every loss that it accepts. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { rowsByUser } from "../../src/data/interactions.ts";
import { rank } from "../../src/models/rank.ts";
import { models } from "../../src/models/registry.ts";
import { lossNames, lossSchema, samplingSchema } from "../../src/models/training-schema.ts";
import { type FitResult, fitModel } from "../../src/training/fit.ts";
import { quickSettings } from "./quick-settings.ts";
import { checkerboard, splitOf, tasteWorld, trainingContext } from "./small-world.ts";

const names = z.object({ enum: z.array(lossSchema.shape.loss.unwrap()) });

/** Losses that a model's schema accepts; none where it has no choice. */
function lossesOf({ hyperparameters }: (typeof models)[number]) {
  const { properties = {} } = z.toJSONSchema(hyperparameters, { io: "input" });
  return names.safeParse(properties.loss).data?.enum ?? [];
}

/** Where a positive's score is judged by itself, other people's positives are no negatives. */
const judgesAlone = ["bce", "squared"];
const negativeKinds = samplingSchema.shape.negatives.unwrap().options;
const world = tasteWorld(24, 20, 5);
const everything = trainingContext(world, splitOf(world));
const board = checkerboard(16);
/** Models whose sixty epochs take long even here; their losses are the same code as the others'. */
const slow = ["simgcl", "xsimgcl"];

for (const model of models) {
  if (model.kind !== "gradient" || model.batches !== "pairs") continue;
  describe(`${model.name} with every loss`, () => {
    for (const negatives of negativeKinds) {
      it(`and ${negatives} negatives: finite, and falling`, async () => {
        for (const loss of lossNames) {
          const settings = model.hyperparameters.parse({
            ...quickSettings[model.name],
            ...{ epochs: 6, batchSize: 32, negativeCount: 4, pretrain: undefined },
            ...{ loss, negatives },
          });
          const fit = (): Promise<FitResult> => fitModel(model, settings, everything);
          const refused =
            (negatives === "in-batch" && judgesAlone.includes(loss)) ||
            (model.name === "ultragcn" && negatives === "hard" && loss === "bce");
          if (refused) {
            await assert.rejects(fit, { name: "BadInputError", code: "loss" });
            continue;
          }
          const { curve, recommender } = await fit();
          const [first, ...later] = curve.map((epoch) => epoch.loss);
          assert.ok(
            curve.every((epoch) => Number.isFinite(epoch.loss)) && later.at(-1)! < first!,
            `${loss}: ${first} … ${later.at(-1)}`,
          );
          const scores = await recommender.scoreUsers(Int32Array.of(0, 23));
          assert.ok(scores.every(Number.isFinite), loss);
        }
      });
    }
  });
}

for (const model of models) {
  const losses = lossesOf(model);
  if (losses.length === 0) continue;
  describe(`losses of ${model.name}`, () => {
    for (const loss of losses) {
      const settings = (more: object) =>
        model.hyperparameters.parse({ ...quickSettings[model.name], loss, ...more });

      if (!slow.includes(model.name)) {
        it(`${loss} learns a checkerboard, for all but two users at least`, async () => {
          const context = trainingContext(board.dataset, splitOf(board.dataset));
          const { recommender } = await fitModel(model, settings({}), context);
          const seen = rowsByUser(board.dataset.interactions, 16);
          const users = Int32Array.from(board.missing.keys());
          const { items } = await rank(recommender, { users }, 1, seen);
          const found = items.filter((item, user) => item === board.missing[user]).length;
          assert.ok(found >= 14, `${found} of 16`);
        });
      }
    }
  });
}
