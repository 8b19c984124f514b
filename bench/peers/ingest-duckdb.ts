/**
 * A file of ratings read by DuckDB alone into the same columns, in the shortest SQL that does it:
 * ids sorted and numbered, then one join, read out in typed arrays.
 *
 * Usage: node bench/peers/ingest-duckdb.ts FILE [--threads 2]
 * Prints one line of JSON.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import {
  type DuckDBDoubleVector,
  type DuckDBFloatVector,
  DuckDBInstance,
  type DuckDBIntegerVector,
  version,
} from "@duckdb/node-api";
import { literal } from "../../src/data/duckdb.ts";
import { peakMebibytes, readFlags } from "../ours/neutral.ts";
import { spreadOf } from "../rounds.ts";

const { folder: path, threads } = readFlags({});
const began = performance.now();
const instance = await DuckDBInstance.create(":memory:", { threads: String(threads) });
const connection = await instance.connect();
await connection.run(`CREATE TABLE ratings AS FROM ${literal(path)}`);
const sizes: number[] = [];
for (const column of ["user", "item"]) {
  await connection.run(
    `CREATE TABLE ${column}s AS SELECT id, CAST(row_number() OVER (ORDER BY id) - 1 AS INTEGER) AS number
     FROM (SELECT DISTINCT "${column}" AS id FROM ratings)`,
  );
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${column}s`);
  sizes.push(Number(counted.getRows()[0]![0]));
}
const counted = await connection.runAndReadAll("SELECT count(*) FROM ratings");
const count = Number(counted.getRows()[0]![0]);
const users = new Int32Array(count);
const items = new Int32Array(count);
const values = new Float32Array(count);
const times = new Float64Array(count);
const result = await connection.stream(
  `SELECT users.number, items.number, CAST(rating AS FLOAT), CAST("timestamp" AS DOUBLE)
   FROM ratings JOIN users ON ratings.user = users.id JOIN items ON ratings.item = items.id`,
);
let filled = 0;
// One loop a row with a variable a column, as src/data/ingest.ts reads: V8 compiles a read of each
// vector for its one class, which takes a third of the time of a loop over columns of any class.
for await (const chunk of result) {
  const user = chunk.getColumnVector(0) as DuckDBIntegerVector;
  const item = chunk.getColumnVector(1) as DuckDBIntegerVector;
  const value = chunk.getColumnVector(2) as DuckDBFloatVector;
  const time = chunk.getColumnVector(3) as DuckDBDoubleVector;
  const { rowCount } = chunk;
  for (let row = 0; row < rowCount; row++) {
    const at = filled + row;
    users[at] = user.getItem(row)!;
    items[at] = item.getItem(row)!;
    values[at] = value.getItem(row)!;
    times[at] = time.getItem(row)!;
  }
  filled += rowCount;
}
const taken = performance.now() - began;
const { user, system } = process.cpuUsage();
connection.closeSync();
instance.closeSync();
console.log(
  JSON.stringify({
    threads,
    runMs: spreadOf([taken]),
    processorMs: (user + system) / 1000,
    checkLosses: [...sizes, filled],
    peakMebibytes: peakMebibytes(),
    versions: { DuckDB: version() },
  }),
);
