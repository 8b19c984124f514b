/**
 * Where the processor time of ingestion goes: each line does what the one above does and one thing
 * more, so that what is between two lines is that thing's.
 *
 * Usage: node bench/ingest-parts.ts FILE [--threads 1] [--rounds 3]
 *
 * @module
 */

import { parseArgs } from "node:util";
import { mapColumns } from "../src/data/columns.ts";
import { quietContext } from "../src/data/context.ts";
import { withDuckDB } from "../src/data/duckdb.ts";
import { fingerprint } from "../src/data/fingerprint.ts";
import { ingest } from "../src/data/ingest.ts";
import { openRelation } from "../src/data/open-relation.ts";
import { readRows } from "../src/data/read-rows.ts";
import { rowReasonSql } from "../src/data/row-filters.ts";
import { spreadOf } from "./rounds.ts";

const { values, positionals } = parseArgs({
  options: {
    threads: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
  },
  allowPositionals: true,
});
const [path] = positionals;
if (path === undefined)
  throw new Error("expected a file of ratings: node bench/ingest-parts.ts FILE");
const source = { kind: "path", path } as const;
const context = { ...quietContext, threads: Number(values.threads) };

await withDuckDB(context, async (workbench) => {
  const { connection } = workbench;
  const relation = await openRelation(source, {}, workbench, context);
  const mapping = mapColumns(relation.shape, {});
  const text = await relation.select(mapping);
  const judged = rowReasonSql(text, mapping, undefined, null, { user: false, item: false });
  const ids = "max(strlen(user_id)), max(strlen(item_id))";
  const drain = async (order: boolean) => {
    await connection.run(`SET preserve_insertion_order = ${order}`);
    const result = await connection.stream(judged);
    for (let rows = 1; rows > 0; ) rows = (await result.fetchChunk())?.rowCount ?? 0;
    await connection.run("SET preserve_insertion_order = true");
  };
  const parts: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      "DuckDB reads the file as text",
      () => connection.run(`SELECT ${ids}, max(strlen(rating)), max(strlen(time)) FROM (${text})`),
    ],
    [
      "… and takes ratings and times for numbers",
      () =>
        connection.run(
          `SELECT ${ids}, sum(try_cast(rating AS DOUBLE)), sum(try_cast(time AS DOUBLE)) FROM (${text})`,
        ),
    ],
    [
      "… and judges each row",
      () =>
        connection.run(
          `SELECT ${ids}, sum(rating), sum(time), max(wrong) FROM (${judged}) WHERE reason = 0`,
        ),
    ],
    ["… and hands the rows to JavaScript, in any order", () => drain(false)],
    ["… and in the order of the file", () => drain(true)],
    [
      "… and JavaScript numbers ids and keeps the columns",
      () => readRows(relation, mapping, {}, null, workbench, context),
    ],
    ["all of ingestion, opening DuckDB included", () => ingest(source, {}, {}, context)],
  ];
  const spent = new Map<string, number[]>();
  // In turn, so that a busy minute of the machine meets every part.
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, run] of parts) {
      const before = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(before);
      spent.set(name, [...(spent.get(name) ?? []), (user + system) / 1e6]);
    }
  }
  console.log("| what is done | processor seconds (spread) |\n| --- | ---: |");
  for (const [name, seconds] of spent) {
    const { median, min, max } = spreadOf(seconds);
    console.log(`| ${name} | ${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)}) |`);
  }
});

const rows = await ingest(source, {}, {}, context);
const before = process.cpuUsage();
fingerprint({
  ...rows,
  ...{ name: "", source: "", licence: null, synthetic: false },
  ...{ itemFeatures: {}, userFeatures: {}, shippedSplits: [] },
});
const { user, system } = process.cpuUsage(before);
console.log(`| apart: the dataset's fingerprint | ${((user + system) / 1e6).toFixed(2)} |`);
