/** Strangers of alternating least squares beside their equations, written down a second time in double precision. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Interactions, rowsByUser } from "../../src/data/interactions.ts";
import { als } from "../../src/models/als.ts";
import { alsSchema } from "../../src/models/als-schema.ts";
import type { Histories } from "../../src/models/recommender.ts";
import { assertNear, fit, itemCount, ratings, ratingsOf, userCount } from "./als-world.ts";
import { solveDense } from "./dense-solve.ts";

describe("strangers of ALS", () => {
  it("folding a user's own history in gives the vector that they were solved for", async () => {
    const train = ratings();
    const { recommender } = await fit({ width: 12, iterations: 2, unobservedWeight: 0.2 }, train);
    const folded = await recommender.foldIn(rowsByUser(train, userCount));
    const { users } = recommender.embeddings!;
    users.forEach((value, at) => {
      assertNear(folded![at]!, value, 2e-5);
    });
  });

  it("takes a stranger's items for liked ones, whatever disliked ones weigh", async () => {
    // Linear confidence, α₀ = 1: likes of 1 weigh 1 and aim at 2, dislikes of −5 weigh 5 and aim at 0.
    const train: Interactions = {
      users: Int32Array.of(0, 0, 1, 1),
      items: Int32Array.of(0, 1, 1, 0),
      values: Float32Array.of(1, -5, 1, -5),
      times: null,
    };
    const settings = { width: 2, iterations: 2, confidence: "linear", unobservedWeight: 1 };
    const { recommender } = await fit(settings, train);
    assert.deepEqual(
      [...(recommender.save()["foldIn.liked"] as { data: Float32Array }).data],
      [1, 2],
    );
  });

  /** Everybody's history with what they rated. */
  function rated(train: Interactions): Histories {
    const histories = rowsByUser(train, userCount);
    const { indptr, indices } = histories;
    const values = new Float32Array(indices.length);
    for (let user = 0; user < userCount; user++) {
      const own = ratingsOf(train, user);
      for (let at = indptr[user]!; at < indptr[user + 1]!; at++)
        values[at] = own.get(indices[at]!)!;
    }
    return { ...histories, values };
  }

  for (const biases of [true, false]) {
    for (const regularisationExponent of [1, 0]) {
      // With biases eight columns, as many as the kernels' unit: their last two are no padding.
      const settings = { feedback: "explicit", biases, width: 6, regularisation: 0.3 } as const;
      it(`folding a user's own ratings in gives their vector: biases ${biases}, ν = ${regularisationExponent}`, async () => {
        const train = ratings();
        const all = { ...settings, regularisationExponent, iterations: 3 };
        const { recommender } = await fit(all, train);
        const { users } = recommender.embeddings!;
        const folded = await recommender.foldIn(rated(train));
        users.forEach((value, at) => {
          assertNear(folded![at]!, value, 2e-5);
        });
        const scores = await recommender.scoreHistories(rated(train));
        const own = await recommender.scoreUsers(Int32Array.from(Array(userCount).keys()));
        own.forEach((value, at) => {
          assertNear(scores[at]!, value, 1e-4);
        });
      });
    }
  }

  async function ratedFit() {
    const train = ratings();
    const settings = { feedback: "explicit", width: 4, regularisation: 0.2, iterations: 2 };
    const { recommender } = await fit(settings, train);
    const all = [...train.values!];
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    return { train, settings, recommender, ...recommender.embeddings!, mean };
  }

  it("a bare history of ratings is one ridge over all columns, each item rated as good ones are", async () => {
    const { train, recommender, items, width, mean } = await ratedFit();
    const good = [...train.values!].filter((value) => value >= mean);
    const target = good.reduce((sum, value) => sum + value, 0) / good.length;
    const history = [0, 3, 5, 11];
    const matrix = new Float64Array(width * width);
    const right = new Float64Array(width);
    for (const item of history) {
      for (let c = 0; c < width; c++) {
        right[c]! += target * items[item * width + c]!;
        for (let d = 0; d < width; d++) {
          matrix[c * width + d]! += items[item * width + c]! * items[item * width + d]!;
        }
      }
    }
    for (let c = 0; c < width; c++) matrix[c * width + c]! += 0.2 * history.length;
    const one = { indptr: Int32Array.of(0, 4), indices: Int32Array.from(history) };
    const found = await recommender.foldIn(one);
    solveDense(matrix, right).forEach((value, c) => {
      assertNear(found![c]!, value, 2e-5);
    });
  });

  it("a stranger's vector and bias solve the normal equations of what mean and items leave over", async () => {
    const { train, settings, recommender, items, width, mean } = await ratedFit();
    const solved = (history: readonly number[], ratingOf: (at: number) => number) => {
      const row = (item: number) => [...items.subarray(item * width, item * width + 4), 1];
      const matrix = new Float64Array(25);
      const right = new Float64Array(5);
      history.forEach((item, at) => {
        const z = row(item);
        const left = ratingOf(at) - mean - items[item * width + 5]!;
        for (let c = 0; c < 5; c++) {
          right[c]! += left * z[c]!;
          for (let d = 0; d < 5; d++) matrix[c * 5 + d]! += z[c]! * z[d]!;
        }
      });
      for (let c = 0; c < 5; c++) matrix[c * 6]! += 0.2 * history.length;
      const [p0, p1, p2, p3, bias] = solveDense(matrix, right) as unknown as number[];
      return [p0!, p1!, p2!, p3!, mean + bias!, 1];
    };
    const history = [0, 3, 5, 11];
    const indices = Int32Array.from(history);
    const one = { indptr: Int32Array.of(0, 4), indices };
    const values = Float32Array.of(1, 5, 2, 4);
    const found = await recommender.foldIn({ ...one, values });
    solved(history, (at) => values[at]!).forEach((value, c) => {
      assertNear(found![c]!, value, 2e-5);
    });
    const short = { ...one, values: values.subarray(1) };
    await assert.rejects(recommender.foldIn(short)!, /3 ratings of 4 items/);
    // Of somebody unknown all that is known is how items are rated.
    const nobody = {
      ...{ indptr: Int32Array.of(0, 0), indices: new Int32Array(0) },
      values: new Float32Array(0),
    };
    const scores = await recommender.scoreHistories(nobody);
    scores.forEach((score, item) => {
      assertNear(score, mean + items[item * width + 5]!, 1e-5);
    });
    // A bundle that does not say the mean has it from the users' biases, nearly.
    const { "foldIn.mean": said, ...older } = recommender.save();
    assertNear(said!.data[0]!, mean, 1e-6);
    const seen = rowsByUser(train, userCount);
    const loaded = als.load(older, alsSchema.parse(settings), { userCount, itemCount, seen });
    (await loaded.foldIn(nobody))!.forEach((value, c) => {
      assertNear(value, [0, 0, 0, 0, mean, 1][c]!, 0.1);
    });
  });
});
