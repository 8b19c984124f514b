/**
 * LightGCN on MovieLens 100K: the published row (random 80/20, Recall@20 .3535,
 * Precision@20 .2397) under both readings of it, the layer sweep, and the
 * normalisations of the paper's ablation. Prints Markdown tables.
 *
 *   LUMIERE_DATA=… node recipes/ml-100k.ts [published] [layers] [normalisations] [--seeds 5] [--threads 2]
 *
 * Validation, a tenth of train, picks the epoch; then the model is trained again
 * on all of train for as many epochs (`refit`). The hyperparameters were picked on
 * validation parts too, at seed 1. The test part is looked at once, at the end.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { runExperiment } from "../src/experiment.ts";

const settings = {
  width: 64,
  learningRate: 0.005,
  batchSize: 4096,
  l2: 0.001,
  epochs: 400,
  evaluateEvery: 5,
  patience: 6,
  refit: true,
};

const shown = ["recall@20", "precision@20", "ndcg@20"] as const;

interface Row {
  readonly label: string;
  readonly minRating?: number;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
}

const published: Row[] = [
  { label: "ratings ≥ 3 are positives", minRating: 3, hyperparameters: settings },
  { label: "all ratings are positives", hyperparameters: settings },
];

const layers: Row[] = [1, 2, 3, 4].map((count) => ({
  label: `K = ${count}, uniform`,
  minRating: 3,
  hyperparameters: { ...settings, layers: count },
}));

const normalisations: Row[] = [
  ...["symmetric", "left", "right", "l1", "l1-left", "l1-right"].map((normalisation) => ({
    label: normalisation,
    minRating: 3,
    hyperparameters: { ...settings, normalisation },
  })),
  {
    label: "symmetric, last layer alone (single)",
    minRating: 3,
    hyperparameters: { ...settings, layerWeights: "last" },
  },
  {
    label: "symmetric, learned layer weights",
    minRating: 3,
    hyperparameters: { ...settings, layerWeights: "learned" },
  },
];

const tables: Readonly<Record<string, readonly Row[]>> = { published, layers, normalisations };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "5" },
    threads: { type: "string", default: String(availableParallelism()) },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, at) => at + 1);

for (const name of positionals.length > 0 ? positionals : Object.keys(tables)) {
  const rows = tables[name];
  if (!rows) throw new Error(`no table is called ${name}; there are ${Object.keys(tables)}`);
  console.log(`\n${name}, mean of ${seeds.length} seeds\n`);
  console.log(`| | ${shown.join(" | ")} | epochs | seconds |`);
  console.log(`|---|${"---|".repeat(shown.length + 2)}`);
  for (const { label, minRating, hyperparameters } of rows)
    console.log(await line(label, minRating, hyperparameters));
}
process.exit(0);

async function line(
  label: string,
  minRating: number | undefined,
  hyperparameters: Readonly<Record<string, unknown>>,
): Promise<string> {
  const sums = new Map<string, number[]>();
  const epochs: number[] = [];
  let seconds = 0;
  for (const seed of seeds) {
    const { report } = await runExperiment({
      data: { data: "ml-100k", ...(minRating !== undefined && { minRating }) },
      split: "random:0.8",
      validation: 0.1,
      model: "lightgcn",
      hyperparameters,
      evaluation: { ks: [20], intervals: false },
      threads: Number(values.threads),
      seed,
    });
    for (const metric of shown) {
      sums.set(metric, [...(sums.get(metric) ?? []), report.metrics![metric]!]);
    }
    epochs.push(report.bestEpoch!);
    seconds += report.seconds.total!;
    console.error(`${label}, seed ${seed}: ${shown.map((m) => report.metrics![m]!.toFixed(4))}`);
  }
  const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b) / numbers.length;
  const cells = shown.map((metric) => {
    const found = sums.get(metric)!;
    const spread = Math.sqrt(mean(found.map((value) => (value - mean(found)) ** 2)));
    return mean(found).toFixed(4) + (found.length > 1 ? ` ± ${spread.toFixed(4)}` : "");
  });
  return `| ${label} | ${cells.join(" | ")} | ${epochs.join(", ")} | ${seconds.toFixed(0)} |`;
}
