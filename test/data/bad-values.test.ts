/** Columns, values, queries and databases that are wrong: a clear error with the fix, exit code 2. */

import { deepEqual } from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { quietContext } from "../../src/data/context.ts";
import { loadDataset } from "../../src/data/load.ts";
import { type DataOptionsInput, dataOptionsSchema } from "../../src/data/options.ts";
import { read, rejectsInput, scratchFolder, write } from "./scratch.ts";

const folder = scratchFolder();

const load = (options: DataOptionsInput) =>
  loadDataset(dataOptionsSchema.parse(options), quietContext);

describe("columns", () => {
  test("missing column: lists the columns, the nearest and the flag", async () => {
    const file = write(folder, "named.csv", "user,item,rating\n1,2,3\n");
    await rejectsInput(
      load({ data: file, ratingColumn: "ratings" }),
      "column",
      'rating column "ratings" not found',
      "named.csv",
      "(columns: user, item, rating)",
      'did you mean "rating"',
      "--rating-column",
    );
    await rejectsInput(load({ data: file, itemColumn: "4" }), "column", "columns 1 … 3");
  });

  test("no column that looks like a user", async () => {
    const file = write(folder, "strange.csv", "who,what\na,b\n");
    await rejectsInput(
      load({ data: file, header: true }),
      "column",
      "no user column",
      "who, what",
      "--user-column",
    );
  });

  test("a name where there is no header", async () => {
    const file = write(folder, "bare.csv", "1,2,3\n");
    await rejectsInput(load({ data: file, userColumn: "user" }), "column", "no header", "--header");
  });

  test("duplicate headers: where they are, and how to choose", async () => {
    const file = write(folder, "twice.csv", "user,item,rating,rating\n1,2,3,4\n");
    await rejectsInput(
      load({ data: file }),
      "column",
      'column "rating" appears 2 times',
      "(columns 3 and 4)",
      "--rating-column 3",
    );
    await rejectsInput(load({ data: file, ratingColumn: "rating" }), "column", "appears 2 times");
    deepEqual([...(await read(file, { ratingColumn: "4" })).interactions.values!], [4]);
  });

  test("one column for two things, one column in all", async () => {
    const file = write(folder, "two.csv", "user,item\n1,2\n");
    await rejectsInput(
      load({ data: file, userColumn: "user", itemColumn: "1" }),
      "column",
      "each can be only one thing",
    );
    await rejectsInput(load({ data: "SELECT 1 AS user" }), "column", "one column (user)");
  });

  test("a filter without its column", async () => {
    const file = write(folder, "pairs.csv", "user,item\n1,2\n");
    await rejectsInput(
      load({ data: file, minRating: 3 }),
      "column",
      "--min-rating",
      "--rating-column",
    );
    await rejectsInput(
      load({ data: file, since: "2000-01-01" }),
      "column",
      "--since",
      "--time-column",
    );
  });
});

