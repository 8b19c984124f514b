import assert from "node:assert/strict";
import { test } from "node:test";
import type { Rows, ShippedSplit } from "../../src/data/interactions.ts";
import { parseSplit } from "../../src/data/split-language.ts";
import { splitDataset } from "../../src/data/splits.ts";
import { datasetOf, interactionsOf, pairs, type Row } from "./small-datasets.ts";

const rows = Array.from({ length: 24 }, (_, at): Row => [at % 4, Math.floor(at / 4), 1, at]);

function shipping(
  name: string,
  train: readonly Row[],
  test: readonly Row[],
  candidates: Rows | null = null,
): ShippedSplit {
  return {
    name,
    isDefault: name === "ub",
    description: "two items a user",
    load: async () => ({ train: interactionsOf(train), test: interactionsOf(test), candidates }),
  };
}

const cut = (shippedSplits: readonly ShippedSplit[], text: string, validation = 0) =>
  splitDataset(datasetOf(rows, { shippedSplits }), parseSplit(text), { seed: 2, validation });

test("a shipped split is used as it is, and by default the one marked so", async () => {
  const splits = [
    shipping("ua", rows.slice(0, 20), rows.slice(20)),
    shipping("ub", rows.slice(4), rows.slice(0, 4)),
  ];
  const named = await cut(splits, "file:ua");
  assert.deepEqual(pairs(named.train), pairs(interactionsOf(rows.slice(0, 20))));
  assert.deepEqual(pairs(named.test?.targets), pairs(interactionsOf(rows.slice(20))));
  assert.deepEqual(
    named.warnings.filter((line) => !line.includes("items without")),
    [],
  );
  const chosen = await cut(splits, "default");
  assert.equal(chosen.specification, "file:ub");
  assert.match(chosen.description, /^split "ub" as shipped: two items a user/);
});

test("its validation part is cut from its train", async () => {
  const splits = [shipping("ua", rows.slice(0, 20), rows.slice(20))];
  const split = await cut(splits, "file:ua", 0.2);
  assert.equal(split.validation?.targets.users.length, 4);
  assert.deepEqual(
    [...pairs(split.train), ...pairs(split.validation?.targets)].toSorted(),
    pairs(interactionsOf(rows.slice(0, 20))).toSorted(),
  );
  assert.deepEqual(pairs(split.test?.targets), pairs(interactionsOf(rows.slice(20))));
});

test("validation is ranked among the candidates of the test, and the metric is called sampled", async () => {
  const candidates = { indptr: Int32Array.of(0, 1, 1, 1, 1), indices: Int32Array.of(5) };
  const split = await cut(
    [shipping("ua", rows.slice(0, 20), rows.slice(20), candidates)],
    "file:ua",
    0.2,
  );
  assert.equal(split.test?.candidates, candidates);
  assert.equal(split.validation?.candidates, candidates);
  assert.ok(split.warnings.some((line) => line.includes("its metrics are sampled")));
});

test("beside candidates, validation is one random interaction a user", async () => {
  const candidates = { indptr: Int32Array.of(0, 1, 1, 1, 1), indices: Int32Array.of(5) };
  const shipped = shipping("ua", rows.slice(0, 20), rows.slice(20), candidates);
  const { train, validation, description } = await cut([shipped], "file:ua", 0.05);
  const held = pairs(validation?.targets);
  assert.deepEqual(held.map((pair) => pair.split("/")[0]).toSorted(), ["0", "1", "2", "3"]);
  assert.deepEqual(
    [...pairs(train), ...held].toSorted(),
    pairs(interactionsOf(rows.slice(0, 20))).toSorted(),
  );
  assert.match(description, /; validation: one more random interaction of each user \(seed 2\)$/);
});

test("pairs of train are taken from test, and repeats count once", async () => {
  const test = [...rows.slice(18), rows.slice(18)[0] ?? [0, 0, 0, 0]] as const;
  const split = await cut([shipping("ua", rows.slice(0, 20), test)], "file:ua");
  assert.deepEqual(pairs(split.test?.targets), pairs(interactionsOf(rows.slice(20))));
  assert.ok(split.warnings.some((line) => line.startsWith("1 repeated (user, item) pairs")));
  assert.ok(split.warnings.some((line) => line.startsWith("2 test interactions of file:ua")));
});

test("an unknown name lists those there are; an empty part is refused", async () => {
  const refused = (splits: readonly ShippedSplit[], text: string, message: RegExp) =>
    assert.rejects(cut(splits, text), { name: "BadInputError", code: "split", message });
  await refused([shipping("ua", rows, rows)], "file:uc", /ships file:ua; choose one of these/);
  await refused([], "file:uc", /ships no split; choose another kind/);
  await refused([shipping("ua", rows, [])], "file:ua", /24 training and 0 test/);
});
