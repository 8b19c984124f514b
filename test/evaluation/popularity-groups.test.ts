import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { groupsByPopularity } from "../../src/evaluation/popularity-groups.ts";
import { summarise } from "../../src/evaluation/summary.ts";
import { fixedScores, interactionsFrom, partFrom } from "./cases.ts";

test("groups hold equal shares of the interactions, rarest items first", () => {
  // Ten interactions a group of five: 1 1 2 2 4 | 10 | 10 | 5 5 | 10, in ascending order.
  const popularity = Int32Array.of(10, 1, 4, 2, 10, 5, 1, 10, 5, 2);
  // Ascending: 1(1) 6(1) 3(2) 9(2) 2(4) | 5(5) 8(5) | 0(10) | 4(10) | 7(10).
  assert.deepEqual([...groupsByPopularity(popularity)], [2, 0, 0, 0, 3, 1, 0, 4, 1, 0]);
  assert.deepEqual([...groupsByPopularity(new Int32Array(3))], [0, 0, 0], "nobody bought anything");
});

test("a group's recall is the mean over users with a test item in it", async () => {
  const popularity = Int32Array.of(1, 1, 2, 2, 2); // each item is two interactions of eight or half of it
  // Middles .5, 1.5, 3, 5, 7 of 8: groups 0, 0, 1, 3, 4.
  const recommender = fixedScores([
    [5, 4, 3, 2, 1],
    [1, 2, 3, 4, 5],
  ]);
  const options = { seen: [interactionsFrom([[], []])], ks: [1, 3], trainPopularity: popularity };
  const part = partFrom([
    [0, 1, 4],
    [0, 4],
  ]);
  const { byPopularity } = await evaluate(recommender, part, options);
  assert.deepEqual(byPopularity!.groups, [
    { items: 2, least: 1, most: 1, users: 2 },
    { items: 1, least: 2, most: 2, users: 0 },
    { items: 0, least: 0, most: 0, users: 0 },
    { items: 1, least: 2, most: 2, users: 0 },
    { items: 1, least: 2, most: 2, users: 2 },
  ]);
  // User 0 is shown 0, 1, 2; user 1 is shown 4, 3, 2.
  assert.deepEqual(byPopularity!.recall["recall@1"], [
    1 / 4,
    Number.NaN,
    Number.NaN,
    Number.NaN,
    1 / 2,
  ]);
  assert.deepEqual(byPopularity!.recall["recall@3"], [
    1 / 2,
    Number.NaN,
    Number.NaN,
    Number.NaN,
    1 / 2,
  ]);

  const reachable = await evaluate(recommender, part, { ...options, protocol: "mult-vae" });
  // At k = 1 one of user 0's two rare items is all that a list can hold.
  assert.equal(reachable.byPopularity!.recall["recall@1"]![0], 1 / 2);
  assert.deepEqual(summarise(reachable).byPopularity!.recall["recall@1"], [
    1 / 2,
    null,
    null,
    null,
    1 / 2,
  ]);
});

test("without the items' popularity there is nothing to group by", async () => {
  const { byPopularity } = await evaluate(fixedScores([[1, 2]]), partFrom([[0]]), {
    seen: [],
    ks: [1],
  });
  assert.equal(byPopularity, null);
});
