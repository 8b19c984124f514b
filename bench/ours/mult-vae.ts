/**
 * Lumière's Mult-VAE (600–200–600, batches of 500 users) through the trainer that
 * `lumiere train` uses: steps, epochs, and how well it ranks for the tenth of the users that
 * it has not seen, after as many epochs as `bench/peers/mult_vae_torch.py` trains.
 *
 * Usage: node bench/ours/mult-vae.ts FOLDER [--threads 2]
 * Prints one line of JSON.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import type { Rows } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { createOptimiser } from "../../src/engine/optimisers.ts";
import { Tape } from "../../src/engine/tape.ts";
import { type BipartiteGraph, buildGraph, uploadRows } from "../../src/graph/bipartite.ts";
import { multVae } from "../../src/models/mult-vae.ts";
import { rank } from "../../src/models/rank.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { sineWeights } from "../network-weights.ts";
import { spreadOf } from "../rounds.ts";
import { quality } from "./held-out-quality.ts";
import { type Neutral, peakMebibytes, readFlags, readNeutral } from "./neutral.ts";

const batchSize = 500;
const seed = 1;
const checkSteps = 3;
const learningRate = 0.001;
/** Every tenth user is held out, and every fifth item of theirs is to be found. */
const [heldOutEvery, targetEvery] = [10, 5];
/** Epochs are as many as make up this many scores of a user for an item, one at least. */
const work = 200_000_000;

const settings = multVae.hyperparameters.parse({ batchSize, learningRate });
const checkSettings = multVae.hyperparameters.parse({ batchSize, learningRate, dropout: 0 });

/** ln σ² so low that nothing is left of the noise. */
const noSpread = -60;

/** Order of the layers in the sine weights of the check. */
const layers = ["encoder", "code", "decoder", "output"];

/** Losses of steps without dropout or noise, for an interaction: the same on every side. */
async function checkLosses(device: Device, graph: BipartiteGraph): Promise<number[]> {
  const mark = device.mark();
  const data = { graph, itemFeatures: {}, userFeatures: {} };
  const parameters = Object.fromEntries(
    Object.entries(multVae.parameters(checkSettings, data)).map(([name, { shape }]) => {
      const key = layers.indexOf(name.split(".")[0]!);
      const [rows = 1, columns = 1] = shape;
      const values = name.endsWith("weights")
        ? sineWeights(key, rows, columns, Math.sqrt(2 / (rows + columns)))
        : new Float32Array(rows);
      if (name === "code.bias") values.fill(noSpread, rows / 2);
      return [name, { value: device.upload(shape, values) }];
    }),
  );
  const optimiser = createOptimiser("adam", device, parameters, { learningRate });
  const model = multVae.build(checkSettings, { ...data, device, batchSize, seed });
  const rows = uploadRows(device, graph.userItems, graph.itemCount);
  const active = activeUsers(graph.userItems);
  const { indptr } = graph.userItems;
  const losses: number[] = [];
  for (let step = 0; step < checkSteps; step++) {
    const stepMark = device.mark();
    const people = Int32Array.from(
      { length: batchSize },
      (_, at) => active[(step * batchSize + at) % active.length]!,
    );
    const users = device.upload([batchSize], people);
    const tape = new Tape(device, parameters);
    const terms = model.loss(tape, tape.parameters, { users, rows, draw: step });
    optimiser.update(tape.backward(terms, optimiser.rowUpdates()));
    let loss = 0;
    for (const { value } of terms) loss += (await readFloats(device, value))[0]!;
    const entries = people.reduce((sum, user) => sum + indptr[user + 1]! - indptr[user]!, 0);
    losses.push((loss * batchSize) / entries);
    device.release(stepMark);
  }
  device.release(mark);
  return losses;
}

function activeUsers({ indptr }: Rows): number[] {
  return [...indptr.keys()].filter((user) => (indptr[user + 1] ?? 0) > indptr[user]!);
}

/** Training pairs, and the histories and targets of the users who are held out. */
function cut({ train, userCount, itemCount }: Neutral) {
  const all = buildGraph(train, userCount, itemCount).userItems;
  const pairs = { users: [] as number[], items: [] as number[] };
  const histories = { indptr: [0], indices: [] as number[] };
  const targets: number[][] = [];
  for (let user = 0; user < userCount; user++) {
    const items = all.indices.subarray(all.indptr[user]!, all.indptr[user + 1]!);
    if (user % heldOutEvery !== 0) {
      for (const item of items) {
        pairs.users.push(user);
        pairs.items.push(item);
      }
      continue;
    }
    const isTarget = (at: number) => at % targetEvery === targetEvery - 1;
    const wanted = [...items].filter((_, at) => isTarget(at));
    if (wanted.length === 0) continue;
    targets.push(wanted);
    histories.indices.push(...[...items].filter((_, at) => !isTarget(at)));
    histories.indptr.push(histories.indices.length);
  }
  const interactions = {
    users: Int32Array.from(pairs.users),
    items: Int32Array.from(pairs.items),
    values: null,
    times: null,
  };
  return {
    graph: buildGraph(interactions, userCount, itemCount),
    targets,
    histories: {
      indptr: Int32Array.from(histories.indptr),
      indices: Int32Array.from(histories.indices),
    },
  };
}

const { folder, threads } = readFlags({});
const { graph, histories, targets } = cut(readNeutral(folder));
const device = await createCpuDevice({ threads });
const losses = await checkLosses(device, graph);

const trainer = new Trainer(
  multVae,
  settings,
  { graph, itemFeatures: {}, userFeatures: {} },
  device,
  seed,
);
const steps = trainer.batchesPerEpoch;
const epochs = Math.max(1, Math.round(work / (steps * batchSize * graph.itemCount)));
const taken: number[] = [];
const epochTimes: number[] = [];
const usedBefore = process.cpuUsage();
for (let epoch = 1; epoch <= epochs; epoch++) {
  const epochBegin = performance.now();
  for (let batch = 0; batch < steps; batch++) {
    const begin = performance.now();
    trainer.step(epoch, batch);
    taken.push(performance.now() - begin);
  }
  epochTimes.push(performance.now() - epochBegin);
}
const used = process.cpuUsage(usedBefore);
const recommender = await trainer.recommender();
const { items } = await rank(recommender, { histories }, 100, histories, null, device);
await device.close();
console.log(
  JSON.stringify({
    device: device.name,
    threads,
    batch: batchSize,
    steps: taken.length,
    stepMs: spreadOf(taken),
    processorMs: (used.user + used.system) / 1000 / taken.length,
    epochSeconds: spreadOf(epochTimes).median / 1000,
    epochs,
    checkLosses: losses,
    quality: quality(items, targets),
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
