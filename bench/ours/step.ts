/**
 * Lumière's training step of LightGCN, NGCF or GAT, through the same trainer that `lumiere
 * train` uses; drawing the triples is part of each step, as it is there.
 *
 * Usage: node bench/ours/step.ts FOLDER [--model lightgcn] [--threads 2] [--seconds 5] [--messages bfloat16]
 * Prints one line of JSON.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import type { Device } from "../../src/engine/device.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";
import { type MessageType, messageTypes, Propagation } from "../../src/graph/propagation.ts";
import { gat } from "../../src/models/gat.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { ngcf } from "../../src/models/ngcf.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { PairSampler } from "../../src/training/sampling.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { batchSize, width } from "../data.ts";
import { median, spreadOf } from "../rounds.ts";
import { checkLosses } from "./check-losses.ts";
import { peakMebibytes, readFlags, readNeutral } from "./neutral.ts";

/** Untimed steps, for at least this long, so that all kernels run in the optimising compiler's code. */
const warmUpSteps = 8;
const warmUpMilliseconds = 1000;
const seed = 1;
/** How far the losses of the check may be from float32's where messages are in bfloat16. */
const rounded = {
  checkTolerance: 1e-4,
  note:
    "the rows that layers gather are in bfloat16, each number off by at most 2⁻⁸ of itself; " +
    "its losses were compared to 10⁻⁴",
};
const layers = 3;

/** What the peers have too: no dropout, one negative. */
const settings: Readonly<Record<string, Hyperparameters>> = {
  lightgcn: { width, layers, batchSize },
  ngcf: {
    ...{ width, layers, batchSize, nodeDropout: 0, messageDropout: 0 },
    // As `ngcf_pyg.py` has them.
    ...{ learningRate: 1e-4, l2: 1e-5 },
  },
  gat: { width, layers: 2, hidden: 128, heads: 4, inputs: "ids", batchSize, negativeCount: 1 },
};

function milliseconds(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

/** All triples of an epoch, without a step. */
function timeSampling(device: Device, graph: BipartiteGraph, steps: number): number {
  const outer = device.mark();
  const sampler = new PairSampler(device, graph, {
    seed,
    positives: "interaction",
    negativeCount: 1,
    ratings: false,
    popularityExponent: null,
    candidates: null,
  });
  const taken = milliseconds(() => {
    for (let batch = 0; batch < steps; batch++) {
      const mark = device.mark();
      sampler.batch(0, batch * batchSize, batchSize);
      device.release(mark);
    }
  });
  device.release(outer);
  return taken;
}

function timePropagation(device: Device, graph: BipartiteGraph, messages: MessageType): number {
  const mark = device.mark();
  const propagation = new Propagation(device, graph, "symmetric", width, { messages });
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

const flags = readFlags({
  model: "lightgcn",
  messages: "float32",
});
const { folder, threads, seconds } = flags;
const definition = [lightgcn, ngcf, gat].find(({ name }) => name === flags.model);
if (!definition) throw new Error(`--model ${flags.model}: expected lightgcn, ngcf or gat`);
const neutral = readNeutral(folder);
const graph = buildGraph(neutral.train, neutral.userCount, neutral.itemCount);
const data = { graph, itemFeatures: {}, userFeatures: {} };
const messages = messageTypes.find((type) => type === flags.messages);
if (!messages || (messages === "bfloat16" && definition !== lightgcn)) {
  throw new Error(`--messages ${flags.messages}: expected float32, or bfloat16 for lightgcn`);
}
const hyperparameters = definition.hyperparameters.parse({
  ...settings[definition.name],
  ...(definition === lightgcn ? { messages } : {}),
});
const device = await createCpuDevice({ threads });
const losses = await checkLosses(device, definition, hyperparameters, data, neutral);

const stepsPerEpoch = Math.floor(neutral.train.users.length / batchSize);
const sampling = definition === lightgcn ? timeSampling(device, graph, stepsPerEpoch) : null;
const trainer = new Trainer(definition, hyperparameters, data, device, seed);
let warmed = 0;
for (let batch = 0; batch < warmUpSteps || warmed < warmUpMilliseconds; batch++) {
  warmed += milliseconds(() => trainer.step(0, batch % stepsPerEpoch));
}
const taken: number[] = [];
let sum = 0;
while (taken.length < stepsPerEpoch && (sum < seconds * 1000 || taken.length < 3)) {
  const step = milliseconds(() => trainer.step(1, taken.length));
  taken.push(step);
  sum += step;
}
await trainer.takeEpochLoss();
const propagateMs = definition === lightgcn ? timePropagation(device, graph, messages) : undefined;
await device.close();
console.log(
  JSON.stringify({
    device: device.name,
    threads,
    batch: batchSize,
    width,
    stepsPerEpoch,
    steps: taken.length,
    stepMs: spreadOf(taken),
    propagateMs,
    samplingSeconds: sampling === null ? undefined : sampling / 1000,
    epochSeconds: ((sum / taken.length) * stepsPerEpoch) / 1000,
    extrapolated: taken.length < stepsPerEpoch,
    checkLosses: losses,
    ...(messages === "bfloat16" ? rounded : {}),
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
