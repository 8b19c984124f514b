/** Every published layout, on small folders written as its documentation says. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { quietContext } from "../../src/data/context.ts";
import type { Dataset } from "../../src/data/interactions.ts";
import { yearOf } from "../../src/data/layouts/layout.ts";
import { loadDataset } from "../../src/data/load.ts";
import { type DataOptionsInput, dataOptionsSchema } from "../../src/data/options.ts";
import { externalRows, rejectsInput, scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();

/** Writes files into a folder of that name. */
function folderOf(
  name: string,
  files: Readonly<Record<string, string>>,
  encoding: "utf8" | "latin1" = "utf8",
): string {
  const folder = join(mkdtempSync(join(scratch, "layout-")), name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(folder, file), Buffer.from(text, encoding));
  }
  return folder;
}

function load(data: string, options: Omit<DataOptionsInput, "data"> = {}): Promise<Dataset> {
  return loadDataset(dataOptionsSchema.parse({ data, ...options }), quietContext);
}

/** A shipped split in external ids. */
async function shipped(dataset: Dataset, name: string) {
  const split = dataset.shippedSplits.find((known) => known.name === name);
  assert.ok(split, `no split ${name}`);
  const { train, test, candidates } = await split.load();
  const { users, items } = dataset;
  return {
    train: externalRows({ users, items, interactions: train }),
    test: externalRows({ users, items, interactions: test }),
    candidates:
      candidates &&
      users.ids.map((_, user) =>
        Array.from(
          candidates.indices.subarray(candidates.indptr[user], candidates.indptr[user + 1]),
          (item) => items.idOf(item),
        ),
      ),
  };
}

const genreMarks = (...marked: number[]) =>
  Array.from({ length: 4 }, (_, genre) => (marked.includes(genre) ? 1 : 0)).join("|");

const films100k = {
  "u.data": "2\t10\t3\t881250949\n1\t9\t5\t891717742\n2\t9\t1\t878887116\n",
  "u.item": [
    `9|Misérables, Les (1995)|01-Jan-1995||http://a|${genreMarks(2, 3)}`,
    `10|unknown||||${genreMarks(0)}`,
    `11|Never Rated (1990)|01-Jan-1990||http://c|${genreMarks(1)}`,
    "",
  ].join("\n"),
  "u.genre": "unknown|0\nAction|1\nDrama|2\nMusical|3\n\n",
  "u.user": "1|24|M|technician|85711\n2|53|F|other|94043\n",
  "u1.base": "2\t10\t3\t881250949\n1\t9\t5\t891717742\n",
  "u1.test": "2\t9\t1\t878887116\n",
  "ua.base": "1\t9\t5\t891717742\n",
};

test("MovieLens 100K: ratings, titles, genres by their marks, user features, shipped cuts", async () => {
  const folder = folderOf("ml-100k", films100k, "latin1");
  const dataset = await load(folder);
  assert.equal(dataset.name, "ml-100k");
  assert.equal(dataset.source, folder);
  assert.match(dataset.licence ?? "", /GroupLens/);
  assert.equal(dataset.synthetic, false);
  assert.deepEqual(externalRows(dataset), [
    ["2", "10", 3, 881250949],
    ["1", "9", 5, 891717742],
    ["2", "9", 1, 878887116],
  ]);
  // Ids in the order of their numbers: 9 before 10; what is not rated is no item.
  assert.deepEqual(dataset.items.ids, ["9", "10"]);
  assert.deepEqual(dataset.itemFeatures, {
    titles: ["Misérables, Les (1995)", "unknown"],
    genres: [["Drama", "Musical"], []],
    years: [1995, null],
  });
  assert.deepEqual(dataset.userFeatures, {
    age: ["24", "53"],
    gender: ["M", "F"],
    occupation: ["technician", "other"],
    zip: ["85711", "94043"],
  });
  // ua lacks its test file, the others lack both.
  assert.deepEqual(
    dataset.shippedSplits.map(({ name, isDefault }) => [name, isDefault]),
    [["u1", false]],
  );
  assert.deepEqual(await shipped(dataset, "u1"), {
    train: [
      ["2", "10", 3, 881250949],
      ["1", "9", 5, 891717742],
    ],
    test: [["2", "9", 1, 878887116]],
    candidates: null,
  });
});

