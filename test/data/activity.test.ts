import assert from "node:assert/strict";
import { test } from "node:test";
import { activityOverTime } from "../../src/data/activity.ts";

const at = (iso: string) => Date.parse(iso) / 1000;
const days = (bins: readonly { from: number; count: number }[]) =>
  bins.map(({ from, count }) => [new Date(from * 1000).toISOString().slice(0, 10), count]);

test("a few days are counted by day, the quiet ones too", () => {
  const activity = activityOverTime(
    Float64Array.of(
      at("2020-02-28T23:59:59Z"),
      at("2020-03-01T00:00:00Z"),
      at("2020-03-01T12:00:00Z"),
    ),
  )!;
  assert.equal(activity.unit, "day");
  assert.deepEqual(days(activity.bins), [
    ["2020-02-28", 1],
    ["2020-02-29", 0],
    ["2020-03-01", 2],
  ]);
});

test("weeks begin on Mondays, before 1970 too", () => {
  const activity = activityOverTime(
    Float64Array.of(
      at("1969-12-28T12:00:00Z"),
      at("1969-12-29T00:00:00Z"),
      at("1970-08-01T00:00:00Z"),
    ),
  )!;
  assert.equal(activity.unit, "week");
  assert.deepEqual(days(activity.bins).slice(0, 2), [
    ["1969-12-22", 1],
    ["1969-12-29", 1],
  ]);
  assert.ok(activity.bins.every(({ from }) => new Date(from * 1000).getUTCDay() === 1));
});

test("long data are counted by calendar month, longer ones by year", () => {
  const months = activityOverTime(
    Float64Array.of(at("1999-12-31T00:00:00Z"), at("2005-02-01T00:00:00Z")),
  )!;
  assert.equal(months.unit, "month");
  assert.equal(months.bins.length, 63);
  assert.deepEqual(days(months.bins)[1], ["2000-01-01", 0]);
  const years = activityOverTime(
    Float64Array.of(at("1950-06-01T00:00:00Z"), at("2020-06-01T00:00:00Z")),
  )!;
  assert.equal(years.unit, "year");
  assert.equal(years.bins.length, 71);
});

test("what has no usable time is counted apart", () => {
  const activity = activityOverTime(Float64Array.of(Number.NaN, 0, 1e300, Infinity))!;
  assert.equal(activity.untimed, 3);
  assert.deepEqual(activity.bins, [{ from: 0, count: 1 }]);
  assert.equal(activityOverTime(Float64Array.of(Number.NaN)), null);
  assert.equal(activityOverTime(null), null);
});