describe("values", () => {
  const three = (rating: string) => `user,item,rating\n1,2,3\n4,5,${rating}\n6,7,${rating}\n`;

  test("unparsable rating: row and value", async () => {
    const file = write(folder, "text.csv", three("good"));
    await rejectsInput(
      load({ data: file }),
      "rating",
      "text.csv, row 2",
      'found "good"',
      "1 more row is wrong too",
      "--rating-column none",
    );
    await rejectsInput(
      load({ data: write(folder, "none.csv", three("")) }),
      "rating",
      "found nothing",
    );
  });

  test("blank lines and quoted line breaks count as lines, plain and packed", async () => {
    const text = 'user,item,rating\r\n1,2,3\r\n\r\n"a\nb",2,3\r\n\r\n4,5,x\r\n';
    for (const [name, content] of [
      ["lines.csv", text],
      ["lines.csv.gz", gzipSync(text)],
      ["lines.csv.zst", zstdCompressSync(text)],
    ] as const) {
      const file = write(folder, name, content);
      await rejectsInput(load({ data: file }), "rating", "row 3 (line 7 of the file)");
    }
    const bare = write(folder, "bare-lines.csv", "1,2,3\n\n1,3,x\n");
    await rejectsInput(load({ data: bare, header: false }), "rating", "row 2 (line 3 of the file)");
  });

  test("a rating that 32-bit floats do not hold: the largest is named", () =>
    rejectsInput(
      load({ data: write(folder, "large.csv", three("1e300")) }),
      "rating",
      'found "1e300", expected a finite number of at most 3.4028234e38',
    ));

  for (const value of ["NaN", "inf", "-Infinity", "1e39"]) {
    test(`rating ${value}`, () =>
      rejectsInput(
        load({ data: write(folder, "infinite.csv", three(value)) }),
        "rating",
        "row 2",
        `found "${value}"`,
        "finite",
      ));
  }

  test("a wrong row is an error even where a filter would remove it", async () => {
    const file = write(folder, "removed.csv", "user,item,rating,time\n1,2,3,5\n4,5,x,900000\n");
    await rejectsInput(load({ data: file, until: "500000" }), "rating", "row 2");
  });

  test("unparsable time", async () => {
    const file = write(folder, "time.csv", "user,item,time\n1,2,2000-01-01\n1,3,yesterday\n");
    await rejectsInput(load({ data: file }), "time", "row 2", '"yesterday"', "--time-column none");
  });

  test("empty user id and empty item id", async () => {
    const user = write(folder, "nouser.csv", "user,item\n1,2\n,3\n");
    await rejectsInput(load({ data: user }), "id", "row 2", "user id is empty", "--user-column");
    const item = write(folder, "noitem.csv", 'user,item\n1,""\n');
    await rejectsInput(load({ data: item }), "id", "row 1", "item id is empty");
    const json = write(folder, "noid.jsonl", '{"user": 1, "item": 2}\n{"user": null, "item": 3}\n');
    await rejectsInput(load({ data: json }), "id", "row 2");
  });

  test("nothing left: what removed it, and what there is", async () => {
    const file = write(folder, "left.csv", "user,item,rating,time\n1,2,3,1000000\n4,5,4,2000000\n");
    await rejectsInput(
      load({ data: file, minRating: 4.5 }),
      "empty",
      "of 2 rows",
      "2 are below --min-rating 4.5 (ratings are 3 … 4)",
    );
    await rejectsInput(
      load({ data: file, since: "2000-01-01" }),
      "empty",
      "2 are outside the time window from 2000-01-01 (times are 1970-01-12 … 1970-01-24)",
    );
    const distant = write(folder, "distant.csv", "user,item,time\n1,2,1e30\n");
    await rejectsInput(
      load({ data: distant, until: "2000-01-01" }),
      "empty",
      "1 are outside the time window before 2000-01-01 (times are 1e+21 s … 1e+21 s)",
    );
    await rejectsInput(load({ data: file, kCore: 2 }), "filter-empty", "k-core");
  });

  test("time window that is none", async () => {
    const file = write(folder, "window.csv", "user,item,time\n1,2,1000000\n");
    await rejectsInput(load({ data: file, since: "soon" }), "time", "--since soon", "ISO date");
    await rejectsInput(
      load({ data: file, since: "2001-01-01", until: "2000-01-01" }),
      "time",
      "not before",
    );
  });
});

describe("flags that would have no effect", () => {
  test("--table of a file without tables, text flags of what is no text", async () => {
    const csv = write(folder, "flags.csv", "user,item\n1,2\n");
    await rejectsInput(load({ data: csv, table: "x" }), "option", "--table is for SQLite", csv);
    await rejectsInput(load({ data: "SELECT 1 AS user, 2 AS item", table: "x" }), "option");
    const json = write(folder, "flags.jsonl", '{"user": 1, "item": 2}\n');
    for (const flag of [{ delimiter: ";" }, { header: true }, { quote: "none" } as const]) {
      await rejectsInput(load({ data: json, ...flag }), "option", "is for text files", json);
    }
  });

  test("dates that are none, or that would be read as seconds", async () => {
    const file = write(folder, "dates.csv", "user,item,time\n1,2,1000000000\n");
    for (const since of ["2001-02-30", "2001-02-30T10:00:00Z", "2001-13-01", "2001-04-31"]) {
      await rejectsInput(load({ data: file, since }), "time", `--since ${since}`);
    }
    await rejectsInput(load({ data: file, since: "2001-02-30" }), "time", "has 28 days");
    await rejectsInput(
      load({ data: file, until: "20010101" }),
      "time",
      "--until 20010101: as Unix seconds that is 1970-08-20; write 2001-01-01",
    );
    // 20,010,101 s are 231 days and 14:28:21 after the first second of 1970.
    for (const since of ["20010101.0", "2000-02-29", "2001", "20011301", "2001-02-28T10:00"]) {
      await load({ data: file, since });
    }
  });
});

describe("queries and databases", () => {
  test("SQL that is wrong, or several statements", async () => {
    await rejectsInput(load({ data: "SELECT user FROM nowhere" }), "sql", "nowhere");
    await rejectsInput(load({ data: "SELECT 1, 2; SELECT 3, 4" }), "sql", "2 statements");
    await rejectsInput(load({ data: "SELECT FROM WHERE" }), "sql");
  });

  test("SQLite: several tables, wrong table, no tables", async () => {
    const path = join(folder, "tables.db");
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE ratings (user, item)");
    database.exec("CREATE TABLE films (id, title)");
    database.close();
    await rejectsInput(load({ data: path }), "table", "2 tables (films, ratings)", "--table");
    await rejectsInput(load({ data: path, table: "rating" }), "table", "--table ratings?");
    const none = join(folder, "none.db");
    const empty = new DatabaseSync(none);
    empty.exec("PRAGMA user_version = 1");
    empty.close();
    await rejectsInput(load({ data: none }), "table", "has no tables");
  });

  test("flags of files for data whose layout is known", () =>
    rejectsInput(load({ data: "synthetic", delimiter: ";" }), "option", "--delimiter"));
});
