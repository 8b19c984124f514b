/**
 * Full ranking by Lumière's one ranking path, as evaluation calls it: blocks of
 * users, seen items masked, the 20 best of all items.
 *
 * Usage: node bench/ours/ranking.ts FOLDER [--threads 2] [--seconds 5]
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { rowsByUser } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { usersAtOnce } from "../../src/evaluation/evaluate.ts";
import { rank, sliceRows } from "../../src/models/rank.ts";
import { width } from "../data.ts";
import { spreadOf } from "../rounds.ts";
import { peakMebibytes, readFlags, readNeutral } from "./neutral.ts";
import { vectorsOnly } from "./vectors-only.ts";

const k = 20;
/** Rankings of everybody that are timed at least, after one that is not. */
const leastRuns = 5;

const { folder, threads, seconds } = readFlags({});
const { userCount, itemCount, train, initial } = readNeutral(folder);
const blockUsers = usersAtOnce(itemCount);
const device = await createCpuDevice({ threads });
const seen = rowsByUser(train, userCount);
const cut = userCount * width;
const embeddings = { width, users: initial.subarray(0, cut), items: initial.subarray(cut) };
const recommender = vectorsOnly(embeddings);
const everybody = Int32Array.from({ length: userCount }, (_, user) => user);

/** Everybody's lists: milliseconds, the sum of all scores and of all items. */
async function rankAll() {
  let [milliseconds, scoreSum, itemChecksum] = [0, 0, 0];
  for (let first = 0; first < userCount; first += blockUsers) {
    const last = Math.min(first + blockUsers, userCount);
    const begin = performance.now();
    const users = everybody.subarray(first, last);
    const hidden = sliceRows(seen, first, last);
    const lists = await rank(recommender, { users }, k, hidden, null, device);
    milliseconds += performance.now() - begin;
    for (const score of lists.scores) scoreSum += score;
    for (const item of lists.items) itemChecksum += item;
  }
  return { milliseconds, scoreSum, itemChecksum };
}

const { scoreSum, itemChecksum } = await rankAll();
const taken: number[] = [];
let passed = 0;
while (passed < 1000 * seconds || taken.length < leastRuns) {
  taken.push((await rankAll()).milliseconds);
  passed += taken.at(-1)!;
}
await device.close();
console.log(
  JSON.stringify({
    device: device.name,
    threads,
    width,
    k,
    itemCount,
    rankMs: spreadOf(taken),
    meanTopScore: scoreSum / (userCount * k),
    itemChecksum,
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
