import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { idleSettings } from "../../src/experiment/idle-settings.ts";
import { loadRecipes, rowExperiment } from "../../src/experiment/recipe/recipe.ts";
import { findModel, runExperiment, type SearchRange, tuneModel } from "../../src/index.ts";
import { mattersWith } from "../../src/models/search-range.ts";

const schema = z.object({
  loss: z.enum(["bpr", "ssm", "bsl"]).default("bpr"),
  negatives: z.enum(["uniform", "in-batch"]).default("uniform"),
  temperature: z
    .number()
    .meta(mattersWith({ loss: ["ssm", "bsl"] }))
    .default(0.1)
    .describe("τ"),
  pool: z
    .number()
    .meta(mattersWith({ loss: ["bsl"], negatives: ["uniform"], elsewhere: [true] }))
    .default(8),
});
const idle = (given: object) => idleSettings(schema, schema.parse(given));

test("a setting that another leaves without effect is named with what it needs", () => {
  assert.deepEqual(idle({ temperature: 0.2 }), [
    "temperature=0.2 has no effect with loss=bpr: it matters only with loss=ssm or bsl",
  ]);
  assert.deepEqual(idle({ pool: 9, loss: "ssm", negatives: "in-batch" }), [
    "pool=9 has no effect with loss=ssm, negatives=in-batch: it matters only with loss=bsl, and negatives=uniform",
  ]);
});

test("a default, and a setting that matters, are no news", () => {
  assert.deepEqual(idle({}), []);
  assert.deepEqual(idle({ temperature: 0.1 }), []);
  assert.deepEqual(idle({ temperature: 0.2, pool: 9, loss: "bsl" }), []);
  // The loss is searched.
  assert.deepEqual(idleSettings(schema, { temperature: 0.2, negatives: "uniform" }), []);
});

test("no recipe has an idle setting", () => {
  for (const recipe of loadRecipes()) {
    for (const row of recipe.rows) {
      const { definition, hyperparameters } = rowExperiment(recipe, row, 1);
      assert.deepEqual(
        idleSettings(definition.hyperparameters, hyperparameters),
        [],
        `${recipe.name}, ${row.label}`,
      );
    }
  }
});

test("draws, weights and parts of a loss that is not there are named", () => {
  const named = (model: string, given: object) => {
    const { hyperparameters } = findModel(model);
    return idleSettings(hyperparameters, hyperparameters.parse(given)).map(
      (text) => text.split("=")[0],
    );
  };
  assert.deepEqual(named("bpr", { loss: "multinomial", negatives: "rp3", negativeCount: 4 }), [
    "negatives",
    "negativeCount",
  ]);
  const inBatch = { loss: "ssm", negatives: "in-batch", negativeCount: 7, positiveSide: "user" };
  assert.deepEqual(named("lightgcn", inBatch), ["negativeCount", "positiveSide"]);
  assert.deepEqual(named("item-knn", { bm25Length: 0.5 }), ["bm25Length"]);
  assert.deepEqual(named("mult-vae", { confidence: 5 }), ["confidence"]);
  const bases = { positiveBase: 3, negativeBase: 4 };
  const drawn = { negatives: "popularity", negativeCount: 20 };
  assert.deepEqual(named("ultragcn", { loss: "multinomial", ...bases, ...drawn }), [
    "positiveBase",
    "negativeBase",
  ]);
  assert.deepEqual(named("ultragcn", { ...bases, ...drawn }), []);
});

const sentence = "margin=2 has no effect with loss=bpr: it matters only with loss=max-margin";
const shared = { data: "synthetic", model: "bpr" };
const hyperparameters = { margin: 2, epochs: 1, evaluateEvery: 1, width: 4 };

test("a run says so before it trains", async () => {
  const notices: string[] = [];
  await runExperiment({ ...shared, hyperparameters }, { notice: (text) => notices.push(text) });
  assert.deepEqual(notices, [sentence]);
});

test("a search says it where no trial can need the setting", async () => {
  const notices: string[] = [];
  const search = (space: Record<string, SearchRange>) =>
    tuneModel(
      { ...shared, hyperparameters, space, trials: 1, method: "random" },
      { notice: (text) => notices.push(text) },
    );
  await search({});
  assert.deepEqual(notices, [sentence]);
  await search({ loss: { choices: ["bpr", "max-margin"] } });
  assert.deepEqual(notices, [sentence]);
});
