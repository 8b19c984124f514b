/**
 * Retrieval: users a second and recall@10 against exact lists for LSH over planes ×
 * tables × probes, and for HNSW, on MovieLens 100K and on a million invented items.
 *
 *   LUMIERE_DATA=… node bench/retrieval.ts [--items 1000000] [--users 1000] [--docs]
 *
 * Prints a table and writes `bench/results/retrieval-*.{json,svg}`; `--docs` puts the
 * tables into docs/retrieval.md.
 *
 * @module
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { seenRows } from "../src/artifact/bundle-columns.ts";
import type { IndexMeasurement } from "../src/artifact/item-index.ts";
import { measureIndex } from "../src/artifact/measure-index.ts";
import { RandomStream } from "../src/base/random.ts";
import type { Rows } from "../src/data/interactions.ts";
import { runExperiment } from "../src/experiment.ts";
import { EmbeddingRecommender } from "../src/models/embedding-recommender.ts";
import type { Recommender } from "../src/models/recommender.ts";
import { HnswIndex, hnswSchema } from "../src/retrieval/hnsw.ts";
import { LshIndex, lshSchema } from "../src/retrieval/lsh.ts";
import { retrievalChart } from "./retrieval-chart.ts";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "1000000" },
    users: { type: "string", default: "1000" },
    docs: { type: "boolean", default: false },
  },
});

/** Where lists are asked for. */
interface World {
  readonly name: string;
  readonly title: string;
  readonly recommender: Recommender;
  readonly seen: Rows;
  readonly planes: readonly number[];
  readonly tables: readonly number[];
  readonly probes: readonly number[];
}

export interface Line extends IndexMeasurement {
  readonly index: string;
  readonly buildSeconds: number;
}

const folder = join(import.meta.dirname, "results");
mkdirSync(folder, { recursive: true });
const texts: Record<string, string> = {};
for (const world of [await movieLens(), invented(Number(values.items))]) {
  const lines = await measure(world);
  const text = tableOf(world, lines);
  console.log(text);
  texts[world.name] = text;
  writeFileSync(join(folder, `retrieval-${world.name}.json`), JSON.stringify(lines, null, 2));
  writeFileSync(join(folder, `retrieval-${world.name}.svg`), retrievalChart(world.title, lines));
}
if (values.docs) {
  const path = join(import.meta.dirname, "..", "docs", "retrieval.md");
  let document = readFileSync(path, "utf8");
  for (const [name, text] of Object.entries(texts)) {
    const pattern = new RegExp(`(<!-- bench:${name} -->\n)[\\s\\S]*?(<!-- /bench:${name} -->)`);
    document = document.replace(
      pattern,
      (_, begin: string, end: string) => `${begin}${text}\n${end}`,
    );
  }
  writeFileSync(path, document);
}
process.exit(0);

async function measure({ recommender, seen, planes, tables, probes }: World): Promise<Line[]> {
  const { items, width } = recommender.embeddings!;
  const options = { k: 10, users: Number(values.users), seed: 1 };
  const lines: Line[] = [];
  for (const plane of planes) {
    for (const table of tables) {
      const settings = { planes: plane, tables: table, seed: 1 };
      for (const probe of probes) {
        const begin = performance.now();
        const index = new LshIndex(items, width, lshSchema.parse({ ...settings, probes: probe }));
        const buildSeconds = (performance.now() - begin) / 1000;
        const measured = await measureIndex(recommender, seen, index, options);
        lines.push({ index: `LSH ${plane} × ${table} × ${probe}`, buildSeconds, ...measured });
      }
    }
  }
  const begin = performance.now();
  const graph = HnswIndex.build(items, width, hnswSchema.parse({}), availableParallelism());
  const buildSeconds = (performance.now() - begin) / 1000;
  lines.push({
    index: "HNSW",
    buildSeconds,
    ...(await measureIndex(recommender, seen, graph, options)),
  });
  return lines;
}

async function movieLens(): Promise<World> {
  const { recommender, split, dataset } = await runExperiment({
    data: { data: "ml-100k" },
    model: "lightgcn",
    hyperparameters: { learningRate: 0.005, batchSize: 4096, l2: 1e-3 },
  });
  return {
    name: "ml-100k",
    title: "MovieLens 100K, LightGCN, 1,682 items",
    recommender,
    seen: seenRows(split, dataset.users.size),
    planes: [4, 6, 8],
    tables: [1, 4, 8],
    probes: [1, 4, 8],
  };
}

/** Items around the centres of taste groups, with norms as skewed as popularity makes them. */
function invented(itemCount: number): World {
  const [width, groups, userCount] = [64, 200, 2000];
  const random = new RandomStream(1, "invented items");
  const centres = Float32Array.from({ length: groups * width }, () => random.normal());
  const around = (count: number, spread: number, norm: () => number) => {
    const vectors = new Float32Array(count * width);
    for (let row = 0; row < count; row++) {
      const centre = random.below(groups) * width;
      const scale = norm();
      for (let column = 0; column < width; column++) {
        vectors[row * width + column] =
          scale * (centres[centre + column]! + spread * random.normal());
      }
    }
    return vectors;
  };
  const items = around(itemCount, 0.7, () => 0.3 + 0.7 * random.uniform() ** 3);
  const users = around(userCount, 0.5, () => 1);
  const foldIn = {
    explanationBasis: null,
    vector: () => new Float32Array(width),
    contributions: () => null,
    save: () => ({}),
  };
  return {
    name: "million",
    title: `${itemCount.toLocaleString("en")} invented items`,
    recommender: new EmbeddingRecommender({ width, users, items }, foldIn),
    seen: { indptr: new Int32Array(userCount + 1), indices: new Int32Array(0) },
    planes: [12, 16],
    tables: [4, 8],
    probes: [4, 16, 64],
  };
}

function tableOf({ title }: World, lines: readonly Line[]): string {
  const whole = (value: number) => Math.round(value).toLocaleString("en");
  const exact = lines.map((line) => line.exactUsersPerSecond).sort((a, b) => a - b);
  return [
    `${title}, ${lines[0]!.users} users, ${availableParallelism()} threads; exact lists: ${whole(exact[exact.length >> 1]!)} users/s`,
    "",
    "| planes × tables × probes | recall@10 | users/s | items scored | build s |",
    "|---|---|---|---|---|",
    ...lines.map(
      (line) =>
        `| ${line.index} | ${line.recall.toFixed(3)} | ${whole(line.usersPerSecond)} | ${whole(line.candidates)} | ${line.buildSeconds.toFixed(1)} |`,
    ),
  ].join("\n");
}
