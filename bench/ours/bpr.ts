/**
 * Lumière's BPR-MF, 64 wide, through the trainer that `lumiere train` uses: epochs, and how well
 * it ranks after as many as `bench/peers/bpr_implicit.py` trains. Every fifth item of a
 * user is held back.
 *
 * Usage: node bench/ours/bpr.ts FOLDER [--threads 2]
 * Prints one line of JSON.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { bpr } from "../../src/models/bpr.ts";
import { rank } from "../../src/models/rank.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { width } from "../data.ts";
import { spreadOf } from "../rounds.ts";
import { quality } from "./held-out-quality.ts";
import { type Neutral, peakMebibytes, readFlags, readNeutral } from "./neutral.ts";

const seed = 1;
const epochs = 20;
const targetEvery = 5;
const settings = bpr.hyperparameters.parse({
  width,
  batchSize: 2048,
  learningRate: 0.002,
  l2: 1e-4,
});

/** Training pairs, and the items held back of each user who has some. */
function cut({ train, userCount, itemCount }: Neutral) {
  const all = buildGraph(train, userCount, itemCount).userItems;
  const kept = { users: [] as number[], items: [] as number[] };
  const users: number[] = [];
  const targets: number[][] = [];
  const masked = { indptr: [0], indices: [] as number[] };
  for (let user = 0; user < userCount; user++) {
    const items = [...all.indices.subarray(all.indptr[user]!, all.indptr[user + 1]!)];
    const isTarget = (at: number) => at % targetEvery === targetEvery - 1;
    const own = items.filter((_, at) => !isTarget(at));
    for (const item of own) {
      kept.users.push(user);
      kept.items.push(item);
    }
    const wanted = items.filter((_, at) => isTarget(at));
    if (wanted.length === 0) continue;
    users.push(user);
    targets.push(wanted);
    masked.indices.push(...own);
    masked.indptr.push(masked.indices.length);
  }
  const pairs = {
    users: Int32Array.from(kept.users),
    items: Int32Array.from(kept.items),
    values: null,
    times: null,
  };
  return {
    graph: buildGraph(pairs, userCount, itemCount),
    users: Int32Array.from(users),
    targets,
    masked: {
      indptr: Int32Array.from(masked.indptr),
      indices: Int32Array.from(masked.indices),
    },
  };
}

const { folder, threads } = readFlags({});
const { graph, users, targets, masked } = cut(readNeutral(folder));
const device = await createCpuDevice({ threads });
const data = { graph, itemFeatures: {}, userFeatures: {} };
const trainer = new Trainer(bpr, settings, data, device, seed);
const times: number[] = [];
const before = process.cpuUsage();
for (let epoch = 1; epoch <= epochs; epoch++) {
  const begin = performance.now();
  for (let batch = 0; batch < trainer.batchesPerEpoch; batch++) trainer.step(epoch, batch);
  times.push(performance.now() - begin);
}
const used = process.cpuUsage(before);
const recommender = await trainer.recommender();
const { items } = await rank(recommender, { users }, 100, masked, null, device);
await device.close();
console.log(
  JSON.stringify({
    device: device.name,
    threads,
    processorMs: (used.user + used.system) / 1000 / epochs,
    epochSeconds: spreadOf(times).median / 1000,
    epochs,
    quality: quality(items, targets),
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
