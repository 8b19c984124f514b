/** Item-kNN, user-kNN and the walks of P3α and RP3β against their formulas, written out densely. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Dataset, rowsByUser } from "../../src/data/interactions.ts";
import { rank } from "../../src/models/rank.ts";
import { findModel } from "../../src/models/registry.ts";
import { fitModel } from "../../src/training/fit.ts";
import { datasetOf, splitOf, tasteWorld, trainingContext } from "./small-world.ts";

/** Who has what, as a table of 0 and 1. */
function table(dataset: Dataset): number[][] {
  const { users, items } = dataset.interactions;
  const x = Array.from({ length: dataset.users.size }, () =>
    new Array<number>(dataset.items.size).fill(0),
  );
  users.forEach((user, at) => {
    x[user]![items[at]!] = 1;
  });
  return x;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((v, at) => v * b[at]!));
const turn = (x: readonly (readonly number[])[]) => x[0]!.map((_, at) => x.map((row) => row[at]!));

/** tf-idf or BM25 of a binary table whose rows are the documents. */
function weigh(x: number[][], weighting: string): number[][] {
  if (weighting === "none") return x;
  const idf = turn(x).map((column) => Math.max(0, Math.log(x.length / (1 + sum(column)))));
  const mean = sum(x.map(sum)) / x.length;
  return x.map((row) =>
    row.map((value, at) => {
      const frequency = value / (1.2 * (1 - 0.75 + (0.75 * sum(row)) / mean) + value);
      return (weighting === "bm25" ? 2.2 * frequency : Math.sqrt(value)) * idf[at]!;
    }),
  );
}

function similarities(x: number[][], settings: Record<string, unknown>): number[][] {
  const { similarity = "cosine", shrinkage = 0, weighting = "none" } = settings;
  const rows = weigh(x, String(weighting)).map((row) => {
    const mean = similarity === "pearson" ? sum(row) / row.length : 0;
    return row.map((value) => value - mean);
  });
  const length = rows.map((row) => Math.sqrt(dot(row, row)));
  return rows.map((a, i) =>
    rows.map((b, j) =>
      i === j || dot(x[i]!, x[j]!) === 0
        ? 0
        : dot(a, b) / (length[i]! * length[j]! + Number(shrinkage)),
    ),
  );
}

/** Each row's k largest positive values, others 0. */
function largest(rows: number[][], k: number): number[][] {
  return rows.map((row) => {
    const kept = [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b).slice(0, k);
    return row.map((value, at) => (kept.includes(at) ? Math.max(0, value) : 0));
  });
}

const unitSums = (rows: number[][]) =>
  rows.map((row) => row.map((value) => (sum(row) > 0 ? value / sum(row) : 0)));

async function fitted(name: string, settings: Record<string, unknown>, dataset: Dataset) {
  const model = findModel(name);
  const hyperparameters = model.hyperparameters.parse(settings);
  return (await fitModel(model, hyperparameters, trainingContext(dataset, splitOf(dataset))))
    .recommender;
}

function close(found: Float32Array, expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  found.forEach((value, at) => {
    const bound = 2e-5 * (1 + Math.abs(expected[at]!));
    assert.ok(Math.abs(value - expected[at]!) < bound, `${at}: ${value} against ${expected[at]}`);
  });
}

// Large enough that no two similarities at a cut are equal: rounding would decide.
const world = tasteWorld(150, 26, 9, 3);
const everyone = Int32Array.from({ length: 150 }, (_, user) => user);

