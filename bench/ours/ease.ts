/**
 * EASE by Lumière, from training pairs to all weights.
 *
 * Usage: node bench/ours/ease.ts FOLDER [--threads 2] [--seconds 5]
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { silent } from "../../src/base/progress.ts";
import { Vocabulary } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { ease } from "../../src/models/ease.ts";
import { spreadOf } from "../rounds.ts";
import { peakMebibytes, readFlags, readNeutral } from "./neutral.ts";

const { folder, threads, seconds } = readFlags();
const { userCount, itemCount, train } = readNeutral(folder);
const device = await createCpuDevice({ threads });
const vocabulary = (size: number) => new Vocabulary(Array.from({ length: size }, String));
const dataset = {
  ...{ name: "bench", users: vocabulary(userCount), items: vocabulary(itemCount) },
  ...{ interactions: train, itemFeatures: {}, userFeatures: {}, source: folder, licence: null },
  ...{ synthetic: false, filterNotes: [], shippedSplits: [] },
};
const signal = new AbortController().signal;
const fit = () =>
  ease.fit({ regularisation: 300 }, { dataset, train, device, seed: 1, progress: silent, signal });

const weights = (await fit()).save().weights!.data;
let squares = 0;
for (const value of weights) squares += value * value;
const taken: number[] = [];
const before = process.cpuUsage();
let passed = 0;
while (passed < 1000 * seconds || taken.length < 2) {
  const began = performance.now();
  await fit();
  taken.push(performance.now() - began);
  passed += taken.at(-1)!;
}
const { user, system } = process.cpuUsage(before);
await device.close();
console.log(
  JSON.stringify({
    device: device.name,
    threads,
    fitMs: spreadOf(taken),
    processorMs: (user + system) / 1000 / taken.length,
    checkLosses: [Math.log(squares) / 2],
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
