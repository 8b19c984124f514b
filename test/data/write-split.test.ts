import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Dataset, Vocabulary } from "../../src/data/interactions.ts";
import { parseSplit } from "../../src/data/split-language.ts";
import { splitDataset } from "../../src/data/splits.ts";
import { quoteField, writeSplit } from "../../src/data/write-split.ts";
import { datasetOf, interactionsOf, type Row } from "./small-datasets.ts";

const folder = await mkdtemp(join(tmpdir(), "lumiere-split-"));
after(() => rm(folder, { recursive: true }));

const rows = Array.from(
  { length: 40 },
  (_, at): Row => [at % 4, at >> 2, 0.1 + (at % 5), 100 + at],
);

async function written(dataset: Dataset, text: string, validation: number) {
  const split = await splitDataset(dataset, parseSplit(text), { seed: 1, validation });
  const names = await writeSplit(dataset, split, folder);
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return Object.fromEntries(names.map((name, at) => [name, (files[at] ?? "").split("\n")]));
}

test("three files hold every interaction with external ids", async () => {
  const files = await written(datasetOf(rows), "temporal:0.5", 0.2);
  assert.deepEqual(Object.keys(files), ["train.csv", "validation.csv", "test.csv"]);
  assert.deepEqual(
    Object.values(files).map((lines) => [lines[0], lines.length - 2, lines.at(-1)]),
    [
      ["user,item,rating,timestamp", 16, ""],
      ["user,item,rating,timestamp", 4, ""],
      ["user,item,rating,timestamp", 20, ""],
    ],
  );
  // 0.1 is not a 32-bit number; the shortest decimal that reads back as the same is written.
  assert.deepEqual(files["train.csv"]?.slice(1, 4), [
    "u0,i0,0.1,100",
    "u1,i0,1.1,101",
    "u2,i0,2.1,102",
  ]);
  assert.equal(files["test.csv"]?.[1], "u0,i5,0.1,120");
});

test("columns that the data have not are left out; a part that is not is a header", async () => {
  const bare = { ...interactionsOf(rows), values: null, times: null };
  const files = await written(datasetOf(rows, { interactions: bare }), "random:0.8", 0);
  assert.deepEqual(files["validation.csv"], ["user,item", ""]);
  assert.match(files["train.csv"]?.[1] ?? "", /^u\d,i\d$/);
});

test("held-out users come with what to fold in, and an older cut's files do not stay", async () => {
  const files = await written(datasetOf(rows), "held-out:1/0.8", 0.4);
  const count = (name: string) => (files[name]?.length ?? 0) - 2;
  assert.deepEqual(
    ["train.csv", "validation.csv", "validation-history.csv", "test.csv", "test-history.csv"].map(
      count,
    ),
    [20, 2, 8, 2, 8],
  );
  await written(datasetOf(rows), "random:0.8", 0);
  assert.deepEqual((await readdir(folder)).toSorted(), ["test.csv", "train.csv", "validation.csv"]);
});

test("users that cannot be ranked for are in test.csv all the same", async () => {
  const late: Row[] = [...rows, [4, 0, 1, 900], [4, 1, 1, 901]];
  const files = await written(datasetOf(late), "temporal:0.8", 0);
  const lines = ["train.csv", "validation.csv", "test.csv"].flatMap((name) => files[name] ?? []);
  assert.equal(lines.filter((line) => /^u\d/.test(line)).length, late.length);
  assert.ok(files["test.csv"]?.includes("u4,i1,1,901"));
});

test("fields are quoted as RFC 4180 says", async () => {
  assert.equal(quoteField("plain id"), "plain id");
  assert.equal(quoteField('say "hi"'), '"say ""hi"""');
  assert.equal(quoteField("a,b"), '"a,b"');
  assert.equal(quoteField("two\nlines"), '"two\nlines"');
  assert.equal(quoteField(" edge"), '" edge"');
  assert.equal(quoteField(""), '""');
  const odd = { users: new Vocabulary(["a,b", "ü", '"', "\u{1F3AC}"]) };
  const files = await written(datasetOf(rows, odd), "random:0.8", 0);
  const users = new Set(files["train.csv"]?.map((line) => line.replace(/,i\d.*$/, "")));
  for (const field of ['"a,b"', "ü", '""""', "\u{1F3AC}"]) assert.ok(users.has(field), field);
});
