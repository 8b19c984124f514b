import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { datasetStatistics } from "../../src/data/statistics.ts";
import { anyRows, datasetOf, interactionsOf, type Row } from "./small-datasets.ts";

const rows: Row[] = [
  [0, 0, 4, 30],
  [0, 1, 2, 10],
  [0, 2, 4, 20],
  [1, 0, 5, 40],
];

test("figures of four interactions, by hand", () => {
  // u2 and i3 have no interaction. Item counts 0, 1, 1, 2:
  // Gini = (−3·0 − 1·1 + 1·1 + 3·2) / (4 · 4) = 6/16.
  assert.deepEqual(datasetStatistics(datasetOf(rows, { sizes: [3, 4] })), {
    users: 3,
    items: 4,
    interactions: 4,
    density: 1 / 3,
    perUser: { mean: 4 / 3, median: 1, max: 3 },
    perItem: { mean: 1, median: 1, max: 2 },
    timeRange: { first: 10, last: 40 },
    valueHistogram: [
      { from: 2, to: 2, count: 1 },
      { from: 4, to: 4, count: 2 },
      { from: 5, to: 5, count: 1 },
    ],
    itemGini: 6 / 16,
  });
});

test("without values, times or interactions", () => {
  const bare = { ...interactionsOf(rows), values: null, times: null };
  const { timeRange, valueHistogram } = datasetStatistics(datasetOf(rows, { interactions: bare }));
  assert.equal(timeRange, null);
  assert.equal(valueHistogram, null);
  const empty = datasetStatistics(datasetOf([]));
  assert.equal(empty.density, 0);
  assert.equal(empty.itemGini, 0);
  assert.deepEqual(empty.perUser, { mean: 0, median: 0, max: 0 });
  assert.equal(empty.timeRange, null);
});

test("many different values are counted in 20 bins of equal width", () => {
  const spread = Array.from({ length: 101 }, (_, at): Row => [0, at, at, 0]);
  const bins = datasetStatistics(datasetOf(spread)).valueHistogram;
  assert.equal(bins?.length, 20);
  assert.deepEqual(bins?.at(0), { from: 0, to: 5, count: 5 });
  // 95 … 100: the last bin holds its upper end too.
  assert.deepEqual(bins?.at(-1), { from: 95, to: 100, count: 6 });
});

test("Gini equals the mean difference between items over twice the mean", () => {
  fc.assert(
    fc.property(anyRows, (any) => {
      const dataset = datasetOf(any);
      const counts = dataset.items.ids.map(
        (_, item) => any.filter((row) => row[1] === item).length,
      );
      const differences = counts.flatMap((a) => counts.map((b) => Math.abs(a - b)));
      const mean = any.length / counts.length;
      const expected =
        differences.reduce((sum, one) => sum + one, 0) / counts.length ** 2 / (2 * mean);
      assert.ok(Math.abs(datasetStatistics(dataset).itemGini - expected) < 1e-12);
    }),
  );
});
