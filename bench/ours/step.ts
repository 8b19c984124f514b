/**
 * Lumière's LightGCN training step, through the same trainer that `lumiere train`
 * uses; drawing the triples is part of each step, as it is there.
 *
 * Usage: node bench/ours/step.ts FOLDER [--threads 2] [--seconds 5] [--layers 3] [--wide]
 * Prints one line of JSON.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { createOptimiser } from "../../src/engine/optimisers.ts";
import { Tape } from "../../src/engine/tape.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";
import { Propagation } from "../../src/graph/propagation.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { lossSchema, samplingSchema, trainingSchema } from "../../src/models/training-schema.ts";
import { createCriterion } from "../../src/training/losses.ts";
import { PairSampler } from "../../src/training/sampling.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { batchSize, checkBatches, width } from "../data.ts";
import { median, spreadOf } from "../rounds.ts";
import { type Neutral, peakMebibytes, readFlags, readNeutral } from "./neutral.ts";

/** Untimed steps, for at least this long, so that all kernels run in the optimising compiler's code. */
const warmUpSteps = 8;
const warmUpMilliseconds = 1000;
const seed = 1;

/** Takes the steps of the check from the given weights and on the given triples. */
async function checkLosses(
  device: Device,
  graph: BipartiteGraph,
  neutral: Neutral,
  hyperparameters: Hyperparameters,
): Promise<number[]> {
  const mark = device.mark();
  const { learningRate } = trainingSchema.parse(hyperparameters);
  const shape = [graph.nodeCount, width];
  const embedding = {
    value: device.upload(shape, neutral.initial),
    gradient: device.allocate(shape),
  };
  const parameters = { embedding };
  const optimiser = createOptimiser("adam", device, parameters, { learningRate });
  const model = lightgcn.build(hyperparameters, { ...dataOf(graph), device, batchSize, seed });
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
    const terms = model.loss(
      tape,
      tape.parameters,
      { ...drawn, values: null, draw: batch },
      criterion,
    );
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

function dataOf(graph: BipartiteGraph) {
  return { graph, itemFeatures: {}, userFeatures: {} };
}

function timePropagation(device: Device, graph: BipartiteGraph, layers: number): number {
  const mark = device.mark();
  const propagation = new Propagation(device, graph, "symmetric", width);
  const x = device.allocate([graph.nodeCount, width]);
  const out = device.allocate([graph.nodeCount, width]);
  device.kernels.fill(x, 0.1);
  const weights = Array.from({ length: layers + 1 }, () => 1 / (layers + 1));
  const taken = Array.from({ length: 15 }, () =>
    milliseconds(() => propagation.forward(weights, out, x, null)),
  );
  device.release(mark);
  return median(taken);
}

function milliseconds(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

const { folder, threads, seconds, layers, wide } = readFlags();
const neutral = readNeutral(folder);
const graph = buildGraph(neutral.train, neutral.userCount, neutral.itemCount);
const hyperparameters = lightgcn.hyperparameters.parse({ width, layers, batchSize });
const device = await createCpuDevice({ threads, wide });
const losses = await checkLosses(device, graph, neutral, hyperparameters);

const samplerMark = device.mark();
const sampler = new PairSampler(device, graph, {
  seed,
  positives: "interaction",
  negativeCount: 1,
  ratings: false,
  popularityExponent: null,
  candidates: null,
});
const stepsPerEpoch = Math.floor(sampler.epochLength / batchSize);
const samplingMilliseconds = milliseconds(() => {
  for (let batch = 0; batch < stepsPerEpoch; batch++) {
    const mark = device.mark();
    sampler.batch(0, batch * batchSize, batchSize);
    device.release(mark);
  }
});
device.release(samplerMark);

const trainer = new Trainer(lightgcn, hyperparameters, dataOf(graph), device, seed);
let warmed = 0;
for (let batch = 0; batch < warmUpSteps || warmed < warmUpMilliseconds; batch++) {
  warmed += milliseconds(() => trainer.step(0, batch % stepsPerEpoch));
}
const taken: number[] = [];
let sum = 0;
while (taken.length < stepsPerEpoch && (sum < seconds * 1000 || taken.length < 5)) {
  const step = milliseconds(() => trainer.step(1, taken.length));
  taken.push(step);
  sum += step;
}
await trainer.takeEpochLoss();
const propagateMs = timePropagation(device, graph, layers);
await device.close();
console.log(
  JSON.stringify({
    device: device.name,
    threads,
    batch: batchSize,
    width,
    layers,
    stepsPerEpoch,
    steps: taken.length,
    stepMs: spreadOf(taken),
    propagateMs,
    samplingSeconds: samplingMilliseconds / 1000,
    epochSeconds: ((sum / taken.length) * stepsPerEpoch) / 1000,
    epochMeasured: taken.length === stepsPerEpoch,
    checkLosses: losses,
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
