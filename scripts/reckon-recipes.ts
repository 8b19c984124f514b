/**
 * How long the rows of recipes would take that nobody has run: a few training steps are timed, and
 * what a whole run takes is reckoned from them.
 *
 *   hours = seconds a step × steps an epoch × epochs / 3600
 *
 * Seconds are of the processor, on one thread, so that other programs count less; validations, the
 * second training of `refit` and early stopping are left out: the epochs are the most there may be.
 *
 *   node scripts/reckon-recipes.ts gowalla-bpr yelp2018-lightgcn-layers --row "K = 3" --seconds 10
 */

import { parseArgs } from "node:util";
import { silent } from "../src/base/progress.ts";
import { quietContext } from "../src/data/context.ts";
import { loadDataset } from "../src/data/load.ts";
import { parseSplit } from "../src/data/split-language.ts";
import { splitDataset } from "../src/data/splits.ts";
import { createCpuDevice } from "../src/engine/cpu/device.ts";
import {
  chooseRecipes,
  chooseRows,
  loadRecipes,
  rowExperiment,
} from "../src/experiment/recipe/recipe.ts";
import { buildGraph } from "../src/graph/bipartite.ts";
import { trainingSchema } from "../src/models/training-schema.ts";
import { prepare } from "../src/training/preparation.ts";
import { Trainer } from "../src/training/trainer.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "10" },
    row: { type: "string", multiple: true, default: [] },
  },
});

const recipes = chooseRecipes(loadRecipes(), positionals);
const rows = chooseRows(recipes, values.row);

for (const recipe of recipes) {
  for (const row of recipe.rows) {
    if (!rows.includes(row) || row.blend) continue;
    const { experiment, definition, hyperparameters } = rowExperiment(recipe, row, 1);
    if (definition.kind !== "gradient") continue;
    const dataset = await loadDataset(experiment.data, quietContext);
    const { validation } = experiment;
    const split = await splitDataset(dataset, parseSplit(experiment.split), {
      seed: 1,
      validation,
    });
    const { users, items, itemFeatures, userFeatures } = dataset;
    const graph = buildGraph(split.train, users.size, items.size);
    const data = { graph, itemFeatures, userFeatures };
    const device = await createCpuDevice({ threads: 1 });
    const work = { device, progress: silent, signal: new AbortController().signal };
    const prepared = await prepare(definition, hyperparameters, data, work);
    const trainer = new Trainer(definition, hyperparameters, data, device, 1, prepared);
    const batches = trainer.batchesPerEpoch;
    trainer.step(1, 0);
    const begin = process.cpuUsage();
    const seconds = () => {
      const { user, system } = process.cpuUsage(begin);
      return (user + system) / 1e6;
    };
    let steps = 0;
    while (steps < 2 || seconds() < Number(values.seconds)) {
      steps++;
      trainer.step(1 + Math.floor(steps / batches), steps % batches);
    }
    const step = seconds() / steps;
    await device.close();
    const { epochs } = trainingSchema.parse(hyperparameters);
    const hours = (step * batches * epochs) / 3600;
    console.log(
      `${recipe.name} | ${row.label} | ${(1000 * step).toFixed(0)} ms × ${batches} × ${epochs} = ${hours.toFixed(1)} h (${steps} steps timed)`,
    );
  }
}
