/** Layouts of ratings with films, on small folders written as its documentation says. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { yearOf } from "../../src/data/layouts/layout.ts";
import { folderOf, load, ncf, shipped } from "./layout-folders.ts";
import { externalRows, rejectsInput } from "./scratch.ts";

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
  assert.deepEqual(liked.filterNotes, [
    "minimum rating 3: removed 1 interaction, 0 users, 0 items",
  ]);
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
