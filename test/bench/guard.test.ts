import assert from "node:assert/strict";
import { test } from "node:test";
import { guard } from "../../bench/guard.ts";
import { compare, judge } from "../../bench/guard-verdict.ts";
import type { Duel } from "../../bench/rounds.ts";
import { BadInputError, LumiereError } from "../../src/base/errors.ts";

const limit = 1.25;

/** Ours takes `ours` milliseconds in each round where the earlier revision takes ten. */
function duelOf(...ours: number[]): Duel {
  const series = [ours, ours.map(() => 10)].map((times, at) => ({
    ...{ key: String(at), title: String(at), ours: at === 0, command: "" },
    rounds: times.map((median) => ({
      ...{ threads: 1, versions: {} },
      stepMs: { median, min: median, max: median },
    })),
  }));
  return { dataset: "d", threads: 1, date: "", coresOfOthers: 0, series, skipped: [] };
}

/** Duels one after the other, and how many were asked for. */
function duels(...given: Duel[]) {
  const fought = { count: 0 };
  return { fought, fight: async () => given[fought.count++]! };
}

test("within the limit, one look is enough", async () => {
  // Paired by round 1.1, 3, 1.25: the middle is at the limit, which it may be.
  const { fought, fight } = duels(duelOf(11, 30, 12.5));
  const found = await compare("step", fight, limit);
  assert.deepEqual([fought.count, found.looks.length, found.isSlower], [1, 1, false]);
  assert.equal(found.looks[0]!.ratio, 1.25);
  judge("abc", limit, [found]);
});

test("a second look acquits", async () => {
  const { fought, fight } = duels(duelOf(13), duelOf(9));
  const found = await compare("step", fight, limit);
  assert.deepEqual([fought.count, found.isSlower], [2, false]);
  assert.deepEqual(
    found.looks.map(({ ratio }) => ratio),
    [1.3, 0.9],
  );
  judge("abc", limit, [found]);
});

test("slower in both looks is slower: exit code 1, and only what is slower is named", async () => {
  const { fought, fight } = duels(duelOf(13), duelOf(14), duelOf(13));
  const slow = await compare("step", fight, limit);
  assert.equal(fought.count, 2, "there is no third look");
  const quick = await compare("ranking", duels(duelOf(10)).fight, limit);
  assert.throws(
    () => judge("abc", limit, [quick, slow]),
    (error) =>
      error instanceof LumiereError &&
      error.exitCode === 1 &&
      error.message.startsWith("slower than abc by more than 1.25×: step 1.40×; measure again"),
  );
});

test("a figure that is missing is no acquittal", async () => {
  const nothing = duelOf(Number.NaN);
  assert.equal((await compare("step", duels(nothing, nothing).fight, limit)).isSlower, true);
});

const isNoVerdict = (message: RegExp) => (error: unknown) =>
  error instanceof BadInputError && error.exitCode === 2 && message.test(error.message);

test("a revision that cannot run gives no verdict: exit code 2", async () => {
  const { series, ...duel } = duelOf(10);
  const skipped = [{ title: "abc", reason: "has no bench/ours/step.ts" }];
  await assert.rejects(
    compare("step", async () => ({ ...duel, series: series.slice(0, 1), skipped }), limit),
    isNoVerdict(/^nothing to compare with: step: abc: has no bench\/ours\/step\.ts$/),
  );
});

test("a revision that git does not know gives no verdict: exit code 2", async () => {
  const options = { rounds: 1, seconds: 1, threads: [1], datasets: ["ml-100k"], limit };
  await assert.rejects(
    guard({ ...options, against: "no-such-revision" }),
    isNoVerdict(/^--against no-such-revision: git knows no such commit here/),
  );
});
