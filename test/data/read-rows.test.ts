/** What one pass over raw texts could get wrong: which ids are equal, the order of rows, and their numbers in errors. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { externalRows, read, rejectsInput, scratchFolder, write } from "./scratch.ts";

const folder = scratchFolder();

/** Reads users with one item, as JSON lines so that any text can be an id; the users row by row. */
async function usersOf(ids: readonly string[]): Promise<string[]> {
  const lines = ids.map((user) => JSON.stringify({ user, item: "i" }));
  const rows = await read(write(folder, "users.jsonl", lines.join("\n")));
  assert.equal(rows.users.size, new Set(ids).size);
  return externalRows(rows).map(([user]) => user);
}

describe("ids are equal where their texts are", () => {
  test("numbers written in different ways", async () => {
    const ids = ["7", "007", "7.0", "+7", "-7", " 7", "7 ", "7", "07", "7e0", "0x7", "007"];
    assert.deepEqual(await usersOf(ids), ids);
    const text = ["7,1", "007,01", "+7,1.0", "7,1"].map((row) => `${row}\n`).join("");
    const rows = await read(write(folder, "sevens.csv", `user,item\n${text}`));
    // All are whole numbers: by number, then by text.
    assert.deepEqual(rows.users.ids, ["+7", "007", "7"]);
    assert.deepEqual([...rows.interactions.users], [2, 1, 0, 2]);
    // "1.0" is none: by text.
    assert.deepEqual(rows.items.ids, ["01", "1", "1.0"]);
    assert.deepEqual([...rows.interactions.items], [1, 0, 2, 1]);
  });

  test("every length around a piece of 12, 24 and 36 bytes, each the beginning of the next", async () => {
    const whole = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const ids = Array.from(whole, (_, at) => whole.slice(0, at + 1));
    assert.deepEqual(await usersOf([...ids, ...ids.toReversed()]), [...ids, ...ids.toReversed()]);
  });

  test("characters of two to four bytes across the ends of pieces, zeros, a byte order mark", async () => {
    const ids = [
      ...["é", "日", "😀"].flatMap((letter) =>
        [10, 11, 12, 23, 24, 35, 36].map((before) => `${"x".repeat(before)}${letter}`),
      ),
      ...["\0", "\0\0", "a\0", "a", `${"x".repeat(12)}\0`, "x".repeat(12), `${"x".repeat(12)}\0\0`],
      ...["\ufeffa", `\ufeff${"x".repeat(20)}`],
    ].filter((id) => id !== "");
    // DuckDB's reader of JSON ends a text at a zero, so these come from a query.
    const values = ids.map((id, at) => {
      const parts = id.split("\0").map((part) => `'${part}'`);
      return `(${at}, ${parts.join(" || chr(0) || ")})`;
    });
    const query = `SELECT name AS user, 'i' AS item FROM (VALUES ${values.join(", ")}) t(place, name) ORDER BY place`;
    const rows = await read(query);
    assert.deepEqual(
      externalRows(rows).map(([user]) => user),
      ids,
    );
  });

  test("a long id below a short header sample, and short ids between long ones", async () => {
    // The first 200 rows are looked at to see whether ids are long; the rest is not.
    const lines = Array.from({ length: 400 }, (_, row) =>
      row < 300 ? `u${row % 7},i` : `${"long-".repeat(1 + (row % 9))}${row % 3},i`,
    );
    const rows = await read(write(folder, "late.csv", `user,item\n${lines.join("\n")}\n`));
    assert.deepEqual(
      externalRows(rows).map(([user, item]) => `${user},${item}`),
      lines,
    );
  });

  test("any texts, in the order of the rows", async () => {
    const id = fc.string({
      unit: fc.constantFrom("a", "b", "é", "0"),
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(id, { minLength: 1, maxLength: 200 }), async (ids) => {
        assert.deepEqual(await usersOf(ids), ids);
      }),
      { numRuns: 10 },
    );
  });

  test("more ids than the table begins with", async () => {
    const rows = await read(
      "SELECT (i * 7919) % 20011 AS user, 'an item with a long name, number ' || (i % 9001) AS item, i AS time FROM range(60000) t(i)",
    );
    assert.equal(rows.users.size, 20011);
    assert.equal(rows.items.size, 9001);
    externalRows(rows).forEach(([user, item, , time], row) => {
      const same =
        user === String((row * 7919) % 20011) &&
        item === `an item with a long name, number ${row % 9001}` &&
        time === row;
      if (!same) assert.fail(`row ${row}: ${user}, ${item}, ${time}`);
    });
  });
});

describe("numbers of rows", () => {
  // Several chunks of DuckDB (2,048 rows each), and more rows than one of its groups (122,880).
  const lines = Array.from({ length: 130_000 }, (_, row) => `u${row % 50},i${row % 30},3`);
  const file = (name: string, wrong: Readonly<Record<number, string>>) =>
    write(
      folder,
      name,
      `user,item,rating\n${lines.map((line, row) => wrong[row] ?? line).join("\n")}\n`,
    );

  test("the first wrong row is named, whatever comes after it and however many threads read", () =>
    rejectsInput(
      read(file("late-wrong.csv", { 125000: "u,i,NaN", 125001: ",i,3", 129999: "u,i,x" })),
      "rating",
      "row 125001 (line 125002 of the file)",
      'found "NaN"',
      "2 more rows are wrong too",
    ));

  test("a row with a field too few is an error, also behind a wrong rating", () =>
    rejectsInput(read(file("short.csv", { 5: "u,i,x", 128000: "u,i" })), "row", "line 128002"));

  test("a query that fails after many rows is an error, and no shorter table", () =>
    rejectsInput(
      read(
        "SELECT CASE WHEN i = 200000 THEN error('row of rows') ELSE i END AS user, i AS item FROM range(300000) t(i)",
      ),
      "sql",
      "row of rows",
    ));

  test("a whole number of chunks, and no rows at all", async () => {
    for (const count of [2048, 4096, 122_880]) {
      const rows = await read(`SELECT i AS user, i AS item FROM range(${count}) t(i)`);
      assert.equal(rows.interactions.users.length, count);
    }
    await rejectsInput(read("SELECT 1 AS user, 2 AS item LIMIT 0"), "empty", "nothing to read");
  });

  test("wrong rows leave no ids behind, removed rows are counted once for each id", async () => {
    const kept = "SELECT 'kept' AS user, 'a' AS item, 5 AS rating UNION ALL ";
    const rows = await read(
      `${kept} SELECT 'gone-' || (i % 3), 'b', 1 FROM range(5000) t(i) UNION ALL SELECT 'kept', 'b', 1`,
      {},
      { minRating: 2 },
    );
    assert.deepEqual(externalRows(rows), [["kept", "a", 5, null]]);
    assert.deepEqual(rows.filterNotes, [
      "minimum rating 2: removed 5,001 interactions, 3 users, 1 item",
    ]);
  });
});
