/**
 * A file of ratings read by Lumière into an indexed dataset.
 *
 * Usage: node bench/ours/ingest.ts FILE [--threads 2]
 * Prints one line of JSON; its check are the numbers of users, items and interactions.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import { quietContext } from "../../src/data/context.ts";
import { ingest } from "../../src/data/ingest.ts";
import { spreadOf } from "../rounds.ts";
import { peakMebibytes, readFlags } from "./neutral.ts";

const { folder: path, threads } = readFlags({});
const began = performance.now();
const { users, items, interactions } = await ingest(
  { kind: "path", path },
  {},
  {},
  { ...quietContext, threads },
);
const taken = performance.now() - began;
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({
    threads,
    runMs: spreadOf([taken]),
    processorMs: (user + system) / 1000,
    checkLosses: [users.size, items.size, interactions.users.length],
    peakMebibytes: peakMebibytes(),
    versions: { node: process.versions.node },
  }),
);
