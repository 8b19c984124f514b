import assert from "node:assert/strict";
import { test } from "node:test";
import { floorsOf, trendOf } from "../../bench/serving/trend.ts";

const series = (bytes: readonly number[]) =>
  bytes.map((each, at) => ({ seconds: 2 * at, bytes: each }));

test("the growth along the median slope, by hand", () => {
  // Slopes of the pairs: 1, 2, 1.5 a second; their median 1.5, over 4 seconds.
  assert.deepEqual(trendOf(series([100, 102, 106])), { growth: 6, median: 102, isFlat: false });
});

test("the floor of a sawtooth: the least of each tenth", () => {
  const samples = series(Array.from({ length: 25 }, (_, at) => 100 + at + 50 * (at % 3)));
  // Three a stretch, the last of one: the least of each comes where at % 3 is 0.
  assert.deepEqual(
    floorsOf(samples).map(({ seconds, bytes }) => [seconds, bytes]),
    [0, 3, 6, 9, 12, 15, 18, 21, 24].map((at) => [2 * at, 100 + at]),
  );
});

test("a sawtooth and one outlier are flat, a slow leak under a sawtooth is not", () => {
  const saw = Array.from({ length: 60 }, (_, at) => 1000 + 20 * (at % 7));
  assert.equal(trendOf(series(saw)).isFlat, true);
  assert.equal(trendOf(series(saw.map((bytes, at) => (at === 40 ? 5000 : bytes)))).isFlat, true);
  assert.equal(trendOf(series(saw.map((bytes, at) => bytes + 2 * at))).isFlat, false);
  assert.equal(trendOf(series(saw.map((bytes, at) => bytes - 2 * at))).isFlat, true);
});