test("row filters apply to ratings and shipped cuts, and a note says what they removed", async () => {
  const folder = folderOf("ml-100k", films100k, "latin1");
  const liked = await load(folder, { minRating: 3 });
  assert.deepEqual(
    externalRows(liked).map(([user, item]) => `${user}/${item}`),
    ["2/10", "1/9"],
  );
  assert.deepEqual(liked.filterNotes, ["minimum rating 3: removed 1 interaction"]);
  const late = await load(folder, { since: "881250949", until: "891717742" });
  assert.deepEqual(externalRows(late), [["2", "10", 3, 881250949]]);
  assert.equal(late.filterNotes.length, 1);
  assert.match(late.filterNotes[0]!, /removed 2 interactions/);
  const early = await load(folder, { until: "891717742" });
  assert.deepEqual((await shipped(early, "u1")).train, [["2", "10", 3, 881250949]]);
});

test("MovieLens 1M: users with the words of the README for its codes", async () => {
  const folder = folderOf(
    "ml-1m",
    {
      "ratings.dat": "1::1193::5::978300760\n2::661::3::978302109\n",
      "movies.dat":
        "661::James and the Giant Peach (1996)::Animation|Children's|Musical\n1193::Café: Part 1::2 (1975)::Drama\n",
      "users.dat": "1::F::1::10::48067\n2::M::56::16::70072\n",
    },
    "latin1",
  );
  const dataset = await load(folder);
  assert.equal(dataset.name, "ml-1m");
  assert.deepEqual(externalRows(dataset), [
    ["1", "1193", 5, 978300760],
    ["2", "661", 3, 978302109],
  ]);
  assert.deepEqual(dataset.itemFeatures, {
    titles: ["James and the Giant Peach (1996)", "Café: Part 1::2 (1975)"],
    genres: [["Animation", "Children's", "Musical"], ["Drama"]],
    years: [1996, 1975],
  });
  assert.deepEqual(dataset.userFeatures, {
    age: ["under 18", "56+"],
    gender: ["F", "M"],
    occupation: ["K-12 student", "self-employed"],
    zip: ["48067", "70072"],
  });
});

test("MovieLens 10M: the archive's folder name, half stars, no users", async () => {
  const folder = folderOf("ml-10M100K", {
    "ratings.dat": "1::122::5::838985046\n1::185::4.5::838983525\n",
    "movies.dat":
      "122::Boomerang (1992)::Comedy|Romance\n185::Net, The (1995)::(no genres listed)\n",
    "tags.dat": "15::4973::excellent!::1215184630\n",
  });
  const dataset = await load(folder);
  assert.equal(dataset.name, "ml-10m");
  assert.deepEqual(externalRows(dataset), [
    ["1", "122", 5, 838985046],
    ["1", "185", 4.5, 838983525],
  ]);
  assert.deepEqual(dataset.itemFeatures.genres, [["Comedy", "Romance"], []]);
  assert.deepEqual(dataset.userFeatures, {});
});

test("MovieTweetings: ids keep their leading zeros, account numbers are no feature", async () => {
  const folder = folderOf("10K", {
    "ratings.dat": "1::0120735::9::1363245118\n2::2592910::10::1362901837\n",
    "movies.dat":
      "0120735::Lock, Stock and Two Smoking Barrels (1998)::Comedy|Crime\n2592910::CM101MMXI Fundamentals (2013)::\n",
    "users.dat": "1::139564917\n2::522540374\n",
  });
  const dataset = await load(folder);
  assert.equal(dataset.name, "movietweetings-10k");
  assert.equal(dataset.licence, "MIT");
  assert.deepEqual(dataset.items.ids, ["0120735", "2592910"]);
  assert.deepEqual(dataset.itemFeatures.genres, [["Comedy", "Crime"], []]);
  assert.deepEqual(dataset.userFeatures, {});
});

