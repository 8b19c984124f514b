/** Columns, times, filters, ids and the order of everything are as documented. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { StoppedError } from "../../src/base/errors.ts";
import { filterRows } from "../../src/data/filter-rows.ts";
import { generateInteractions } from "../../src/data/generate.ts";
import { sortIds } from "../../src/data/vocabulary-order.ts";
import { writeRatings } from "../../src/data/write-ratings.ts";
import {
  type ExternalRow,
  externalRows,
  read,
  recordingContext,
  scratchFolder,
  write,
} from "./scratch.ts";
import { datasetOf } from "./small-datasets.ts";

const folder = scratchFolder();

const ROWS: readonly ExternalRow[] = [
  ["10", "b", 4, 1_000_000_000],
  ["9", "a", 2.5, 1_000_000_060],
  ["10", "a", 5, 1_000_000_030],
  ["-3", "c", 1, 1_100_000_000],
];

const TEXT = `user,item,rating,timestamp\n${ROWS.map((row) => `${row.join(",")}\n`).join("")}`;

describe("columns", () => {
  const path = () => write(folder, "columns.csv", "when,Who,stars,What\n5,u,3,i\n6,v,4,j\n");

  test("by name in any case, by number, none", async () => {
    const byName = {
      userColumn: "who",
      itemColumn: "What",
      ratingColumn: "stars",
      timeColumn: "when",
    };
    const byNumber = { userColumn: "2", itemColumn: "4", ratingColumn: "3", timeColumn: "1" };
    const expected = [
      ["u", "i", 3, 5],
      ["v", "j", 4, 6],
    ];
    assert.deepEqual(externalRows(await read(path(), byName)), expected);
    assert.deepEqual(externalRows(await read(path(), byNumber)), expected);
    const bare = await read(path(), { ...byName, ratingColumn: "none", timeColumn: "none" });
    assert.equal(bare.interactions.values, null);
    assert.equal(bare.interactions.times, null);
  });

  test("names that people use are found in any order", async () => {
    const file = write(folder, "known.csv", "Unix-Time,movieId,Rating,User ID,title\n7,m,3,u,x\n");
    assert.deepEqual(externalRows(await read(file)), [["u", "m", 3, 7]]);
  });

  test("a nameless column of row numbers does not hide the header", async () => {
    const file = write(folder, "numbered.csv", ",user_id,item_id,rating\n0,u,i,3\n1,v,j,4\n");
    assert.deepEqual(externalRows(await read(file))[1], ["v", "j", 4, null]);
  });

  test("without header a third column is a time if it looks like one", async () => {
    const times = write(folder, "times.csv", "1,2,978300760\n1,3,978300761\n");
    assert.deepEqual(externalRows(await read(times))[1], ["1", "3", null, 978300761]);
    const pairs = write(folder, "pairs.csv", "1,2\n1,3\n");
    assert.deepEqual(externalRows(await read(pairs))[1], ["1", "3", null, null]);
  });

  test("ISO dates, milliseconds, microseconds, nanoseconds become seconds", async () => {
    const lines = [
      "a,b,2001-09-09",
      "a,c,2001-09-09T01:46:40",
      "a,d,2001-09-09 03:46:40+02:00",
      "a,e,1000000000",
      "a,f,1000000000123",
      "a,g,1000000000123456",
      "a,h,1000000000123456789",
    ];
    const file = write(folder, "dates.csv", `user,item,date\n${lines.join("\n")}\n`);
    const { times } = (await read(file)).interactions;
    assert.deepEqual(
      Array.from(times!, (time) => Math.round(time * 1000)),
      [
        999_993_600_000, 1_000_000_000_000, 1_000_000_000_000, 1_000_000_000_000, 1_000_000_000_123,
        1_000_000_000_123, 1_000_000_000_123,
      ],
    );
  });
});

describe("row filters", () => {
  const path = () => write(folder, "filters.csv", TEXT);

  test("minimum rating keeps the bound, and removed ids leave the vocabulary", async () => {
    const rows = await read(path(), {}, { minRating: 2.5 });
    assert.deepEqual(externalRows(rows), ROWS.slice(0, 3));
    assert.deepEqual(rows.users.ids, ["9", "10"]);
    assert.deepEqual(rows.items.ids, ["a", "b"]);
    assert.deepEqual(rows.filterNotes, [
      "minimum rating 2.5: removed 1 interaction, 1 user, 1 item",
    ]);
  });

  test("time window: from the first second on, before the last", async () => {
    const window = { since: "1000000030", until: "2001-09-09T01:47:40Z" };
    const rows = await read(path(), {}, window);
    // 1,000,000,060 is 01:47:40: the end does not belong to the window.
    assert.deepEqual(externalRows(rows), [ROWS[2]]);
    assert.deepEqual(rows.filterNotes, [
      "time window from 1000000030, before 2001-09-09T01:47:40Z: removed 3 interactions, 2 users, 2 items",
    ]);
  });

  test("a filter that removes nothing says so", async () => {
    const { filterNotes } = await read(path(), {}, { minRating: 1, until: "2020-01-01" });
    assert.deepEqual(filterNotes, [
      "minimum rating 1: removed 0 interactions, 0 users, 0 items",
      "time window before 2020-01-01: removed 0 interactions, 0 users, 0 items",
    ]);
  });

  test("rows in memory are counted as rows of a file are", async () => {
    const filters = { minRating: 3, since: "2001-09-09T01:46:41Z" };
    const rows = await read(path());
    const { filterNotes } = filterRows({ ...datasetOf([]), ...rows }, filters);
    assert.deepEqual(filterNotes, (await read(path(), {}, filters)).filterNotes);
  });

  test("each filter reports what the one before it left", async () => {
    const { filterNotes } = await read(path(), {}, { minRating: 3, since: "2001-09-09T01:46:41Z" });
    assert.deepEqual(filterNotes, [
      "minimum rating 3: removed 2 interactions, 2 users, 1 item",
      "time window from 2001-09-09T01:46:41Z: removed 1 interaction, 0 users, 1 item",
    ]);
  });
});

describe("ids", () => {
  test("quotes, line breaks, unicode and very long ids come through whole", async () => {
    const long = "x".repeat(100_000);
    const ids = [
      'a "quoted" id',
      "O'Brien, Pat",
      "two\nlines",
      "été 日本 😀",
      "\u{ff5e}",
      long,
      " padded ",
    ];
    const fields = ids.map((id) => `"${id.replaceAll('"', '""')}"`);
    const text = `user,item\n${fields.map((field, at) => `${field},${fields[(at + 1) % ids.length]}\n`).join("")}`;
    const rows = await read(write(folder, "strange.csv", text));
    assert.deepEqual(
      externalRows(rows).map(([user]) => user),
      ids,
    );
    // "😀" is U+1F600: after "～" (U+FF5E) by code point, before it by UTF-16 code unit.
    assert.deepEqual(rows.users.ids, ids.toSorted());
    assert.deepEqual(rows.items.ids, ids.toSorted());
    assert.ok(rows.users.ids.indexOf("été 日本 😀") < rows.users.ids.indexOf("\u{ff5e}"));
  });

  test("leading zeros stay, numbers beyond 2^53 sort as numbers", async () => {
    const text = "9007199254740993,0120735\n9007199254740992,120735\n10,0007\n";
    const rows = await read(write(folder, "zeros.csv", text));
    assert.deepEqual(rows.users.ids, ["10", "9007199254740992", "9007199254740993"]);
    assert.deepEqual(rows.items.ids, ["0007", "0120735", "120735"]);
  });

  test("Latin-1 and UTF-16 text", async () => {
    const text = "user,item\ncafé,naïve\n";
    const latin = write(folder, "latin.csv", Buffer.from(text, "latin1"));
    assert.deepEqual(externalRows(await read(latin, { encoding: "latin-1" }))[0]?.slice(0, 2), [
      "café",
      "naïve",
    ]);
    const wide = write(folder, "wide.csv", Buffer.from(`\uFEFF${text}`, "utf16le"));
    assert.deepEqual(externalRows(await read(wide, { encoding: "utf-16" }))[0]?.slice(0, 2), [
      "café",
      "naïve",
    ]);
  });

  test("sortIds and DuckDB agree on the order of any ids", async () => {
    const id = fc.oneof(
      fc.stringMatching(/^[+-]?[0-9]{1,6}$/),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { minLength: 1, maxLength: 30 }), async (ids) => {
        const lines = ids.map((one) => JSON.stringify({ user: one, item: "i" }));
        const rows = await read(write(folder, "any.jsonl", lines.join("\n")));
        assert.deepEqual(rows.users.ids, sortIds(ids));
        assert.deepEqual(
          externalRows(rows).map(([user]) => user),
          ids,
        );
      }),
      { numRuns: 25 },
    );
  });

  test("order of rows and indices does not depend on threads", async () => {
    // Several row groups of DuckDB (122,880 rows each), so that threads share the work.
    const query =
      "SELECT 'u' || (hash(i) % 5000) AS user, 'i' || (hash(i + 7) % 3000) AS item, i % 5 AS rating, i AS time FROM range(400000) t(i)";
    const rows = await read(query, {}, { minRating: 1 });
    const times = rows.interactions.times!;
    assert.equal(times.length, 320_000);
    assert.ok(times.every((time, at) => at === 0 || times[at - 1]! < time));
    const again = await read(query, {}, { minRating: 1 });
    assert.deepEqual(again.interactions.users, rows.interactions.users);
    assert.deepEqual(again.users.ids, rows.users.ids);
  });
});

test("a generated file comes back number by number, read by several threads", async () => {
  // More rows than a row group of DuckDB (122,880), and more bytes than a thread takes at once.
  const graph = { users: 3_000, items: 2_000, interactions: 300_000 };
  const path = join(folder, "generated.csv");
  await writeRatings(path, graph);
  const rows = await read(path);
  const { users, items, values, times } = rows.interactions;
  let at = 0;
  for (const block of generateInteractions(graph)) {
    for (let row = 0; row < block.users.length; row++, at++) {
      // The file's ids are the generator's indices, counted from 1.
      const same =
        Number(rows.users.ids[users[at]!]) === block.users[row]! + 1 &&
        Number(rows.items.ids[items[at]!]) === block.items[row]! + 1 &&
        values?.[at] === block.values[row] &&
        times?.[at] === block.times[row];
      if (!same) assert.fail(`row ${at} differs`);
    }
  }
  assert.equal(at, 300_000);
});

describe("progress and stopping", () => {
  test("an aborted signal stops before anything is read", async () => {
    const controller = new AbortController();
    controller.abort();
    const { context } = recordingContext(controller.signal);
    await assert.rejects(read("SELECT 1, 2", {}, {}, context), StoppedError);
  });

  test("an abort interrupts a running query", async () => {
    const controller = new AbortController();
    const { context } = recordingContext(controller.signal);
    const query =
      "SELECT a.i AS user, b.i AS item FROM range(100000) a(i), range(100000) b(i) WHERE hash(a.i + b.i) % 1000000007 = 1";
    const work = read(query, {}, {}, context);
    setTimeout(() => controller.abort(), 300);
    await assert.rejects(work, StoppedError);
  });

  test("progress counts up to the rows there are", async () => {
    const { context, events } = recordingContext();
    await read("SELECT i AS user, i % 7 AS item FROM range(300000) t(i)", {}, {}, context);
    const index = events.filter(({ stage }) => stage === "index");
    assert.ok(index.length >= 2);
    for (const { done, total } of index) assert.ok(total === 300_000 && done <= total);
  });
});
