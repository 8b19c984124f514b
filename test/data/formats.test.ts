/** Every format gives the same rows. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { quietContext } from "../../src/data/context.ts";
import { literal, withDuckDB } from "../../src/data/duckdb.ts";
import { type ExternalRow, externalRows, read, scratchFolder, write } from "./scratch.ts";

const folder = scratchFolder();

const ROWS: readonly ExternalRow[] = [
  ["10", "b", 4, 1_000_000_000],
  ["9", "a", 2.5, 1_000_000_060],
  ["10", "a", 5, 1_000_000_030],
  ["-3", "c", 1, 1_100_000_000],
];

/** The rows as delimited text. */
const asText = (delimiter: string, header: boolean) =>
  (header ? `${["user", "item", "rating", "timestamp"].join(delimiter)}\n` : "") +
  ROWS.map((row) => `${row.join(delimiter)}\n`).join("");

async function check(data: string): Promise<void> {
  const rows = await read(data);
  assert.deepEqual(externalRows(rows), ROWS);
  // Users are whole numbers: −3 < 9 < 10. Items are not.
  assert.deepEqual(rows.users.ids, ["-3", "9", "10"]);
  assert.deepEqual(rows.items.ids, ["a", "b", "c"]);
  assert.ok(rows.interactions.values instanceof Float32Array);
  assert.ok(rows.interactions.times instanceof Float64Array);
}

async function duckDB(sql: string): Promise<void> {
  await withDuckDB(quietContext, async ({ connection }) => void (await connection.run(sql)));
}

describe("formats", () => {
  for (const [name, delimiter] of Object.entries({
    comma: ",",
    tab: "\t",
    semicolon: ";",
    pipe: "|",
    space: " ",
    colons: "::",
  })) {
    for (const header of [true, false]) {
      test(`${name}, ${header ? "with" : "without"} header, is found out`, () =>
        check(write(folder, `${name}-${header}.dat`, asText(delimiter, header))));
    }
  }

  test("delimiter of three characters, given", async () => {
    const path = write(folder, "three.txt", asText("<|>", true));
    assert.deepEqual(externalRows(await read(path, { delimiter: "<|>" })), ROWS);
  });

  test("gzip, and gzip in several members", async () => {
    await check(write(folder, "one.csv.gz", gzipSync(asText(",", true))));
    const lines = asText(",", true).split(/(?<=\n)/);
    const members = lines.map((line) => gzipSync(line));
    // The name does not matter: the content tells.
    await check(write(folder, "members.csv", Buffer.concat(members)));
  });

  test("zstd", () => check(write(folder, "one.csv.zst", zstdCompressSync(asText(",", true)))));

  test("Windows line ends, byte order mark, blank lines, no last line end", () => {
    const text = `\uFEFF${asText(",", true).replaceAll("\n", "\r\n\r\n").trimEnd()}`;
    return check(write(folder, "windows.csv", text));
  });

  test("JSON lines, JSON array, gzip JSON lines", async () => {
    const objects = ROWS.map(([user, item, rating, timestamp]) =>
      JSON.stringify({ user: Number(user), item, rating, timestamp, more: { deep: [1] } }),
    );
    await check(write(folder, "rows.jsonl", objects.join("\n")));
    await check(write(folder, "rows.json", `[${objects.join(",\n")}]`));
    await check(write(folder, "rows.jsonl.gz", gzipSync(objects.join("\n"))));
  });

  test("JSON ids stay as they are written", async () => {
    const path = write(
      folder,
      "ids.jsonl",
      '{"user": "007", "item": "2020-01-01"}\n{"user": "7", "item": "a \\"b\\""}\n',
    );
    const rows = await read(path);
    assert.deepEqual(
      externalRows(rows).map(([user, item]) => [user, item]),
      [
        ["007", "2020-01-01"],
        ["7", 'a "b"'],
      ],
    );
    assert.equal(rows.interactions.values, null);
    assert.equal(rows.interactions.times, null);
  });

  test("Parquet, with its own types", async () => {
    const path = join(folder, "rows.parquet");
    const values = ROWS.map(
      ([user, item, rating, time]) =>
        `(${user}::BIGINT, '${item}', ${rating}::FLOAT, to_timestamp(${time}))`,
    );
    await duckDB(
      `COPY (SELECT * FROM (VALUES ${values.join(", ")}) AS t (user_id, movie_id, rating, timestamp)) TO ${literal(path)}`,
    );
    await check(path);
  });

  test("SQLite, table found or named, view", async () => {
    const path = join(folder, "rows.sqlite");
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE ratings (user INTEGER, item TEXT, rating REAL, timestamp INTEGER)");
    const insert = database.prepare("INSERT INTO ratings VALUES (?, ?, ?, ?)");
    for (const [user, item, rating, time] of ROWS) insert.run(Number(user), item, rating, time);
    await check(path);
    database.exec("CREATE TABLE \"other 'table'\" (user, item)");
    database.exec("INSERT INTO \"other 'table'\" VALUES ('x', 'y')");
    database.exec("CREATE VIEW good AS SELECT item, user FROM ratings WHERE rating >= 4");
    database.close();
    const named = await read(path, { table: "other 'table'" });
    assert.deepEqual(externalRows(named), [["x", "y", null, null]]);
    const view = await read(path, { table: "good" });
    assert.deepEqual(
      externalRows(view).map(([user, item]) => user + item),
      ["10b", "10a"],
    );
  });

  test("SQLite of more rows than a block", async () => {
    const path = join(folder, "many.sqlite");
    const database = new DatabaseSync(path);
    database.exec(
      "CREATE TABLE t AS WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n WHERE k < 4999) SELECT k % 71 AS user, k % 113 AS item, k % 5 + 1 AS rating FROM n",
    );
    database.close();
    const { users, interactions } = await read(path);
    assert.equal(interactions.users.length, 5000);
    assert.equal(users.size, 71);
    assert.equal(interactions.values?.[4999], 5);
  });

  test("SQL: SELECT, WITH, FROM, comments, columns by order", async () => {
    const path = write(folder, "sql.csv", asText(",", true));
    const file = literal(path);
    await check(`SELECT * FROM read_csv(${file})`);
    await check(`-- all of it\nFROM ${file};`);
    await check(`WITH r AS (FROM ${file}) SELECT "user", item, rating, timestamp FROM r`);
    // No known names: user, item, then what looks like a rating and like a time.
    await check(`SELECT "user" AS p, item AS q, timestamp AS r, rating AS s FROM ${file}`);
  });

  test("a file whose name holds wildcards, quotes and spaces", () =>
    check(write(folder, "a [b] *?'s.csv", asText(",", true))));
});
