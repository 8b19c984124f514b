/** Files and layouts that are wrong: a clear error with the fix, exit code 2, and nothing half done. */

import { deepEqual } from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { quietContext } from "../../src/data/context.ts";
import { loadDataset } from "../../src/data/load.ts";
import { type DataOptionsInput, dataOptionsSchema } from "../../src/data/options.ts";
import { read, rejectsInput, scratchFolder, write } from "./scratch.ts";

const folder = scratchFolder();

const load = (options: DataOptionsInput) =>
  loadDataset(dataOptionsSchema.parse(options), quietContext);

/** Work as a person without rights to everything: tests may run as root, who can read any file. */
async function withoutPrivileges(work: () => Promise<void>): Promise<void> {
  const { geteuid, seteuid } = process;
  const root = geteuid?.() === 0;
  if (root) seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (root) seteuid?.(0);
  }
}

describe("files", () => {
  test("missing file: the near names", async () => {
    write(folder, "ratings.csv", "user,item\n1,2\n");
    await rejectsInput(
      load({ data: join(folder, "rating.csv") }),
      "file-missing",
      "rating.csv",
      "did you mean ratings.csv",
    );
  });

  test("missing folder", () =>
    rejectsInput(
      load({ data: join(folder, "no", "ratings.csv") }),
      "file-missing",
      `there is no folder ${join(folder, "no")}`,
    ));

  test("a name that nothing resembles brings no far-fetched suggestion", () =>
    rejectsInput(
      load({ data: "zzzz.qqq" }),
      "file-missing",
      /zzzz\.qqq: no such file; check the path/,
    ));

  test("mistyped dataset", () =>
    rejectsInput(load({ data: "ml-100" }), "file-missing", "the dataset ml-100k"));

  test("path through a file", async () => {
    const file = write(folder, "plain.csv", "1,2\n");
    await rejectsInput(load({ data: join(file, "ratings.csv") }), "file-missing", "no such file");
  });

  test("0-byte file, plain and inside gzip", async () => {
    const empty = write(folder, "empty.csv", "");
    await rejectsInput(load({ data: empty }), "file-empty", "empty.csv", "0 bytes");
    const packed = write(folder, "empty.csv.gz", gzipSync(""));
    await rejectsInput(load({ data: packed }), "file-empty", "empty.csv.gz");
  });

  test("header without rows, blank lines alone", async () => {
    const header = write(folder, "header.csv", "user,item,rating\n");
    await rejectsInput(load({ data: header }), "empty", "no rows below its header");
    const blank = write(folder, "blank.csv", "\n\n\n");
    await rejectsInput(load({ data: blank }), "file-empty", "holds no rows");
  });

  test("truncated gzip, wherever it is cut", async () => {
    const lines = Array.from({ length: 50_000 }, (_, at) => `${at % 977},${at % 1013},3\n`);
    const packed = gzipSync(lines.join(""));
    // Without its last 8 bytes every row is there, and only the check of the end is missing.
    for (const length of [30, packed.length >> 1, packed.length - 8, packed.length - 1]) {
      const cut = write(folder, `cut-${length}.csv.gz`, packed.subarray(0, length));
      await rejectsInput(
        load({ data: cut }),
        "file-truncated",
        "gzip",
        "fetch or write the file again",
      );
    }
    const damaged = Buffer.from(packed);
    damaged[packed.length >> 1]! ^= 0xff;
    await rejectsInput(load({ data: write(folder, "damaged.gz", damaged) }), "file-truncated");
  });

  test("folder of no known layout, empty folder", async () => {
    const some = join(folder, "some");
    mkdirSync(some);
    await rejectsInput(load({ data: some }), "file-folder", "empty folder");
    write(some, "events.csv", "1,2\n");
    await rejectsInput(load({ data: some }), "file-folder", "no known layout", "events.csv");
  });

  test("unreadable file and unreadable folder", async () => {
    const file = write(folder, "secret.csv", "1,2\n");
    const closed = join(folder, "closed");
    mkdirSync(closed);
    chmodSync(folder, 0o755);
    chmodSync(file, 0o000);
    chmodSync(closed, 0o000);
    await withoutPrivileges(async () => {
      await rejectsInput(load({ data: file }), "file-unreadable", "secret.csv", "no permission");
      await rejectsInput(load({ data: closed }), "file-unreadable", "closed", "no permission");
    });
  });

  test("a link in a circle", async () => {
    const link = join(folder, "circle.csv");
    symlinkSync(link, link);
    await rejectsInput(load({ data: link }), "file-unreadable", "ELOOP");
  });

  test("zip archive or spreadsheet", async () => {
    const zip = write(folder, "data.zip", "PK\x03\x04 and so on");
    await rejectsInput(load({ data: zip }), "file-format", "unpack it");
  });

  test("damaged Parquet, damaged SQLite, damaged JSON", async () => {
    const parquet = write(folder, "bad.parquet", "PAR1 and no end");
    await rejectsInput(load({ data: parquet }), "file-format", "bad.parquet", "write it again");
    const sqlite = write(folder, "bad.db", `SQLite format 3\0${"x".repeat(200)}`);
    await rejectsInput(load({ data: sqlite }), "sqlite", "bad.db", "copy it again");
    const good = '{"user": 1, "item": 2}\n';
    for (const [text, line] of [
      [`${good}{"user": 1, "it\n${good}`, 2],
      [`${good}\n${good}{"user": 1, "item": 3}}\n`, 4],
      ['{"user": 1, "item": 2\n', 1],
    ] as const) {
      const json = write(folder, "bad.jsonl", text);
      await rejectsInput(
        load({ data: json }),
        "file-format",
        `bad.jsonl, line ${line}: not valid JSON`,
        "mend it",
      );
    }
    const array = write(folder, "bad.json", `[${good.trim()},\n{"user": 1, "it`);
    await rejectsInput(
      load({ data: array }),
      "file-format",
      /bad\.json: not valid JSON/,
      "mend it",
    );
    // All on one line: it is not read whole to say which line it is.
    const long = `{"user": "${"x".repeat(900_000)}", "item": 2},`.repeat(20);
    const wide = write(folder, "wide.json", `[${long}{"user": 1, "it`);
    await rejectsInput(
      load({ data: wide }),
      "file-format",
      /wide\.json: not valid JSON \(.*line 1: more than 16777216 characters/,
    );
  });
});

describe("layout", () => {
  test("wrong delimiter: says what it looks like", async () => {
    const file = write(folder, "comma.csv", "user,item,rating\n1,2,3\n");
    await rejectsInput(
      load({ data: file, delimiter: ";" }),
      "delimiter",
      'delimiter ";" leaves one column',
      'it looks like ","',
      "--delimiter",
    );
  });

  test("no delimiter at all", async () => {
    const file = write(folder, "words.txt", "alpha\nbeta\n");
    await rejectsInput(load({ data: file }), "delimiter", '"alpha"', "--delimiter");
  });

  test("delimiter that is too long", async () => {
    const file = write(folder, "long.txt", "1:::::2\n");
    await rejectsInput(load({ data: file, delimiter: ":::::" }), "delimiter", "1 to 4 bytes");
  });

  test("a row with too few or too many fields: line, both counts, the row", async () => {
    const short = write(folder, "short.csv", "user,item,rating\n1,2,3\n4,5\n");
    await rejectsInput(
      load({ data: short }),
      "row",
      "short.csv, line 3",
      "found 2 fields, expected 3",
      "(user, item, rating)",
      '"4,5"',
    );
    const long = write(folder, "toomany.csv", "1,2,3\n4,5,6,7\n");
    await rejectsInput(load({ data: long }), "row", "line 2", "found 4 fields, expected 3");
    const six = write(folder, "six.csv", 'a,b,3,4\n1,"2,2",3,4,5,6\n');
    await rejectsInput(load({ data: six }), "row", "line 2", "found 6 fields, expected 4");
  });

  test("a quote that does not close", async () => {
    const file = write(folder, "quote.csv", 'user,item\n1,2\n"3,4\n5,6\n');
    await rejectsInput(load({ data: file }), "row", "line 3", "--quote none");
    deepEqual((await read(file, { quote: "none" })).users.ids, ['"3', "1", "5"]);
  });

  test("UTF-16, told by its byte order mark", async () => {
    const text = "\uFEFFuser,item\n1,2\n";
    const little = write(folder, "little.csv", Buffer.from(text, "utf16le"));
    await rejectsInput(load({ data: little }), "encoding", "--encoding utf-16");
    deepEqual((await read(little, { encoding: "utf-16" })).items.ids, ["2"]);
    const big = write(folder, "big.csv", Buffer.from(text, "utf16le").swap16());
    await rejectsInput(load({ data: big }), "encoding", "high byte first", "save it as UTF-8");
  });

  test("text that is not UTF-8", async () => {
    const file = write(folder, "latin.csv", Buffer.from("user,item\ncafé,2\n", "latin1"));
    await rejectsInput(load({ data: file }), "encoding", "line 2", "--encoding latin-1");
  });
});

test("failed reads leave nothing behind", async () => {
  const file = write(folder, "x.csv", "user,item,rating\n1,2,x\n");
  const temporary = join(folder, "temporary");
  mkdirSync(temporary);
  const { TMPDIR } = process.env;
  process.env.TMPDIR = temporary;
  try {
    await rejectsInput(load({ data: file }), "rating");
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  deepEqual(readdirSync(temporary), []);
});
