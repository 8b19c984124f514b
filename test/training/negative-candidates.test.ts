/** Negatives near the user on the graph: the list by hand, where it is cut and where it is not. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { negativeCandidates } from "../../src/training/negative-candidates.ts";

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
const { indptr, indices } = negativeCandidates(graph);
const rowOf = (user: number) => [...indices.subarray(indptr[user], indptr[user + 1])];

describe("candidates for negatives", () => {
  it("are the hundred unseen items that most walks reach, over their degree to the power .6, by hand", () => {
    // From user 0, after the step to an item: 1/|N_i|·1/|N_v| through another user v, summed over the
    // ways, over d^.6; the first item has 4 users, the second 20, and 8^.6 = 3.4822, 2^.6 = 1.5157.
    //   shared       (1/4·1/81 + 1/20·1/21)/1.5157 = 1/277
    //   popular      1/4·1/23/3.4822 = 1/320.4
    //   plain        1/4·1/81 = 1/324
    //   less popular 1/4·1/24/3.4822 = 1/334.3
    //   farther      1/20·1/21 = 1/420
    // 1 + 22 + 77 are a hundred: the last two of the plain ones, equal to the others, are cut.
    assert.deepEqual(rowOf(0), [...plain.slice(0, 77), ...popular, shared]);
  });

  it("are all that walks reach where these are fewer, and none for a hermit", () => {
    assert.deepEqual(rowOf(12), [first, ...farther, shared]);
    assert.deepEqual(rowOf(likes.length - 1), []);
  });
});
