/** Every model that leaves the choice of its loss open, with every loss that it accepts. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { rowsByUser } from "../../src/data/interactions.ts";
import { rank } from "../../src/models/rank.ts";
import { models } from "../../src/models/registry.ts";
import { lossSchema } from "../../src/models/training-schema.ts";
import { fitModel } from "../../src/training/fit.ts";
import { quickSettings } from "./quick-settings.ts";
import { checkerboard, splitOf, tasteWorld, trainingContext } from "./small-world.ts";

const names = z.object({ enum: z.array(lossSchema.shape.loss.unwrap()) });

/** Losses that a model's schema accepts; none where it has no choice. */
function lossesOf({ hyperparameters }: (typeof models)[number]) {
  const { properties = {} } = z.toJSONSchema(hyperparameters, { io: "input" });
  return names.safeParse(properties.loss).data?.enum ?? [];
}

const world = tasteWorld(60, 48, 9);
const board = checkerboard(16);
/** Models whose sixty epochs take long even here; their losses are the same code as the others'. */
const slow = ["simgcl", "xsimgcl"];

for (const model of models) {
  const losses = lossesOf(model);
  if (losses.length === 0) continue;
  describe(`losses of ${model.name}`, () => {
    for (const loss of losses) {
      const settings = (more: object) =>
        model.hyperparameters.parse({ ...quickSettings[model.name], loss, ...more });

      it(`${loss} trains, with drawn negatives and with the batch's own`, async () => {
        const inBatch = model.hyperparameters.safeParse({ loss, negatives: "in-batch" }).success;
        const judgesAlone = loss === "bce" || loss === "squared";
        for (const negatives of inBatch && !judgesAlone ? ["uniform", "in-batch"] : ["uniform"]) {
          const context = trainingContext(world, splitOf(world));
          const { curve, recommender } = await fitModel(
            model,
            settings({ epochs: 1, negatives }),
            context,
          );
          assert.ok(Number.isFinite(curve[0]!.loss), `loss ${curve[0]!.loss}`);
          const scores = await recommender.scoreUsers(Int32Array.of(0, 59));
          assert.ok(scores.every(Number.isFinite));
        }
      });

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
