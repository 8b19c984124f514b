/** Alternating least squares beside its equations, written down a second time in double precision. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoppedError } from "../../src/base/errors.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Interactions, rowsByUser } from "../../src/data/interactions.ts";
import { als } from "../../src/models/als.ts";
import { alsSchema } from "../../src/models/als-schema.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { assertNear, fit, itemCount, ratings, ratingsOf, userCount } from "./als-world.ts";
import { solveDense } from "./dense-solve.ts";

/** w, b and λ of a user by the papers' own words. */
interface Reading {
  weight(rating: number): number;
  target(rating: number): number;
  lambda(ratings: readonly number[]): number;
  readonly background: number;
}

const readings: Readonly<Record<string, readonly [Hyperparameters, Reading]>> = {
  iALS: [
    { unobservedWeight: 0.3, regularisation: 0.05 },
    {
      weight: () => 1,
      target: () => 1,
      lambda: (own) => 0.05 * (own.length + 0.3 * itemCount),
      background: 0.3,
    },
  ],
  "iALS, ν = ½": [
    { unobservedWeight: 0.3, regularisation: 0.05, regularisationExponent: 0.5 },
    {
      weight: () => 1,
      target: () => 1,
      lambda: (own) => 0.05 * Math.sqrt(own.length + 0.3 * itemCount),
      background: 0.3,
    },
  ],
  WMF: [
    {
      ...{ confidence: "linear", alpha: 4, unobservedWeight: 1 },
      ...{ regularisation: 0.7, regularisationExponent: 0 },
    },
    { weight: (r) => 4 * r, target: (r) => 1 + 4 * r, lambda: () => 0.7, background: 1 },
  ],
  "confidence r": [
    {
      ...{ confidence: "value", alpha: 1, unobservedWeight: 1 },
      ...{ regularisation: 0.7, regularisationExponent: 0 },
    },
    { weight: (r) => r - 1, target: (r) => r, lambda: () => 0.7, background: 1 },
  ],
  "ALS-WR": [
    { feedback: "explicit", biases: false, regularisation: 0.1 },
    { weight: () => 1, target: (r) => r, lambda: (own) => 0.1 * own.length, background: 0 },
  ],
};

