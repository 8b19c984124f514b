import assert from "node:assert/strict";
import { test } from "node:test";
import { filmTitles } from "../../src/data/film-titles.ts";
import { fingerprint } from "../../src/data/fingerprint.ts";
import { type Interactions, interactionCount, rowsByUser } from "../../src/data/interactions.ts";
import { parseSplit } from "../../src/data/split-language.ts";
import { splitDataset } from "../../src/data/splits.ts";
import { syntheticDataset } from "../../src/data/synthetic.ts";

const dataset = syntheticDataset();

test("it has the size of MovieLens 100K and says that it is made up", () => {
  assert.equal(dataset.users.size, 943);
  assert.equal(dataset.items.size, 1682);
  assert.equal(interactionCount(dataset.interactions), 100_000);
  assert.equal(dataset.synthetic, true);
  assert.equal(dataset.source, "synthetic (seed 1)");
  assert.equal(dataset.licence, null);
});

test("same size and seed, same bits; another seed, other data", () => {
  assert.equal(fingerprint(syntheticDataset()), fingerprint(dataset));
  const other = syntheticDataset({ seed: 2 });
  assert.notEqual(fingerprint(other), fingerprint(dataset));
  assert.notDeepEqual(other.itemFeatures.titles, dataset.itemFeatures.titles);
  const again = syntheticDataset({ seed: 2 });
  assert.deepEqual(again.itemFeatures, other.itemFeatures);
});

test("no pair comes twice; ratings are 1 … 5, most of them good; times go forward for each user", () => {
  const { users, items, values, times } = dataset.interactions;
  const pairs = new Set(Array.from(users, (user, at) => user * 1682 + items[at]!));
  assert.equal(pairs.size, users.length);
  assert.deepEqual([...new Set(values)].sort(), [1, 2, 3, 4, 5]);
  const mean = values!.reduce((sum, value) => sum + value, 0) / values!.length;
  assert.ok(mean > 3 && mean < 4, `mean rating ${mean}`);
  for (let at = 1; at < users.length; at++) {
    if (users[at] === users[at - 1]) assert.ok(times![at]! >= times![at - 1]!);
  }
});

test("popularity has a long tail: a tenth of the films has a third to two thirds of the ratings", () => {
  const counts = new Array<number>(1682).fill(0);
  for (const item of dataset.interactions.items) counts[item]!++;
  counts.sort((a, b) => b - a);
  const share = counts.slice(0, 168).reduce((sum, count) => sum + count, 0) / 100_000;
  assert.ok(share > 1 / 3 && share < 2 / 3, `share ${share}`);
  assert.ok(counts[0]! > 10 * counts[841]!, `most ${counts[0]}, median ${counts[841]}`);
});

test("films have titles of their own with the year, and one or two genres", () => {
  const { titles, years, genres } = dataset.itemFeatures;
  assert.equal(new Set(titles).size, 1682);
  titles!.forEach((title, item) => {
    assert.ok(title!.endsWith(` (${years![item]})`), title!);
    assert.match(title!, /^[A-Z][A-Za-z: ]+ \(\d{4}\)$/);
    const own = genres![item]!;
    assert.ok(own.length === 1 || own.length === 2, `${own}`);
    assert.equal(new Set(own).size, own.length);
  });
  assert.equal(new Set(genres!.map(([first]) => first)).size, 16);
});

test("film titles: as many as asked for, no two alike", () => {
  const films = filmTitles(20_000, 3);
  assert.equal(new Set(films.map(({ title }) => title)).size, 20_000);
  assert.ok(films.every(({ year }) => year >= 1895 && year <= 2020));
});

test("other sizes, down to a few items", () => {
  for (const [users, items, interactions] of [
    [5, 2, 5],
    [20, 40, 300],
    [2000, 500, 30_000],
  ] as const) {
    const small = syntheticDataset({ users, items, interactions, seed: 5 });
    assert.equal(interactionCount(small.interactions), interactions);
    assert.equal(small.itemFeatures.titles?.length, items);
    assert.equal(rowsByUser(small.interactions, users).indices.length, interactions);
  }
});

/** Item × item numbers of common users, over the root of the product of both popularities (cosine). */
function cosine(train: Interactions, userCount: number, itemCount: number): Float64Array {
  const { indptr, indices } = rowsByUser(train, userCount);
  const common = new Float64Array(itemCount * itemCount);
  for (let user = 0; user < userCount; user++) {
    const row = indices.subarray(indptr[user], indptr[user + 1]);
    for (let a = 0; a < row.length; a++) {
      const at = row[a]! * itemCount;
      for (let b = 0; b < row.length; b++) common[at + row[b]!]! += 1;
    }
  }
  const norm = Array.from({ length: itemCount }, (_, item) =>
    Math.sqrt(common[item * itemCount + item]!),
  );
  for (let a = 0; a < itemCount; a++) {
    for (let b = 0; b < itemCount; b++) common[a * itemCount + b]! /= norm[a]! * norm[b]! || 1;
  }
  return common;
}

/** Mean recall@20 over every fourth user, training items left out. */
function recall(
  train: Interactions,
  test: Interactions,
  scoresOf: (history: Int32Array) => Float64Array,
): number {
  const [userCount, itemCount] = [dataset.users.size, dataset.items.size];
  const histories = rowsByUser(train, userCount);
  const wanted = rowsByUser(test, userCount);
  let [sum, users] = [0, 0];
  for (let user = 0; user < userCount; user += 4) {
    const targets = new Set(wanted.indices.subarray(wanted.indptr[user], wanted.indptr[user + 1]));
    if (targets.size === 0) continue;
    const history = histories.indices.subarray(histories.indptr[user], histories.indptr[user + 1]);
    const scores = scoresOf(history);
    for (const item of history) scores[item] = Number.NEGATIVE_INFINITY;
    const list = Array.from({ length: itemCount }, (_, item) => item);
    list.sort((a, b) => scores[b]! - scores[a]! || a - b);
    const found = list.slice(0, 20).filter((item) => targets.has(item)).length;
    sum += found / targets.size;
    users++;
  }
  return sum / users;
}

test("taste can be found: item-item co-occurrence beats popularity clearly", async () => {
  const options = { seed: 1, validation: 0 };
  const { train, test } = await splitDataset(dataset, parseSplit("random:0.8"), options);
  const itemCount = dataset.items.size;
  const popularity = Float64Array.from({ length: itemCount }, () => 0);
  for (const item of train.items) popularity[item]! += 1;
  const similarity = cosine(train, dataset.users.size, itemCount);
  const byPopularity = recall(train, test!.targets, () => popularity.slice());
  const byTaste = recall(train, test!.targets, (history) => {
    const scores = new Float64Array(itemCount);
    for (const item of history) {
      const row = similarity.subarray(item * itemCount, (item + 1) * itemCount);
      for (let other = 0; other < itemCount; other++) scores[other]! += row[other]!;
    }
    return scores;
  });
  assert.ok(byTaste > 2 * byPopularity, `recall@20 ${byTaste} against ${byPopularity}`);
});
