/** Alternating least squares beside its equations, written down a second time in double precision. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoppedError } from "../../src/base/errors.ts";
import type { ProgressEvent } from "../../src/base/progress.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Interactions, rowsByUser, selectInteractions } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { als } from "../../src/models/als.ts";
import { alsSchema } from "../../src/models/als-schema.ts";
import type { Histories, Hyperparameters, Recommender } from "../../src/models/recommender.ts";

import { solveDense } from "./dense-solve.ts";
import { fitContext } from "./fit.ts";

const [userCount, itemCount] = [23, 17] as const;

/** Random pairs with ratings 1 … 5; user 4 and item 6 have none. */
function ratings(density = 0.4): Interactions {
  const random = new RandomStream(5, "als test");
  const pairs: [number, number, number][] = [];
  for (let user = 0; user < userCount; user++) {
    for (let item = 0; item < itemCount; item++) {
      if (user === 4 || item === 6 || random.uniform() > density) continue;
      pairs.push([user, item, 1 + random.below(5)]);
    }
  }
  const ordered: Interactions = {
    users: Int32Array.from(pairs, ([user]) => user),
    items: Int32Array.from(pairs, ([, item]) => item),
    values: Float32Array.from(pairs, ([, , value]) => value),
    times: null,
  };
  return selectInteractions(ordered, random.shuffle(Int32Array.from(pairs.keys())));
}

interface Fitted {
  readonly recommender: Recommender;
  readonly losses: readonly number[];
}

async function fit(
  settings: Hyperparameters,
  train: Interactions = ratings(),
  signal = new AbortController().signal,
): Promise<Fitted> {
  const device = await createCpuDevice({ threads: 2 });
  const losses: number[] = [];
  const progress = ({ figures }: ProgressEvent) => {
    if (figures?.loss !== undefined) losses.push(figures.loss);
  };
  try {
    const context = { ...fitContext(userCount, itemCount, train), device, progress, signal };
    const recommender = await als.fit(alsSchema.parse(settings), context);
    return { recommender, losses };
  } finally {
    await device.close();
  }
}

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

function ratingsOf(train: Interactions, user: number): Map<number, number> {
  const own = new Map<number, number>();
  train.users.forEach((other, at) => {
    if (other === user) own.set(train.items[at]!, train.values![at]!);
  });
  return own;
}

function assertNear(found: number, expected: number, tolerance: number): void {
  const bound = tolerance * (1 + Math.abs(expected));
  assert.ok(Math.abs(found - expected) <= bound, `found ${found}, expected ${expected}`);
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
