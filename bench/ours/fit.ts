/**
 * A closed-form model of Lumière, fitted from training pairs as `lumiere train` fits it.
 *
 * Usage: node bench/ours/fit.ts FOLDER --model ease [--settings '{"regularisation":300}'] [--lists 20]
 *          [--check-items 32] [--threads 2] [--seconds 5]
 * --lists: also makes everybody's list of so many items, for models that put off their work until then.
 * Prints one line of JSON; its check is ln of the norm of all scores of the first 32 users, or of
 * their scores of so many items spread evenly, where a peer would take minutes for all.
 *
 * @module
 */

import { silent } from "../../src/base/progress.ts";
import { rowsByUser, Vocabulary } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { rank, sliceRows } from "../../src/models/rank.ts";
import type { ClosedFormDefinition, Recommender } from "../../src/models/recommender.ts";
import { findModel } from "../../src/models/registry.ts";
import { spreadOf } from "../rounds.ts";
import { peakMebibytes, readFlags, readNeutral } from "./neutral.ts";
import { timeFits } from "./time-fits.ts";

/** Users whose lists are made together, as evaluation does. */
const blockUsers = 4096;
/** Users whose scores are compared, the same in bench/peers/neutral.py. */
const checkUsers = 32;

const flags = readFlags({
  model: "ease",
  settings: "{}",
  lists: "0",
  "check-items": "0",
});
const { folder, threads, seconds } = flags;
const model = findModel(flags.model) as ClosedFormDefinition;
const settings = model.hyperparameters.parse(JSON.parse(flags.settings));
const { userCount, itemCount, train } = readNeutral(folder);
const device = await createCpuDevice({ threads });
const vocabulary = (size: number) => new Vocabulary(Array.from({ length: size }, String));
const dataset = {
  ...{ name: "bench", users: vocabulary(userCount), items: vocabulary(itemCount) },
  ...{ interactions: train, itemFeatures: {}, userFeatures: {}, source: folder, licence: null },
  ...{ synthetic: false, filterNotes: [], shippedSplits: [] },
};
const signal = new AbortController().signal;
const context = { dataset, train, device, seed: 1, progress: silent, signal };

const k = Number(flags.lists);
const everybody = Int32Array.from({ length: userCount }, (_, user) => user);
const seen = rowsByUser(train, userCount);

async function fit(): Promise<Recommender> {
  const recommender = await model.fit(settings, context);
  for (let from = 0; k > 0 && from < userCount; from += blockUsers) {
    const users = everybody.subarray(from, from + blockUsers);
    const hidden = sliceRows(seen, from, from + users.length);
    await rank(recommender, { users }, k, hidden, null, device);
  }
  return recommender;
}

const first = await fit();
const scores = await first.scoreUsers(Int32Array.from({ length: checkUsers }, (_, at) => at));
const checkItems = Number(flags["check-items"]) || itemCount;
let squares = 0;
for (let user = 0; user < checkUsers; user++) {
  for (let at = 0; at < checkItems; at++) {
    squares += scores[user * itemCount + Math.floor((at * itemCount) / checkItems)]! ** 2;
  }
}
const { taken, processorMs } = await timeFits(fit, seconds);
await device.close();
console.log(
  JSON.stringify({
    device: device.name,
    threads,
    fitMs: spreadOf(taken),
    processorMs,
    checkLosses: [Math.log(squares) / 2],
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