describe("item-kNN", () => {
  it("counts, by hand: two of three users share the items", async () => {
    // a: 0 1 2, b: 0 1, c: 1 2 — cos(0, 1) = 2/√(2·3), cos(0, 2) = 1/√(2·2), cos(1, 2) = 2/√(3·2)
    const small = datasetOf([[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [2, 1], [2, 2]]); // biome-ignore format: a table
    const scores = await (await fitted("item-knn", {}, small)).scoreUsers(Int32Array.of(1));
    close(scores, [2 / Math.sqrt(6), 2 / Math.sqrt(6), 1 / 2 + 2 / Math.sqrt(6)]);
  });

  for (const settings of [
    {},
    { neighbours: 4, shrinkage: 3 },
    { neighbours: 5, similarity: "pearson", normalise: true, means: true },
    { neighbours: 6, weighting: "tf-idf", normalise: true },
    { neighbours: 6, weighting: "bm25", shrinkage: 2, similarity: "pearson" },
  ]) {
    it(`is its formula with ${JSON.stringify(settings)}`, async () => {
      const x = table(world);
      const columns = turn(x);
      const { neighbours = 100, normalise = false, means = false } = settings;
      const near = largest(similarities(columns, settings), neighbours);
      const weights = normalise ? unitSums(near) : near;
      const mean = columns.map((column) => (means ? sum(column) / x.length : 0));
      const expected = x.map((row) =>
        weights.map(
          (line, item) =>
            mean[item]! +
            dot(
              line,
              row.map((v, at) => v - mean[at]!),
            ),
        ),
      );
      const recommender = await fitted("item-knn", settings, world);
      close(await recommender.scoreUsers(everyone), expected.flat());
      close(await recommender.scoreHistories(rowsByUser(world.interactions, 150)), expected.flat());
      const lists = await rank(recommender, { users: everyone }, 26, null);
      const scores = await recommender.scoreUsers(everyone);
      everyone.forEach((user) => {
        const line = [...scores.subarray(user * 26, (user + 1) * 26)];
        const order = [...line.keys()].sort((a, b) => line[b]! - line[a]! || a - b);
        assert.deepEqual([...lists.items.subarray(user * 26, (user + 1) * 26)], order);
      });
    });
  }
});

describe("user-kNN", () => {
  for (const settings of [
    {},
    { neighbours: 4, shrinkage: 3, normalise: true },
    { neighbours: 5, similarity: "pearson", weighting: "bm25" },
  ]) {
    it(`is its formula with ${JSON.stringify(settings)}, and folds in by the same one`, async () => {
      const x = table(world);
      const { neighbours = 100, normalise = false } = settings;
      const recommender = await fitted("user-knn", settings, world);
      const near = largest(similarities(x, settings), neighbours);
      const weights = normalise ? unitSums(near) : near;
      const score = (line: number[]) => turn(x).map((column) => dot(line, column));
      close(await recommender.scoreUsers(everyone), weights.flatMap(score));
      // A stranger is one row more, whom the training users do not see.
      const history = [2, 5, 11, 19];
      const stranger = x[0]!.map((_, item) => (history.includes(item) ? 1 : 0));
      const rows = Int32Array.from(history);
      const found = await recommender.scoreHistories({
        indptr: Int32Array.of(0, 4),
        indices: rows,
      });
      if (!("weighting" in settings)) {
        const all = largest(similarities([...x, stranger], settings), neighbours).at(-1)!;
        const line = (normalise ? unitSums([all])[0]! : all).slice(0, 150);
        close(found, score(line));
      }
      for (const item of [0, 7, 13]) {
        const parts = (await recommender.explain(rows, item))!;
        assert.ok(Math.abs(sum([...parts]) - found[item]!) < 1e-5);
        // Without an item of the history nobody who is near by that item alone remains.
        assert.ok(parts.every((part) => part >= 0));
      }
    });
  }
});

describe("P3α and RP3β", () => {
  for (const [name, settings] of [
    ["p3alpha", { neighbours: 5, alpha: 0.7 }],
    ["rp3beta", { neighbours: 6, alpha: 1.3, beta: 0.4 }],
    ["rp3beta", { neighbours: 30, alpha: 0.5, beta: 0.2, normalise: false }],
  ] as const) {
    it(`${name} is its formula with ${JSON.stringify(settings)}`, async () => {
      const x = table(world);
      const columns = turn(x);
      const beta = "beta" in settings ? settings.beta : 0;
      const degree = (row: readonly number[]) => Math.max(1, sum(row));
      const walk = columns.map((from, i) =>
        columns.map((to, j) =>
          i === j
            ? 0
            : sum(
                x.map(
                  (user, v) =>
                    (from[v]! * to[v]!) /
                    (degree(from) ** settings.alpha *
                      degree(user) ** settings.alpha *
                      degree(to) ** beta),
                ),
              ),
        ),
      );
      const cut = largest(walk, settings.neighbours);
      const rows = "normalise" in settings ? cut : unitSums(cut);
      const weights = turn(largest(turn(rows), settings.neighbours));
      const recommender = await fitted(name, settings, world);
      const scores = await recommender.scoreUsers(everyone);
      close(
        scores,
        x.flatMap((row) => turn(weights).map((column) => dot(row, column))),
      );
      const history = Int32Array.of(1, 4, 9);
      const parts = (await recommender.explain(history, 2))!;
      for (const [at, item] of history.entries()) {
        const alone = (await recommender.explain(Int32Array.of(item), 2))!;
        assert.equal(parts[at], Math.fround(alone[0]!));
      }
    });
  }
});