for (const name of ["ml-20m", "ml-25m", "ml-latest-small"]) {
  test(`${name}: CSV with headers, quoted titles`, async () => {
    const folder = folderOf(name, {
      "ratings.csv": "userId,movieId,rating,timestamp\n1,2,3.5,1112486027\n1,11,4.0,1112484676\n",
      "movies.csv":
        'movieId,title,genres\n2,"Jumanji, ""the"" Film (1995)",Adventure|Children\n11,Cosmos,(no genres listed)\n',
      "tags.csv": "userId,movieId,tag,timestamp\n18,4141,Mark Waters,1240597180\n",
    });
    const dataset = await load(folder);
    assert.equal(dataset.name, name);
    assert.deepEqual(externalRows(dataset), [
      ["1", "2", 3.5, 1112486027],
      ["1", "11", 4, 1112484676],
    ]);
    assert.deepEqual(dataset.itemFeatures, {
      titles: ['Jumanji, "the" Film (1995)', "Cosmos"],
      genres: [["Adventure", "Children"], []],
      years: [1995, null],
    });
  });
}

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

const ncf = {
  "ml-1m.train.rating": "0\t32\t4\t978824330\n0\t34\t2\t978824331\n1\t25\t5\t978300174\n",
  "ml-1m.test.rating": "0\t25\t5\t978824351\n1\t33\t3\t978300174\n",
  // A published list may hold the test item itself, and items nobody rated.
  "ml-1m.test.negative": "(0,25)\t33\t25\t999\n(1,33)\t32\t34\n",
};

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
    candidates: [
      ["25", "33"],
      ["32", "33", "34"],
    ],
  });
});

test("NCF files: filters reach train, test and candidates", async () => {
  const folder = folderOf("ncf", ncf);
  const dataset = await load(folder, { minRating: 4 });
  assert.deepEqual(dataset.filterNotes, [
    "ml-1m.train.rating: minimum rating 4: removed 1 interaction",
    "ml-1m.test.rating: minimum rating 4: removed 1 interaction",
  ]);
  const { test, candidates } = await shipped(dataset, "ncf");
  assert.deepEqual(test, [["0", "25", 5, 978824351]]);
  // User 1 has no test item any more; item 33 is in no interaction any more.
  assert.deepEqual(candidates, [["25"], []]);
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

test("a folder under any other name is known by its files, one without any is refused", async () => {
  const dataset = await load(folderOf("my films", films100k, "latin1"));
  assert.deepEqual([dataset.name, dataset.licence], ["my films", null]);
  const ours = await load(folderOf("leave one out", ncf));
  assert.deepEqual([ours.name, ours.shippedSplits[0]?.name], ["leave one out", "ncf"]);
  const folder = folderOf("photos", { "a.jpg": "", "b.jpg": "" });
  await rejectsInput(load(folder), "file-folder", "photos", "a.jpg, b.jpg");
});

test("flags that say how a file is read are refused for a known layout", async () => {
  const folder = folderOf("ml-100k", films100k, "latin1");
  await rejectsInput(load(folder, { delimiter: "," }), "option", "--delimiter");
  await rejectsInput(load("synthetic", { userColumn: "1" }), "option", "--user-column");
});

test("the year is the last one in brackets", () => {
  for (const [title, year] of [
    ["Toy Story (1995)", 1995],
    ["2001: A Space Odyssey (1968)", 1968],
    ["Land Before Time III (1995) (V)", 1995],
    ["(500) Days of Summer (2009)", 2009],
    ["Metisse (Café au Lait) (1993)", 1993],
    ["Fawlty Towers (1975-1979)", 1975],
    ["Death Note (2006–2007)", 2006],
    ["1984", null],
    ["Babylon 5", null],
    ["Ongoing (2001– )", 2001],
    [undefined, null],
  ] as const) {
    assert.equal(yearOf(title), year, String(title));
  }
});
