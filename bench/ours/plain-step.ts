/**
 * LightGCN's training step in plain JavaScript, beside which `bench/ours/step.ts` stands.
 *
 * Usage: node bench/ours/plain-step.ts FOLDER [--seconds 5]
 * Prints one line of JSON; one thread, whatever it is told.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { RandomStream } from "../../src/base/random.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { batchSize, checkBatches } from "../data.ts";
import { PlainLightgcn } from "../plain-lightgcn.ts";
import { spreadOf } from "../rounds.ts";
import { peakMebibytes, readFlags, readNeutral } from "./neutral.ts";

const warmUpSteps = 2;

const { folder, seconds } = readFlags({});
const { train, userCount, itemCount, initial, check } = readNeutral(folder);
const model = new PlainLightgcn(buildGraph(train, userCount, itemCount), initial);
const losses = Array.from({ length: checkBatches }, (_, batch) => {
  const part = (column: Int32Array) => column.subarray(batch * batchSize, (batch + 1) * batchSize);
  return model.step(part(check.users), part(check.positives), part(check.negatives));
});
const random = new RandomStream(1, "bench plain step");
const draw = () => {
  const chosen = Int32Array.from({ length: batchSize }, () => random.below(train.users.length));
  return [
    chosen.map((at) => train.users[at]!),
    chosen.map((at) => train.items[at]!),
    chosen.map(() => random.below(itemCount)),
  ] as const;
};
for (let step = 0; step < warmUpSteps; step++) model.step(...draw());
const taken: number[] = [];
let sum = 0;
while (sum < seconds * 1000 || taken.length < 3) {
  const begin = performance.now();
  model.step(...draw());
  taken.push(performance.now() - begin);
  sum += taken.at(-1)!;
}
const stepsPerEpoch = Math.floor(train.users.length / batchSize);
console.log(
  JSON.stringify({
    threads: 1,
    batch: batchSize,
    stepMs: spreadOf(taken),
    epochSeconds: ((sum / taken.length) * stepsPerEpoch) / 1000,
    extrapolated: taken.length < stepsPerEpoch,
    checkLosses: losses,
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
