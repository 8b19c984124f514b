import assert from "node:assert/strict";
import { test } from "node:test";
import { Measure, parseKs, selfInformation } from "../../src/evaluation/measure.ts";
import {
  giniIndex,
  metricDefinition,
  metricKey,
  parseMetricKey,
} from "../../src/evaluation/metrics.ts";
import { type ProtocolName, parseProtocol } from "../../src/evaluation/protocols.ts";
import type { RankedLists } from "../../src/models/rank.ts";
import { near, rowsFrom } from "./cases.ts";

/** Lists of equal length from arrays; short ones end in −1. */
function lists(k: number, rows: readonly (readonly number[])[]): RankedLists {
  const items = new Int32Array(rows.length * k).fill(-1);
  rows.forEach((row, at) => {
    items.set(row, at * k);
  });
  return { k, items, scores: new Float32Array(items.length) };
}

function measure(
  ranked: RankedLists,
  targets: readonly (readonly number[])[],
  ks: readonly number[],
  extra: { protocol?: ProtocolName; popularity?: Int32Array; itemCount?: number } = {},
) {
  const measured = new Measure(targets.length, { itemCount: 10, ks, ...extra });
  measured.add(ranked, rowsFrom(targets));
  return measured.finish();
}

// Hits at ranks 2 and 4 of 5; four test items.
const ranked = lists(5, [[9, 1, 8, 2, 7]]);
const targets = [[1, 2, 3, 4]];

test("every metric of one list, worked out by hand", () => {
  const { metrics } = measure(ranked, targets, [1, 2, 5]);
  near(metrics["recall@1"], 0);
  near(metrics["recall@2"], 1 / 4);
  near(metrics["recall@5"], 2 / 4);
  near(metrics["precision@2"], 1 / 2);
  near(metrics["precision@5"], 2 / 5);
  // 1/log2(3) = 0.6309297535714574, 1/log2(4) = 1/2, 1/log2(5) = 0.43067655807339306
  near(metrics["ndcg@2"], 0.6309297535714574 / 1.6309297535714573);
  near(metrics["ndcg@5"], (0.6309297535714574 + 0.43067655807339306) / 2.5616063116448506);
  near(metrics["hr@1"], 0);
  near(metrics["hr@2"], 1);
  near(metrics["mrr@1"], 0);
  near(metrics["mrr@5"], 1 / 2);
  near(metrics["map@2"], 1 / 2 / 2);
  near(metrics["map@5"], (1 / 2 + 2 / 4) / 4);
});

test("a perfect list scores 1 everywhere, also where k is beyond the test items", () => {
  const { metrics } = measure(lists(3, [[4, 5, 6]]), [[4, 5]], [3]);
  for (const name of ["recall", "ndcg", "hr", "mrr", "map"]) near(metrics[`${name}@3`], 1);
  near(metrics["precision@3"], 2 / 3);
});

test("MRR is 1 / rank: the third place gives 1/3, not 1/log2 of anything", () => {
  const { metrics } = measure(lists(3, [[9, 8, 1]]), [[1]], [3]);
  near(metrics["mrr@3"], 1 / 3);
});

test("the mult-vae protocol divides recall by min(k, |T|)", () => {
  const { metrics } = measure(ranked, targets, [2, 5], { protocol: "mult-vae" });
  near(metrics["recall@2"], 1 / 2);
  near(metrics["recall@5"], 2 / 4);
});

test("the microsoft protocol divides average precision by |T|", () => {
  const { metrics } = measure(ranked, targets, [2], { protocol: "microsoft" });
  near(metrics["map@2"], 1 / 2 / 4);
  near(metrics["recall@2"], 1 / 4);
});

