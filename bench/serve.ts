/**
 * Load on the recommendation server: `npm run bench:serve -- [seconds] [connections]`.
 *
 * A model of MovieLens 1M's size (6,040 users × 3,706 items, a million training
 * interactions, 64 wide; drawn at random, since speed does not depend on taste)
 * answers in a process of its own; autocannon asks from this one, on the same
 * machine: 95 % lists of ten for a random user, 5 % events.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import autocannon from "autocannon";
import { writeBundle } from "../src/artifact/bundle.ts";
import { RandomStream } from "../src/base/random.ts";
import { compressRows, Vocabulary } from "../src/data/interactions.ts";
import { lightgcn } from "../src/models/lightgcn.ts";

const [USERS, ITEMS, INTERACTIONS, WIDTH] = [6040, 3706, 1_000_209, 64];
const EVENT_SHARE = 0.05;

async function writeModel(folder: string): Promise<void> {
  const random = new RandomStream(1, "bench serve");
  const vectors = (rows: number) => ({
    shape: [rows, WIDTH],
    data: Float32Array.from({ length: rows * WIDTH }, () => random.uniform() - 0.5),
  });
  const users = Int32Array.from({ length: INTERACTIONS }, () => random.below(USERS));
  // Squaring a uniform number makes few items popular and many rare.
  const items = Int32Array.from({ length: INTERACTIONS }, () =>
    Math.floor(random.uniform() ** 2 * ITEMS),
  );
  const train = compressRows(users, items, USERS);
  const hyperparameters = { width: WIDTH };
  await writeBundle(folder, {
    manifest: {
      created: new Date().toISOString(),
      model: { name: "lightgcn", title: "LightGCN" },
      hyperparameters,
      dataset: {
        name: "drawn at random",
        source: "bench/serve.ts",
        licence: null,
        synthetic: true,
        users: USERS,
        items: ITEMS,
        interactions: train.indices.length,
        fingerprint: "",
        filterNotes: [],
      },
      split: {
        specification: "none",
        description: "everything is training data",
        validation: 0,
        warnings: [],
        train: train.indices.length,
        validationInteractions: 0,
        test: 0,
      },
      seed: 1,
      evaluation: null,
      metrics: {},
      versions: {},
    },
    recommender: lightgcn.load(
      {
        "user.embedding": vectors(USERS),
        "item.embedding": vectors(ITEMS),
        "item.message": vectors(ITEMS),
      },
      lightgcn.hyperparameters.parse(hyperparameters),
      { userCount: USERS, itemCount: ITEMS, seen: train },
    ),
    users: new Vocabulary(Array.from({ length: USERS }, (_, user) => `${user}`)),
    items: new Vocabulary(Array.from({ length: ITEMS }, (_, item) => `${item}`)),
    itemFeatures: { titles: Array.from({ length: ITEMS }, (_, item) => `Title ${item}`) },
    train,
    seen: train,
    validation: null,
    test: null,
  });
}

/** Resident memory of a process in MB, where the system tells. */
function residentMegabytes(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) / 1024);
  } catch {
    return null;
  }
}

const seconds = Number(process.argv[2] ?? 15);
const connections = Number(process.argv[3] ?? 32);
const folder = mkdtempSync(join(tmpdir(), "lumiere-bench-"));
await writeModel(join(folder, "bundle"));
const main = join(import.meta.dirname, "..", "src", "cli", "main.ts");
const server = spawn(
  process.execPath,
  [main, "serve", folder, "--port", "0", "--log", "error", "--json"],
  { stdio: ["ignore", "pipe", "inherit"] },
);
try {
  const [line] = await once(server.stdout, "data");
  const { url } = JSON.parse(String(line)) as { url: string };
  const random = new RandomStream(2, "bench requests");
  const ask = () => JSON.stringify({ user: `${random.below(USERS)}`, k: 10 });
  const tell = () =>
    JSON.stringify({
      events: [{ user: `${random.below(USERS)}`, item: `${random.below(ITEMS)}` }],
    });
  const load = (duration: number) =>
    autocannon({
      url,
      connections,
      duration,
      headers: { "content-type": "application/json" },
      requests: [
        {
          method: "POST",
          setupRequest: (request) =>
            random.uniform() < EVENT_SHARE
              ? { ...request, path: "/v1/events", body: tell() }
              : { ...request, path: "/v1/recommendations", body: ask() },
        },
      ],
    });
  await load(2);
  const before = residentMegabytes(server.pid!);
  const { latency, requests, non2xx, errors } = await load(seconds);
  const lists = Math.round(requests.average * (1 - EVENT_SHARE));
  console.log(
    [
      `${lists.toLocaleString("en")} recommendations/s and ${Math.round(requests.average * EVENT_SHARE)} events/s over ${seconds} s, ${connections} connections`,
      `latency of all requests: median ${latency.p50} ms, p99 ${latency.p99} ms, most ${latency.max} ms; ${non2xx} not 2xx, ${errors} errors`,
      `memory of the server: ${before} MB before, ${residentMegabytes(server.pid!)} MB after`,
      `${availableParallelism()} processors shared with the load generator, load average ${loadavg()[0]!.toFixed(1)}`,
    ].join("\n"),
  );
} finally {
  server.kill();
  await once(server, "exit");
  rmSync(folder, { recursive: true });
}
