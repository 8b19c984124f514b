import assert from "node:assert/strict";
import { test } from "node:test";
import { dayOf } from "../../src/base/day.ts";

test("a day in UTC, of years with more digits too; seconds outside the calendar as they are", () => {
  assert.equal(dayOf(0), "1970-01-01");
  assert.equal(dayOf(-1), "1969-12-31");
  assert.equal(dayOf(951_782_400 + 86_399), "2000-02-29");
  // The last moment of JavaScript's calendar, and the next second.
  assert.equal(dayOf(8.64e12), "+275760-09-13");
  assert.equal(dayOf(8.64e12 + 1), "8640000000001 s");
});
