/**
 * Lumière's training step of NGCF or GAT, through the same trainer that `lumiere
 * train` uses; drawing the triples is part of each step, as it is there.
 *
 * Usage: node bench/ours/network.ts FOLDER --model ngcf [--threads 2] [--seconds 5]
 * Prints one line of JSON.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { createOptimiser } from "../../src/engine/optimisers.ts";
import { Tape } from "../../src/engine/tape.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { gat } from "../../src/models/gat.ts";
import type { PairDefinition, TrainingData } from "../../src/models/gradient.ts";
import { ngcf } from "../../src/models/ngcf.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { lossSchema, samplingSchema, trainingSchema } from "../../src/models/training-schema.ts";
import { createCriterion } from "../../src/training/losses.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { batchSize, checkBatches, width } from "../data.ts";
import { sineWeights } from "../network-weights.ts";
import { spreadOf } from "../rounds.ts";
import { type Neutral, peakMebibytes, readNeutral } from "./neutral.ts";

/** Untimed steps, for at least this long, so that all kernels run in the optimising compiler's code. */
const warmUpSteps = 5;
const warmUpMilliseconds = 1000;
const seed = 1;

/** What the peers have too: no dropout, one negative. */
const settings: Readonly<Record<string, Hyperparameters>> = {
  ngcf: { width, layers: 3, batchSize, nodeDropout: 0, messageDropout: 0 },
  gat: { width, layers: 2, hidden: 128, heads: 4, inputs: "ids", batchSize, negativeCount: 1 },
};

/** Numbers of the parameters by which the sine weights differ, and their deviation. */
const weightKeys: Readonly<Record<string, readonly [key: number, deviation: number]>> = {
  input: [0, 0.1],
  ...Object.fromEntries(
    [0, 1, 2].flatMap((k): [string, [number, number]][] => [
      [`w1.${k}`, [2 * k + 1, 0.1]],
      [`w2.${k}`, [2 * k + 2, 0.1]],
      [`w.${k}`, [2 * k + 1, 0.1]],
      [`a.${k}`, [2 * k + 2, 0.3]],
    ]),
  ),
};

/** Takes the steps of the check from the given weights and on the given triples. */
async function checkLosses(
  device: Device,
  definition: PairDefinition,
  hyperparameters: Hyperparameters,
  data: TrainingData,
  neutral: Neutral,
): Promise<number[]> {
  const mark = device.mark();
  const { learningRate } = trainingSchema.parse(hyperparameters);
  const parameters = Object.fromEntries(
    Object.entries(definition.parameters(hyperparameters, data)).map(([name, { shape }]) => {
      const [key, deviation] = weightKeys[name] ?? [0, 0];
      const [rows = 1, columns = 1] = shape;
      const values =
        name === "embedding" ? neutral.initial : sineWeights(key, rows, columns, deviation);
      return [name, { value: device.upload(shape, values), gradient: device.allocate(shape) }];
    }),
  );
  const optimiser = createOptimiser("adam", device, parameters, { learningRate });
  const model = definition.build(hyperparameters, { ...data, device, batchSize, seed });
  const criterion = createCriterion(
    lossSchema.parse(hyperparameters),
    samplingSchema.parse(hyperparameters),
  );
  const losses: number[] = [];
  for (let batch = 0; batch < checkBatches; batch++) {
    const part = (column: Int32Array) =>
      device.upload([batchSize], column.subarray(batch * batchSize, (batch + 1) * batchSize));
    const stepMark = device.mark();
    const tape = new Tape(device, parameters);
    const drawn = {
      users: part(neutral.check.users),
      positives: part(neutral.check.positives),
      negatives: { ...part(neutral.check.negatives), shape: [batchSize, 1] },
    };
    const pairs = { ...drawn, values: null, draw: batch };
    const terms = model.loss(tape, tape.parameters, pairs, criterion);
    tape.backward(terms);
    optimiser.update();
    let loss = 0;
    for (const { value } of terms) loss += (await readFloats(device, value))[0]!;
    losses.push(loss);
    model.endStep?.();
    device.release(stepMark);
  }
  device.release(mark);
  return losses;
}

function milliseconds(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string", default: "ngcf" },
    threads: { type: "string", default: "2" },
    seconds: { type: "string", default: "5" },
  },
});
const definition = [ngcf, gat].find(({ name }) => name === values.model);
const [folder] = positionals;
if (!definition || !folder) throw new Error("usage: FOLDER --model ngcf|gat");
const neutral = readNeutral(folder);
const graph = buildGraph(neutral.train, neutral.userCount, neutral.itemCount);
const data: TrainingData = { graph, itemFeatures: {}, userFeatures: {} };
const hyperparameters = definition.hyperparameters.parse(settings[definition.name]);
const device = await createCpuDevice({ threads: Number(values.threads) });
const losses = await checkLosses(device, definition, hyperparameters, data, neutral);

const trainer = new Trainer(definition, hyperparameters, data, device, seed);
// The last batch of an epoch is a short one.
const fullSteps = Math.max(1, trainer.batchesPerEpoch - 1);
let warmed = 0;
for (let batch = 0; batch < warmUpSteps || warmed < warmUpMilliseconds; batch++) {
  warmed += milliseconds(() => trainer.step(0, batch % fullSteps));
}
const taken: number[] = [];
let sum = 0;
while (taken.length < fullSteps && (sum < Number(values.seconds) * 1000 || taken.length < 3)) {
  const step = milliseconds(() => trainer.step(1, taken.length));
  taken.push(step);
  sum += step;
}
await trainer.takeEpochLoss();
await device.close();
console.log(
  JSON.stringify({
    device: device.name,
    threads: Number(values.threads),
    batch: batchSize,
    steps: taken.length,
    stepMs: spreadOf(taken),
    epochSeconds: ((sum / taken.length) * neutral.train.users.length) / batchSize / 1000,
    epochMeasured: false,
    checkLosses: losses,
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
