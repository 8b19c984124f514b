/**
 * Retrieval: users a second and recall@10 against exact lists for LSH over planes ×
 * tables × probes, and for HNSW, on MovieLens 100K and on invented items, a million by
 * default; before that, exact lists for a few people at a time by norm-ordered search.
 *
 *   LUMIERE_DATA=… node bench/retrieval.ts [--items 1000000] [--users 1000]
 *     [--world ml-100k|invented] [--no-hnsw] [--few-only] [--docs]
 *
 * Prints tables, says on stderr how far it is, and writes `bench/results/retrieval-*.{json,md,svg}`
 * after every index, so that a run that is ended keeps what it has; `--docs` puts the tables
 * into docs/retrieval.md. Memory grows with the items: their vectors, a copy in order of length or
 * extended for LSH, one on the device, and HNSW's. The most held so far stands in every line.
 *
 * @module
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { measureIndex } from "../src/artifact/measure-index.ts";
import { peakMemoryBytes } from "../src/experiment/peak-memory.ts";
import type { CandidateIndex } from "../src/retrieval/candidates.ts";
import { HnswIndex, hnswSchema } from "../src/retrieval/hnsw.ts";
import { LshIndex, lshSchema } from "../src/retrieval/lsh.ts";
import { type Line, retrievalChart } from "./retrieval-chart.ts";
import { fewTable, measureFew } from "./retrieval-few.ts";
import { invented, movieLens, type World } from "./retrieval-worlds.ts";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "1000000" },
    users: { type: "string", default: "1000" },
    world: { type: "string", default: "both" },
    hnsw: { type: "boolean", default: true },
    "few-only": { type: "boolean", default: false },
    docs: { type: "boolean", default: false },
  },
  allowNegative: true,
});

const folder = join(import.meta.dirname, "results");
mkdirSync(folder, { recursive: true });
const say = (line: string): void => void process.stderr.write(`${line}\n`);

if (!["both", "ml-100k", "invented"].includes(values.world)) {
  throw new Error(`--world is "${values.world}", expected ml-100k, invented or both`);
}
const worlds: (() => World | Promise<World>)[] = [
  ...(values.world === "invented" ? [] : [movieLens]),
  ...(values.world === "ml-100k" ? [] : [() => invented(Number(values.items))]),
];
for (const open of worlds) {
  const world = await open();
  say(world.title);
  const few = await measureFew(world);
  console.log(`${world.title}, processor time a list of ten\n\n${fewTable(few)}\n`);
  if (values.docs) replaceInDocs(`${world.name}-few`, fewTable(few));
  say(peakText());
  if (values["few-only"]) continue;
  const lines: Line[] = [];
  for await (const line of measure(world)) {
    lines.push(line);
    say(
      `${line.index}: recall ${line.recall.toFixed(3)}, ${Math.round(line.usersPerSecond)} users/s, ${peakText()}`,
    );
    writeResults(world, lines);
  }
  console.log(tableOf(world, lines));
  if (values.docs) replaceInDocs(world.name, tableOf(world, lines));
}
process.exit(0);

async function* measure(world: World): AsyncGenerator<Line> {
  const { recommender, embeddings, seen, planes, tables, probes } = world;
  const { items, width } = embeddings;
  const options = { k: 10, users: Number(values.users), seed: 1 };
  const lineOf = async (name: string, index: CandidateIndex, buildSeconds: number) => ({
    index: name,
    buildSeconds,
    ...(await measureIndex(recommender, seen, index, options)),
  });
  for (const plane of planes) {
    for (const table of tables) {
      say(`LSH ${plane} × ${table}: building`);
      const settings = lshSchema.parse({ planes: plane, tables: table, seed: 1 });
      const begin = performance.now();
      const built = LshIndex.build(items, width, settings);
      const seconds = (performance.now() - begin) / 1000;
      for (const probe of probes) {
        yield lineOf(`LSH ${plane} × ${table} × ${probe}`, built.withProbes(probe), seconds);
      }
    }
  }
  if (!values.hnsw) return;
  const begin = performance.now();
  const step = Math.max(1, Math.floor(items.length / width / 20));
  let next = step;
  const graph = HnswIndex.build(
    items,
    width,
    hnswSchema.parse({}),
    availableParallelism(),
    (done) => {
      if (done < next) return;
      next += step;
      const seconds = Math.round((performance.now() - begin) / 1000);
      say(`HNSW: ${done.toLocaleString("en")} items after ${seconds} s, ${peakText()}`);
    },
  );
  yield lineOf("HNSW", graph, (performance.now() - begin) / 1000);
}

function peakText(): string {
  return `${(peakMemoryBytes() / 2 ** 30).toFixed(2)} GB at most`;
}

function writeResults(world: World, lines: readonly Line[]): void {
  const path = join(folder, `retrieval-${world.name}`);
  writeFileSync(`${path}.json`, JSON.stringify(lines, null, 2));
  writeFileSync(`${path}.md`, `${tableOf(world, lines)}\n`);
  writeFileSync(`${path}.svg`, retrievalChart(world.title, lines));
}

function replaceInDocs(name: string, text: string): void {
  const path = join(import.meta.dirname, "..", "docs", "retrieval.md");
  const pattern = new RegExp(`(<!-- bench:${name} -->\n)[\\s\\S]*?(<!-- /bench:${name} -->)`);
  const document = readFileSync(path, "utf8").replace(
    pattern,
    (_, begin: string, end: string) => `${begin}${text}\n${end}`,
  );
  writeFileSync(path, document);
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
