/**
 * Iterations of alternating least squares by Lumière, on the objective of Hu, Koren &
 * Volinsky as the peer has it: confidence 40 in seen pairs and 1 in others, λ = 0.01.
 *
 * Usage: node bench/ours/als.ts FOLDER [--threads 2] [--seconds 5] [--factors 64] [--solver cg]
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { Alternation } from "../../src/models/als-fit.ts";
import { pairsOf } from "../../src/models/als-objective.ts";
import { alsSchema } from "../../src/models/als-schema.ts";
import { spreadOf } from "../rounds.ts";
import { peakMebibytes, readFlags, readNeutral } from "./neutral.ts";

/** Iterations before the loss is taken: the same for every contender. */
const checkIterations = 3;

const flags = readFlags({
  factors: "64",
  solver: "cg",
});
const { folder, threads, seconds } = flags;
const { userCount, itemCount, train, initial } = readNeutral(folder);
const width = Number(flags.factors);
const settings = alsSchema.parse({
  ...{ width, solver: flags.solver, confidence: "value", alpha: 40, unobservedWeight: 1 },
  ...{ regularisation: 0.01, regularisationExponent: 0 },
});
const device = await createCpuDevice({ threads });
const pairs = pairsOf(settings, train, userCount, itemCount);
const first = new Float32Array(userCount * width);
for (let at = 0; at < first.length; at++) first[at] = 0.1 * initial[at % initial.length]!;
const signal = new AbortController().signal;
const alternation = await Alternation.start(settings, { device, seed: 1, signal }, pairs, first);
for (let iteration = 0; iteration < checkIterations; iteration++) await alternation.iterate();
const peakOfFit = peakMebibytes();
const loss = await alternation.loss();
const taken: number[] = [];
const before = process.cpuUsage();
let passed = 0;
while (passed < 1000 * seconds || taken.length < 3) {
  const began = performance.now();
  await alternation.iterate();
  taken.push(performance.now() - began);
  passed += taken.at(-1)!;
}
const { user, system } = process.cpuUsage(before);
await device.close();
console.log(
  JSON.stringify({
    device: device.name,
    threads,
    iterationMs: spreadOf(taken),
    processorMs: (user + system) / 1000 / taken.length,
    checkObjective: loss,
    peakMebibytes: peakOfFit,
    versions: { node: process.versions.node },
  }),
);