test("means are over users with test items; the others do not count", () => {
  const many = lists(2, [
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const measured = measure(many, [[1], [], [9]], [2]);
  near(measured.metrics["recall@2"], 1 / 2);
  assert.deepEqual([...measured.values["recall@2"]!], [1, 0]);
  // The second list is nobody's: its items are not covered.
  near(measured.metrics["coverage@2"], 4 / 10);
});

test("a short list counts as it is: precision still divides by k", () => {
  const { metrics } = measure(lists(4, [[1, 2]]), [[1, 2, 3]], [4]);
  near(metrics["precision@4"], 2 / 4);
  near(metrics["recall@4"], 2 / 3);
  near(metrics["ndcg@4"], (1 + 0.6309297535714574) / (1 + 0.6309297535714574 + 0.5));
});

test("an empty list scores 0 and has no novelty", () => {
  const popularity = new Int32Array(10).fill(1);
  const both = lists(2, [[], [1, 2]]);
  const { metrics, values } = measure(both, [[1], [1]], [2], { popularity });
  assert.deepEqual([...values["ndcg@2"]!], [0, 1]);
  assert.ok(Number.isNaN(values["novelty@2"]![0]));
  near(metrics["novelty@2"], Math.log2(10));
});

test("k beyond the number of items is allowed", () => {
  const { metrics } = measure(lists(3, [[2, 0, 1]]), [[1]], [50], { itemCount: 3 });
  near(metrics["recall@50"], 1);
  near(metrics["precision@50"], 1 / 50);
  near(metrics["ndcg@50"], 1 / 2);
});

test("coverage and Gini of exposure, worked out by hand", () => {
  const three = lists(2, [
    [0, 1],
    [0, 2],
    [0, 1],
  ]);
  const { metrics } = measure(three, [[9], [9], [9]], [1, 2], { itemCount: 10 });
  near(metrics["coverage@1"], 1 / 10);
  near(metrics["gini@1"], 9 / 10);
  near(metrics["coverage@2"], 3 / 10);
  // Exposure 0×7, 1, 2, 3: (2·8−11)·1 + (2·9−11)·2 + (2·10−11)·3 = 5 + 14 + 27 = 46; n Σx = 60.
  near(metrics["gini@2"], 46 / 60);
});

test("Gini: equal amounts 0, all in one place (n − 1)/n, nothing at all has none", () => {
  near(giniIndex(Int32Array.of(3, 3, 3)), 0);
  near(giniIndex(Int32Array.of(0, 7, 0, 0)), 3 / 4);
  assert.ok(Number.isNaN(giniIndex(Int32Array.of(0, 0))));
});

test("novelty and average popularity, worked out by hand", () => {
  // Shares 1/2, 1/4, 1/8, 1/8: 1, 2, 3 and 3 bits.
  const popularity = Int32Array.of(4, 2, 1, 1);
  const { metrics } = measure(lists(2, [[0, 1], [3]]), [[2], [2]], [1, 2], {
    popularity,
    itemCount: 4,
  });
  near(metrics["novelty@2"], ((1 + 2) / 2 + 3) / 2);
  near(metrics["averagePopularity@2"], ((4 + 2) / 2 + 1) / 2);
  near(metrics["averagePopularity@1"], (4 + 1) / 2);
});

test("an item without training interactions counts as if it had one", () => {
  assert.deepEqual([...selfInformation(Int32Array.of(3, 0, 1))], [-Math.log2(3 / 4), 2, 2]);
  assert.deepEqual([...selfInformation(Int32Array.of(0, 0))], [-0, -0]);
});

test("without popularity, novelty and average popularity are left out", () => {
  const { metrics } = measure(ranked, targets, [5]);
  assert.deepEqual(
    Object.keys(metrics).toSorted(),
    ["coverage", "gini", "hr", "map", "mrr", "ndcg", "precision", "recall"].map((name) =>
      metricKey(name as "recall", 5),
    ),
  );
});

test("definitions name k and the protocol's divisor", () => {
  assert.equal(
    metricDefinition("recall@20"),
    "the share of a user's test items found in the first 20",
  );
  assert.match(metricDefinition("recall@20", "mult-vae"), /the smaller of 20 and/);
  assert.match(metricDefinition("map@5", "microsoft"), /all of the user's test items/);
  assert.match(metricDefinition("coverage@5"), /first 5 of at least one user/);
});

test("bad k, bad keys and bad protocols are refused with the fix", () => {
  assert.deepEqual(parseKs([20, 5, 20]), [5, 20]);
  assert.throws(() => parseKs([]), /no list length k was given/);
  for (const k of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => parseKs([k]), { code: "k", exitCode: 2 });
  }
  assert.deepEqual(parseMetricKey("ndcg@100"), { name: "ndcg", k: 100 });
  for (const key of ["recal@20", "recall", "recall@0", "recall@1.5", "toString@3"]) {
    assert.throws(() => parseMetricKey(key), { code: "unknown-metric" });
  }
  assert.equal(parseProtocol("microsoft"), "microsoft");
  assert.throws(() => parseProtocol("multvae"), /did you mean "mult-vae"/);
  assert.throws(() => parseProtocol("ncf"), /NCF's protocol is a split: --split file:ncf/);
});

test("lists that do not fit the targets are refused", () => {
  assert.throws(() => measure(ranked, [[1], [2]], [5]), { code: "shape" });
  assert.throws(() => measure(ranked, targets, [6]), { code: "shape" });
  assert.throws(() => measure(ranked, targets, [5], { popularity: new Int32Array(9) }), {
    code: "shape",
  });
});
