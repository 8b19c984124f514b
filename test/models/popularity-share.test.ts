import assert from "node:assert/strict";
import { test } from "node:test";
import { compressRows } from "../../src/data/interactions.ts";
import { popularity } from "../../src/models/popularity.ts";
import { personMean, popularityShare, scoreMeans } from "../../src/models/popularity-share.ts";
import { scoredRecommender } from "../../src/models/scored-recommender.ts";
import { fitContext } from "./fit.ts";

const train = {
  users: Int32Array.of(0, 0, 1, 1, 2, 2),
  items: Int32Array.of(1, 2, 1, 2, 1, 0),
  values: null,
  times: null,
};
const rows = compressRows(train.users, train.items, 3);

test("it is 1 where everybody gets the same list", async () => {
  const model = await popularity.fit({}, fitContext(3, 4, train));
  const means = await scoreMeans(model, rows);
  const average = await personMean(model, 1, Int32Array.of(1, 2));
  for (const [item, count] of [1, 3, 2, 0].entries()) {
    assert.equal(popularityShare(means, item, count, average), 1);
  }
});

test("it follows the two-way table, users without training items left out", async () => {
  // Rows of users 0 and 1; user 2 has no training items.
  const table = [
    [6, 2, 1],
    [2, 6, 1],
    [100, 0, 0],
  ];
  const model = scoredRecommender({
    userCount: 3,
    itemCount: 3,
    scoreUser: (user, scores) => scores.set(table[user]!),
    scoreHistory: (_history, scores) => scores.set([0, 3, 6]),
    save: () => ({}),
  });
  const some = compressRows(Int32Array.of(0, 1), Int32Array.of(0, 1), 3);
  const means = await scoreMeans(model, some);
  // Item means 4, 4, 1; all 3. User 0's mean is 3.
  assert.deepEqual([...means.items], [4, 4, 1]);
  assert.equal(means.overall, 3);
  const average = await personMean(model, 0, Int32Array.of(0));
  assert.equal(average, 3);
  assert.equal(popularityShare(means, 0, 6, average), 1 / 3);
  assert.equal(popularityShare(means, 1, 2, average), -1);
  assert.equal(popularityShare(means, 2, 3, average), null);
  assert.equal(await personMean(model, null, Int32Array.of(2)), 3);
});
