/** Negatives near the user on the graph: lists by hand and beside plain loops, and how the work goes on and stops. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ProgressEvent, silent } from "../../src/base/progress.ts";
import type { Rows } from "../../src/data/interactions.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";
import { deviceOptions } from "../engine/devices.ts";
import { randomGraph } from "../graph/random-graph.ts";
import { candidatesOf } from "./candidates-of.ts";

const range = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

/** Two items that user 0 likes, groups of items that are alike, one that two of them share, one of a hermit's own. */
const [first, second] = [0, 1];
const farther = range(2, 19);
const lessPopular = range(21, 23);
const plain = range(44, 79);
const popular = range(123, 22);
const [shared, lonely] = [145, 146];

const likes: readonly (readonly number[])[] = [
  [first, second],
  [second, ...farther, shared],
  [first, ...lessPopular],
  [first, ...plain, shared],
  [first, ...popular],
  // Seven who are not linked with user 0 make eight of the degrees of 46 items.
  ...range(5, 7).map(() => [...lessPopular, ...popular]),
  // Eighteen more who like the second item: twenty in all.
  ...range(12, 18).map(() => [second]),
  [lonely],
];
const graph = buildGraph(
  {
    users: Int32Array.from(likes.flatMap((items, user) => items.map(() => user))),
    items: Int32Array.from(likes.flat()),
    values: null,
    times: null,
  },
  likes.length,
  147,
);
const rowOf = ({ indptr, indices }: Rows, user: number) =>
  indices.subarray(indptr[user], indptr[user + 1]);

/** The score of every item that walks from a user reach, the user's own left out. */
function walkedFrom({ userItems, itemUsers }: BipartiteGraph, user: number): Map<number, number> {
  const own = rowOf(userItems, user);
  const scores = new Map<number, number>();
  for (const item of own) {
    const people = rowOf(itemUsers, item);
    for (const other of people) {
      const theirs = rowOf(userItems, other);
      for (const next of theirs) {
        if (own.includes(next)) continue;
        const share = 1 / people.length / theirs.length / rowOf(itemUsers, next).length ** 0.6;
        scores.set(next, (scores.get(next) ?? 0) + share);
      }
    }
  }
  return scores;
}

describe("candidates for negatives", () => {
  it("are the hundred unseen items that most walks reach, over their degree to the power .6, by hand", async () => {
    // From user 0, after the step to an item: 1/|N_i|·1/|N_v| through another user v, summed over the
    // ways, over d^.6; the first item has 4 users, the second 20, and 8^.6 = 3.4822, 2^.6 = 1.5157.
    //   shared       (1/4·1/81 + 1/20·1/21)/1.5157 = 1/277
    //   popular      1/4·1/23/3.4822 = 1/320.4
    //   plain        1/4·1/81 = 1/324
    //   less popular 1/4·1/24/3.4822 = 1/334.3
    //   farther      1/20·1/21 = 1/420
    // 1 + 22 + 77 are a hundred: the last two of the plain ones, equal to the others, are cut.
    const found = rowOf(await candidatesOf(graph), 0);
    assert.deepEqual([...found], [...plain.slice(0, 77), ...popular, shared]);
  });

  it("are all that walks reach where these are fewer, and none for a hermit", async () => {
    const found = await candidatesOf(graph);
    assert.deepEqual([...rowOf(found, 12)], [first, ...farther, shared]);
    assert.deepEqual([...rowOf(found, likes.length - 1)], []);
  });

  // From users with few ways to others, who reach fewer than a hundred items, to ones who reach all.
  const various = buildGraph(
    {
      ...{ values: null, times: null },
      users: Int32Array.from(range(0, 3000), (n) => Math.floor(n ** 2 / 40_000)),
      items: Int32Array.from(range(0, 3000), (n) => Math.floor(((n * 617) % 3001) ** 2 / 30_000)),
    },
    230,
    302,
  );

  for (const [name, graph] of Object.entries({
    "of even degrees": randomGraph(90, 260, 0.03, 3),
    "of very different degrees": various,
  })) {
    it(`are the best by plain loops, in a graph ${name}`, async () => {
      const found = await candidatesOf(graph, deviceOptions[1]);
      const lengths = new Set<number>();
      for (let user = 0; user < graph.userCount; user++) {
        const scores = walkedFrom(graph, user);
        const listed = [...rowOf(found, user)];
        lengths.add(listed.length);
        assert.equal(listed.length, Math.min(100, scores.size));
        assert.ok(listed.every((item, at) => at === 0 || item > listed[at - 1]!));
        const least = Math.min(...listed.map((item) => scores.get(item) ?? 0));
        for (const item of listed) scores.delete(item);
        // Single precision may take either of two that are as good as equal.
        assert.ok(least * (1 + 1e-5) >= Math.max(0, ...scores.values()), `user ${user}`);
      }
      assert.ok(lengths.has(100) && lengths.size > 1);
    });
  }

  it("are the same on any number of threads, in blocks of any size", async () => {
    const whole = await candidatesOf(various);
    for (const options of deviceOptions) {
      for (const usersAtOnce of [0, 7, 229]) {
        const { signal } = new AbortController();
        const found = await candidatesOf(various, options, silent, signal, usersAtOnce);
        assert.deepEqual(found, whole);
      }
    }
  });

  it("tell how far they are, and stop between two blocks", async () => {
    const events: ProgressEvent[] = [];
    const controller = new AbortController();
    const progress = (event: ProgressEvent) => {
      events.push(event);
      if (event.done === 200) controller.abort();
    };
    await assert.rejects(candidatesOf(various, { threads: 1 }, progress, controller.signal, 100), {
      name: "StoppedError",
      message: "stopped after 200 of 230 rows",
    });
    assert.deepEqual(
      events.map(({ done, total }) => [done, total]),
      [
        [100, 230],
        [200, 230],
      ],
    );
  });
});
