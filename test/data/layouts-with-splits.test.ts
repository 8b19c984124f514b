/** Layouts that are published as a split: LightGCN's and NCF's files. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { folderOf, load, ncf, shipped } from "./layout-folders.ts";
import { externalRows, rejectsInput } from "./scratch.ts";

test("LightGCN files: numbers stay the ids, users without items or test, CR LF, no last line feed", async () => {
  const folder = folderOf("amazon-book", {
    "train.txt": "0 5 12 3\r\n1 3\r\n10 5 7 \n2\n",
    "test.txt": "0 7\n1\n10 12 40",
  });
  const dataset = await load(folder);
  assert.equal(dataset.name, "amazon-book");
  assert.deepEqual(dataset.users.ids, ["0", "1", "10"]);
  assert.deepEqual(dataset.items.ids, ["3", "5", "7", "12", "40"]);
  const row = (user: string, item: string) => [user, item, null, null];
  const train = [
    row("0", "5"),
    row("0", "12"),
    row("0", "3"),
    row("1", "3"),
    row("10", "5"),
    row("10", "7"),
  ];
  const test = [row("0", "7"), row("10", "12"), row("10", "40")];
  assert.deepEqual(externalRows(dataset), [...train, ...test]);
  assert.equal(dataset.shippedSplits[0]?.isDefault, true);
  assert.deepEqual(await shipped(dataset, "official"), { train, test, candidates: null });
});

test("LightGCN files: wrong content names the line, filters without meaning are refused", async () => {
  for (const [text, words] of [
    ["0 1\n1 2 x3\n", ["train.txt, line 2", '"x"']],
    ["0 1\n1 -2\n", ["train.txt, line 2", '"-"']],
    ["0 99999999999\n", ["train.txt, line 1", "2^31"]],
    ["", ["train.txt", "no interactions"]],
    ["0\n1\n", ["train.txt", "no interactions"]],
  ] as const) {
    const folder = folderOf("gowalla", { "train.txt": text, "test.txt": "0 1\n" });
    await rejectsInput(load(folder), words[1] === "no interactions" ? "empty" : "row", ...words);
  }
  const folder = folderOf("gowalla", { "train.txt": "0 1\n", "test.txt": "0 2\n" });
  await rejectsInput(load(folder, { minRating: 3 }), "column", "--min-rating", "no ratings");
  await rejectsInput(load(folder, { since: "2020-01-01" }), "column", "--since", "no times");
});

test("NCF files: the held-out item among its negatives is the default split", async () => {
  const dataset = await load(folderOf("ncf", ncf));
  assert.equal(dataset.name, "ncf-ml-1m");
  assert.equal(dataset.users.size, 2);
  assert.deepEqual(dataset.items.ids, ["25", "32", "33", "34"]);
  assert.equal(dataset.interactions.users.length, 5);
  assert.equal(dataset.shippedSplits[0]?.isDefault, true);
  assert.deepEqual(await shipped(dataset, "ncf"), {
    train: [
      ["0", "32", 4, 978824330],
      ["0", "34", 2, 978824331],
      ["1", "25", 5, 978300174],
    ],
    test: [
      ["0", "25", 5, 978824351],
      ["1", "33", 3, 978300174],
    ],
    candidates: [["33"], ["32", "34"]],
  });
});

test("NCF files: filters reach train, test and candidates", async () => {
  const folder = folderOf("ncf", ncf);
  const dataset = await load(folder, { minRating: 4 });
  assert.deepEqual(dataset.filterNotes, [
    "ml-1m.train.rating: minimum rating 4: removed 1 interaction, 0 users, 1 item",
    "ml-1m.test.rating: minimum rating 4: removed 1 interaction, 1 user, 1 item",
  ]);
  const { test, candidates } = await shipped(dataset, "ncf");
  assert.deepEqual(test, [["0", "25", 5, 978824351]]);
  // User 1 has no test item any more; item 33 is in no interaction any more.
  assert.deepEqual(candidates, [[], []]);
});

test("NCF files of Pinterest: pins have neither rating nor time", async () => {
  const folder = folderOf("Data", {
    "pinterest-20.train.rating": "0\t0\t1\t0\n1\t2\t1\t0\n",
    "pinterest-20.test.rating": "0\t2\t1\t0\n1\t0\t1\t0\n",
    "pinterest-20.test.negative": "(0,2)\t0\n(1,0)\t2\n",
  });
  const dataset = await load(folder);
  assert.equal(dataset.name, "ncf-pinterest");
  assert.deepEqual(externalRows(dataset)[0], ["0", "0", null, null]);
  await rejectsInput(load(folder, { minRating: 1 }), "column", "--min-rating");
});

test("NCF files: a list of negatives that is none names its line", async () => {
  const files = { ...ncf, "ml-1m.test.negative": "(0,25)\t33\n1,33\t32\n" };
  const dataset = await load(folderOf("ncf", files));
  await rejectsInput(
    dataset.shippedSplits[0]!.load(),
    "row",
    "ml-1m.test.negative, line 2",
    "(user,item)",
  );
});
