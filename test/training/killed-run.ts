/** A training run in a process of its own, for `kill.test.ts`: prints a hash of the model when done. */

import { createHash } from "node:crypto";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { findModel } from "../../src/models/registry.ts";
import { fitModel } from "../../src/training/fit.ts";
import { splitOf, tasteWorld, trainingContext } from "../models/small-world.ts";

const [name = "lightgcn", directory = "", threads = "1"] = process.argv.slice(2);
const world = tasteWorld(200, 120, 20);
const model = findModel(name);
const settings: Readonly<Record<string, Hyperparameters>> = {
  lightgcn: { epochs: 40, batchSize: 32, width: 8, decayEpochs: 30 },
  neumf: { epochs: 15, batchSize: 64, width: 4, layers: 2, pretrain: true, pretrainEpochs: 10 },
};
const hyperparameters = model.hyperparameters.parse({
  ...settings[name],
  evaluateEvery: 2,
  patience: 0,
});
process.stdout.write("started\n");
const { recommender, curve } = await fitModel(
  model,
  hyperparameters,
  trainingContext(world, splitOf(world, true), {
    threads: Number(threads),
    checkpoint: directory ? { directory, everyEpochs: 1 } : null,
    resume: true,
  }),
);
const hash = createHash("sha256");
for (const { data } of Object.values(recommender.save())) hash.update(data);
for (const { epoch, loss } of curve) hash.update(`${epoch} ${loss}`);
process.stdout.write(`model ${hash.digest("hex")}\n`);
