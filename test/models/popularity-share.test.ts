import assert from "node:assert/strict";
import { test } from "node:test";
import { compressRows } from "../../src/data/interactions.ts";
import { EmbeddingRecommender } from "../../src/models/embedding-recommender.ts";
import { popularity } from "../../src/models/popularity.ts";
import { itemAppeal, popularityShare, standingOf } from "../../src/models/popularity-share.ts";
import { scoredRecommender } from "../../src/models/scored-recommender.ts";
import { fitContext } from "./fit.ts";

test("it is 1 where everybody gets the same list", async () => {
  const train = {
    users: Int32Array.of(0, 0, 1, 1, 2, 2),
    items: Int32Array.of(1, 2, 1, 2, 1, 0),
    values: null,
    times: null,
  };
  const model = await popularity.fit({}, fitContext(3, 4, train));
  const appeal = await itemAppeal(model, compressRows(train.users, train.items, 3));
  const standing = await standingOf(model, appeal, 1, Int32Array.of(1, 2));
  for (const [item, count] of [1, 3, 2, 0].entries()) {
    assert.equal(popularityShare(appeal, standing, item, count), 1);
  }
});

// Users 0 and 1 have training items, user 2 has none and does not count.
const some = compressRows(Int32Array.of(0, 1), Int32Array.of(0, 1), 3);
const table = [
  [6, 2, 1],
  [2, 6, 1],
  [100, 0, 0],
];
const byScores = scoredRecommender({
  userCount: 3,
  itemCount: 3,
  scoreUser: (user, scores) => scores.set(table[user]!),
  scoreHistory: (history, scores) => scores.set([history.length, 3, 6]),
  save: () => ({}),
});
// The same table as inner products with unit vectors; a stranger is user 0, ten times as far.
const byVectors = new EmbeddingRecommender(
  {
    width: 3,
    users: Float32Array.from(table.flat()),
    items: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  },
  {
    explanationBasis: null,
    vectors: () => Float32Array.of(60, 20, 10),
    contributions: () => null,
    save: () => ({}),
  },
);

for (const [name, model] of Object.entries({ byScores, byVectors })) {
  test(`it is what the item's mean predicts of the person's lead, ${name}`, async () => {
    const appeal = await itemAppeal(model, some);
    // Item means 4, 4, 1, all 3: a = 1, 1, −2. User 0: mean 3, slope (3 − 1 + 4) / 6 = 1.
    assert.deepEqual([...appeal.items], [1, 1, -2]);
    const standing = await standingOf(model, appeal, 0, Int32Array.of(0));
    assert.ok(Math.abs(standing.mean - 3) < 1e-6 && Math.abs(standing.slope - 1) < 1e-6);
    const shares = [6, 2, 1].map((score, item) => popularityShare(appeal, standing, item, score));
    for (const [at, expected] of [1 / 3, -1, 1].entries()) {
      assert.ok(Math.abs(shares[at]! - expected) < 1e-6);
    }
    assert.equal(popularityShare(appeal, standing, 0, standing.mean), null);
  });
}

test("a stranger's share does not depend on how long the vector is", async () => {
  const appeal = await itemAppeal(byVectors, some);
  const standing = await standingOf(byVectors, appeal, null, Int32Array.of(0));
  assert.ok(Math.abs(popularityShare(appeal, standing, 0, 60)! - 1 / 3) < 1e-6);
  const other = await standingOf(
    byScores,
    await itemAppeal(byScores, some),
    null,
    Int32Array.of(2),
  );
  // Scores 1, 3, 6: mean 10/3; slope (1 + 3 − 12) / 6.
  assert.deepEqual(other, { mean: 10 / 3, slope: -8 / 6 });
});