/** The user's vector that solves the normal equations for the given items. */
function solution(items: Float32Array, width: number, own: Map<number, number>, how: Reading) {
  const matrix = new Float64Array(width * width);
  const right = new Float64Array(width);
  for (let item = 0; item < itemCount; item++) {
    const rating = own.get(item);
    const weight = how.background + (rating === undefined ? 0 : how.weight(rating));
    const target = rating === undefined ? 0 : how.target(rating);
    for (let c = 0; c < width; c++) {
      const value = items[item * width + c]!;
      right[c]! += target * value;
      for (let d = 0; d < width; d++) {
        matrix[c * width + d]! += weight * value * items[item * width + d]!;
      }
    }
  }
  for (let c = 0; c < width; c++) matrix[c * width + c]! += how.lambda([...own.values()]);
  return solveDense(matrix, right);
}
describe("ALS", () => {
  for (const [name, [settings, how]] of Object.entries(readings)) {
    it(`${name}: every user solves the normal equations of the final items`, async () => {
      const train = ratings();
      const { recommender } = await fit({ ...settings, width: 5, iterations: 3 }, train);
      const { users, items, width } = recommender.embeddings!;
      assert.equal(width, 5);
      for (let user = 0; user < userCount; user++) {
        const own = ratingsOf(train, user);
        if (own.size === 0) {
          assert.ok(users.subarray(user * 5, user * 5 + 5).every((value) => value === 0));
          continue;
        }
        const expected = solution(items, 5, own, how);
        expected.forEach((value, c) => {
          assertNear(users[user * 5 + c]!, value, 2e-5);
        });
      }
      assert.ok(items.subarray(6 * 5, 7 * 5).every((value) => value === 0));
    });

    it(`${name}: the objective never rises, and conjugate gradients lower it as far`, async () => {
      const common = { ...settings, width: 5, iterations: 40, trackLoss: true };
      const exact = await fit(common);
      const conjugate = await fit({ ...common, solver: "cg" });
      assert.equal(exact.losses.length, 40);
      for (const { losses } of [exact, conjugate]) {
        for (let at = 1; at < 40; at++) assert.ok(losses[at]! <= losses[at - 1]! * (1 + 1e-5));
        assert.ok(losses[39]! < 0.97 * losses[0]!);
      }
      // There are several valleys, so it may end in a lower one.
      assert.ok(conjugate.losses[39]! < 1.01 * exact.losses[39]!);
    });
  }

  it("the objective is the sum that the header writes down", async () => {
    const train = ratings();
    const settings = { confidence: "linear", alpha: 2, unobservedWeight: 0.5, width: 3 } as const;
    const lambda = 0.02;
    const { recommender, losses } = await fit(
      { ...settings, regularisation: lambda, iterations: 2, trackLoss: true },
      train,
    );
    const { users, items, width } = recommender.embeddings!;
    const weightOf = { users: new Float64Array(userCount), items: new Float64Array(itemCount) };
    let expected = 0;
    for (let user = 0; user < userCount; user++) {
      const own = ratingsOf(train, user);
      for (let item = 0; item < itemCount; item++) {
        let score = 0;
        for (let c = 0; c < width; c++) score += users[user * 3 + c]! * items[item * 3 + c]!;
        const rating = own.get(item);
        // c·(p − s)² of a liked pair, α₀·s² of the others.
        if (rating === undefined) expected += 0.5 * score ** 2;
        else {
          expected += (1 + 2 * rating) * (1 - score) ** 2;
          weightOf.users[user]! += 0.5 + 2 * rating;
          weightOf.items[item]! += 0.5 + 2 * rating;
        }
      }
    }
    const squares = (table: Float32Array, row: number) =>
      table.subarray(row * 3, row * 3 + 3).reduce((sum, value) => sum + value ** 2, 0);
    weightOf.users.forEach((weight, user) => {
      expected += lambda * (weight + 0.5 * itemCount) * squares(users, user);
    });
    // User 4 is not in training.
    weightOf.items.forEach((weight, item) => {
      expected += lambda * (weight + 0.5 * (userCount - 1)) * squares(items, item);
    });
    assertNear(losses.at(-1)!, expected / train.users.length, 1e-5);
  });

  it("learns ratings that are a sum of biases and an inner product", async () => {
    const random = new RandomStream(2, "als ratings");
    const numbers = (count: number) => Float64Array.from({ length: count }, () => random.normal());
    const [p, q, ofUser, ofItem] = [userCount, itemCount, userCount, itemCount].map(numbers);
    const truth = (user: number, item: number) =>
      3 + 0.5 * ofUser![user]! + 0.5 * ofItem![item]! + p![user]! * q![item]!;
    const train = ratings(0.7);
    const rated = {
      ...train,
      values: Float32Array.from(train.users.keys(), (at) =>
        truth(train.users[at]!, train.items[at]!),
      ),
    };
    const settings = { feedback: "explicit", width: 1, regularisation: 1e-3, iterations: 60 };
    const { recommender, losses } = await fit({ ...settings, trackLoss: true }, rated);
    for (let at = 1; at < losses.length; at++) assert.ok(losses[at]! <= losses[at - 1]! + 1e-6);
    const everyone = Int32Array.from({ length: userCount }, (_, user) => user);
    const scores = await recommender.scoreUsers(everyone);
    let [error, count] = [0, 0];
    const seen = new Set(train.users.map((user, at) => user * itemCount + train.items[at]!));
    for (let user = 0; user < userCount; user++) {
      for (let item = 0; item < itemCount; item++) {
        // Pairs that were not seen, of users and items that were.
        if (user === 4 || item === 6 || seen.has(user * itemCount + item)) continue;
        error += (scores[user * itemCount + item]! - truth(user, item)) ** 2;
        count++;
      }
    }
    assert.ok(count > 50 && Math.sqrt(error / count) < 0.2, `${Math.sqrt(error / count)}`);
    const loaded = als.load(recommender.save(), alsSchema.parse(settings), {
      userCount,
      itemCount,
      seen: rowsByUser(train, userCount),
    });
    assert.deepEqual(await loaded.scoreUsers(everyone), scores);
  });

  it("wants ratings where it predicts them", async () => {
    const { users, items } = ratings();
    const bare: Interactions = { users, items, values: null, times: null };
    await assert.rejects(fit({ feedback: "explicit" }, bare), /feedback=implicit/);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    await assert.rejects(
      fit({ iterations: 10_000, width: 32 }, ratings(), stop.signal),
      StoppedError,
    );
  });
});
