/**
 * One stage of the scale suite on a generated graph, in a process of its own.
 *
 * Usage: node bench/ours/scale-stage.ts INTERACTIONS --stage training|evaluation [--width 64] [--threads 2] [--seconds 5]
 * Prints one line of JSON (`StageMeasurement`).
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { MemoryError } from "../../src/base/errors.ts";
import { RandomStream } from "../../src/base/random.ts";
import { generateInteractions } from "../../src/data/generate.ts";
import type { Interactions } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { checkMemory } from "../../src/engine/planning.ts";
import { Evaluator } from "../../src/evaluation/evaluate.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { estimateMemory } from "../../src/training/memory.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { batchSize } from "../data.ts";
import { graphOf } from "../ratings-files.ts";
import { median } from "../rounds.ts";
import { peakMebibytes, readFlags } from "./neutral.ts";
import { vectorsOnly } from "./vectors-only.ts";

export interface StageMeasurement {
  /** Of the stage: a training step, or the whole evaluation; absent where it was refused. */
  readonly seconds?: number;
  /** Users who were ranked for. */
  readonly users?: number;
  /** From interactions to the first step. */
  readonly setupSeconds?: number;
  readonly stepsPerEpoch?: number;
  readonly peakBytes?: number;
  /** What the engine's memory holds while it trains. */
  readonly arenaBytes?: number;
  /** Why the engine would not start. */
  readonly refused?: string;
}

const warmUpSteps = 2;
const leastSteps = 3;
const evaluatedUsers = 10_000;
/** By which WebAssembly's memory grows. */
const pageBytes = 2 ** 16;
const seed = 1;

const flags = readFlags({ stage: "training", width: "64" });
const { folder, stage, threads, seconds } = flags;
const width = Number(flags.width);
const sizes = graphOf(Number(folder));
const stages = { training, evaluation };
console.log(JSON.stringify(await stages[stage as keyof typeof stages](generated())));

/** The pairs alone: ratings and times would take 12 bytes more an interaction. */
function generated(): Interactions {
  const [users, items] = [new Int32Array(sizes.interactions), new Int32Array(sizes.interactions)];
  let at = 0;
  for (const block of generateInteractions({ ...sizes, seed })) {
    users.set(block.users, at);
    items.set(block.items, at);
    at += block.users.length;
  }
  return { users, items, values: null, times: null };
}

async function training(interactions: Interactions): Promise<StageMeasurement> {
  const began = performance.now();
  const graph = buildGraph(interactions, sizes.users, sizes.items);
  const data = { graph, itemFeatures: {}, userFeatures: {} };
  const settings = lightgcn.hyperparameters.parse({ width, layers: 3, batchSize });
  const arenaBytes = estimateMemory(lightgcn, settings, data, { threads, seed });
  try {
    checkMemory(arenaBytes);
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error;
    return { arenaBytes, refused: error.message };
  }
  // Whole, as `lumiere train` reserves it; and no more, so that a reckoning that is too low fails here.
  const limitBytes = arenaBytes + pageBytes;
  const device = await createCpuDevice({ threads, initialBytes: arenaBytes, limitBytes });
  const trainer = new Trainer(lightgcn, settings, data, device, seed);
  const setupSeconds = (performance.now() - began) / 1000;
  const taken: number[] = [];
  let [step, timed] = [0, 0];
  while (timed < seconds * 1000 || taken.length < leastSteps) {
    const begin = performance.now();
    trainer.step(1, step % trainer.batchesPerEpoch);
    if (step++ < warmUpSteps) continue;
    taken.push(performance.now() - begin);
    timed += taken.at(-1)!;
  }
  await trainer.takeEpochLoss();
  await device.close();
  return {
    seconds: median(taken) / 1000,
    setupSeconds,
    stepsPerEpoch: trainer.batchesPerEpoch,
    peakBytes: peakMebibytes() * 2 ** 20,
    arenaBytes,
  };
}

/** Everybody's vectors are random; 10,000 users are to find their last item again. */
async function evaluation({ users, items }: Interactions): Promise<StageMeasurement> {
  const random = new RandomStream(seed, "scale vectors");
  const vectors = (rows: number) =>
    Float32Array.from({ length: rows * width }, () => random.uniform() - 0.5);
  const recommender = vectorsOnly({
    width,
    users: vectors(sizes.users),
    items: vectors(sizes.items),
  });
  const every = Math.max(1, Math.floor(sizes.users / evaluatedUsers));
  const held: number[] = [];
  for (let at = 0; at < users.length && held.length < evaluatedUsers; at++) {
    const isLast = users[at] !== users[at + 1];
    if (isLast && users[at]! % every === 0) held.push(at);
  }
  // Where a pair is held out, the training columns repeat the pair before it.
  const targets = {
    users: Int32Array.from(held, (at) => users[at]!),
    items: Int32Array.from(held, (at) => items[at]!),
    values: null,
    times: null,
  };
  for (const at of held) items[at] = items[at - 1] ?? items[at]!;
  const device = await createCpuDevice({ threads });
  const began = performance.now();
  const seen = [{ users, items, values: null, times: null }];
  const evaluator = new Evaluator({ targets, history: null, candidates: null }, { seen, ks: [20] });
  await evaluator.evaluate(recommender, { device });
  const taken = performance.now() - began;
  await device.close();
  return { seconds: taken / 1000, users: held.length, peakBytes: peakMebibytes() * 2 ** 20 };
}
