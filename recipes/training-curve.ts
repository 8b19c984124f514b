/**
 * A gradient model on a dataset with shipped train and test files: the loss of every epoch and the
 * curve on the test file, until the time is over. The curve shows where training is heading; no epoch is
 * picked from it, unless the file is a part of train (`late-validation.ts`). Without `--data` it is Gowalla,
 * and without `--set` LightGCN with the official code's settings (K = 3, d = 64, Adam 1e-3,
 * λ = 1e-4, B = 2048, users drawn uniformly, as many triples an epoch as there are
 * interactions), and what that code logs stands beside the curve.
 *
 *   LUMIERE_DATA=… node recipes/training-curve.ts [--data gowalla] [--model lightgcn] [--set key=value]… [--minutes 60]
 *     [--epochs 1000] [--every 5] [--threads 2]
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { BadInputError } from "../src/base/errors.ts";
import { silent } from "../src/base/progress.ts";
import { loadDataset } from "../src/data/load.ts";
import { dataOptionsSchema } from "../src/data/options.ts";
import { parseSplit } from "../src/data/split-language.ts";
import { splitDataset } from "../src/data/splits.ts";
import { createCpuDevice } from "../src/engine/cpu/device.ts";
import { Evaluator } from "../src/evaluation/evaluate.ts";
import { settingsFromText } from "../src/experiment/settings.ts";
import { buildGraph } from "../src/graph/bipartite.ts";
import { findModel } from "../src/models/registry.ts";
import { prepare } from "../src/training/preparation.ts";
import { Trainer } from "../src/training/trainer.ts";

/** From the log in the official PyTorch repository's README. */
const official = new Map([
  [5, { loss: 0.1128, recall: 0.1071, ndcg: 0.0894 }],
  [116, { loss: 0.02056, recall: Number.NaN, ndcg: Number.NaN }],
]);

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "gowalla" },
    model: { type: "string", default: "lightgcn" },
    minutes: { type: "string", default: "60" },
    epochs: { type: "string", default: "1000" },
    every: { type: "string", default: "5" },
    threads: { type: "string", default: String(availableParallelism()) },
    set: { type: "string", multiple: true, default: [] },
  },
});
const isPlain = values.model === "lightgcn" && values.set.length === 0;
const isOfficial = isPlain && values.data === "gowalla";
const assignments = isPlain ? ["positives=user"] : values.set;
const references = isOfficial ? official : new Map<number, never>();

const model = findModel(values.model);
if (model.kind !== "gradient") {
  throw new BadInputError("no-epochs", `${model.name} is not trained in epochs and has no curve`);
}

const dataset = await loadDataset(dataOptionsSchema.parse({ data: values.data }), {
  progress: silent,
  notice: (line) => console.error(line),
});
const split = await splitDataset(dataset, parseSplit("file:official"), { seed: 1, validation: 0 });
const graph = buildGraph(split.train, dataset.users.size, dataset.items.size);
const device = await createCpuDevice({ threads: Number(values.threads) });
const hyperparameters = model.hyperparameters.parse(
  settingsFromText(model.hyperparameters, assignments, "--set"),
);
const data = { ...dataset, graph };
const { signal } = new AbortController();
const work = { device, progress: silent, signal };
const prepared = await prepare(model, hyperparameters, data, work);
const trainer = new Trainer(model, hyperparameters, data, device, 1, prepared);
const evaluator = new Evaluator(split.test!, { seen: [split.train], ks: [20], device });

console.log(`${device.name}, ${trainer.batchesPerEpoch} steps an epoch\n`);
console.log("| epoch | loss | Recall@20 | NDCG@20 | minutes | official |");
console.log("|---|---|---|---|---|---|");
const end = performance.now() + Number(values.minutes) * 60_000;
let trained = 0;
const epochs = Number(values.epochs);
for (let epoch = 1, isOver = false; !isOver; epoch++) {
  const started = performance.now();
  for (let batch = 0; batch < trainer.batchesPerEpoch; batch++) trainer.step(epoch, batch);
  const loss = await trainer.takeEpochLoss();
  trained += performance.now() - started;
  const reference = references.get(epoch);
  isOver = epoch >= epochs || performance.now() >= end;
  if (epoch > 1 && epoch % Number(values.every) !== 0 && !reference && !isOver) continue;
  const { metrics } = await evaluator.evaluate(await trainer.recommender());
  const cells = [
    epoch,
    loss.toFixed(4),
    metrics["recall@20"]!.toFixed(4),
    metrics["ndcg@20"]!.toFixed(4),
    (trained / 60_000).toFixed(1),
    reference
      ? `loss ${reference.loss}` +
        (reference.recall > 0 ? `, ${reference.recall} / ${reference.ndcg}` : "")
      : "",
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
await device.close();
