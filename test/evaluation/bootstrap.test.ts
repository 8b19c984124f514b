import assert from "node:assert/strict";
import { test } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { bootstrapIntervals } from "../../src/evaluation/bootstrap.ts";
import { near } from "./cases.ts";

function draws(count: number, seed: number, draw: (random: RandomStream) => number): Float64Array {
  const random = new RandomStream(seed, "test values");
  return Float64Array.from({ length: count }, () => draw(random));
}

test("a 95 % interval covers the known mean about 95 times in 100", () => {
  let covered = 0;
  for (let seed = 0; seed < 400; seed++) {
    const values = draws(200, seed, (random) => random.uniform());
    const { low, high } = bootstrapIntervals({ values }, { seed, resamples: 400 }).values!;
    if (low <= 0.5 && 0.5 <= high) covered++;
  }
  // 380 ± 4.4 are expected; four deviations either way.
  assert.ok(covered >= 362 && covered <= 398, `${covered} of 400`);
});

test("the interval is 1.96 standard errors either side, with and without groups of users", () => {
  for (const count of [3000, 30_000]) {
    const values = draws(count, 1, (random) => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const { low, high } = bootstrapIntervals({ values }, { seed: 3 }).values!;
    const expected = 1.96 / Math.sqrt(count);
    assert.ok(Math.abs((mean - low) / expected - 1) < 0.12, `${low} below ${mean}`);
    assert.ok(Math.abs((high - mean) / expected - 1) < 0.12, `${high} above ${mean}`);
  }
});

test("same seed, same interval; another seed, another", () => {
  const values = draws(5000, 2, (random) => random.uniform());
  const first = bootstrapIntervals({ values }, { seed: 1, resamples: 50 });
  assert.deepEqual(bootstrapIntervals({ values }, { seed: 1, resamples: 50 }), first);
  assert.notDeepEqual(bootstrapIntervals({ values }, { seed: 2, resamples: 50 }), first);
});

test("an interval does not depend on the columns beside it", () => {
  const a = draws(300, 4, (random) => random.uniform());
  const b = draws(300, 5, (random) => random.uniform());
  const gaps = b.map((value, at) => (at % 3 === 0 ? Number.NaN : value));
  const together = bootstrapIntervals({ a, gaps, b }, { seed: 1 });
  assert.deepEqual(together.a, bootstrapIntervals({ a }, { seed: 1 }).a);
  assert.deepEqual(together.gaps, bootstrapIntervals({ gaps }, { seed: 1 }).gaps);
  assert.deepEqual(together.b, bootstrapIntervals({ b }, { seed: 1 }).b);
});

test("users without a value are left out", () => {
  const constant = Float64Array.from({ length: 50 }, (_, at) => (at % 2 ? Number.NaN : 7));
  const { low, high } = bootstrapIntervals({ constant }, { seed: 1 }).constant!;
  near(low, 7);
  near(high, 7);
});

test("two users: the means are the lower, the middle or the upper value", () => {
  const { low, high } = bootstrapIntervals({ a: Float64Array.of(0, 1) }, { seed: 1 }).a!;
  // Each extreme has a quarter of the resamples, more than 2.5 %.
  assert.deepEqual([low, high], [0, 1]);
});

test("nobody: no interval, and columns of different length are refused", () => {
  const { low, high } = bootstrapIntervals({ a: new Float64Array(0) }, { seed: 1 }).a!;
  assert.ok(Number.isNaN(low) && Number.isNaN(high));
  assert.deepEqual(bootstrapIntervals({}, { seed: 1 }), {});
  assert.throws(
    () => bootstrapIntervals({ a: new Float64Array(2), b: new Float64Array(3) }, { seed: 1 }),
    { code: "shape" },
  );
});
