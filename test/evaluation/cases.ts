/** Small parts that the evaluation tests share: rows, interactions and recommenders from plain arrays. */

import assert from "node:assert/strict";
import type { EvaluationPart, Interactions, Rows } from "../../src/data/interactions.ts";
import type { Recommender } from "../../src/models/recommender.ts";
import { scoredRecommender } from "../../src/models/scored-recommender.ts";

/** Equal up to rounding. */
export function near(actual: number | undefined, expected: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= 1e-12 * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );
}

/** Rows from arrays that are ascending and unique. */
export function rowsFrom(lists: readonly (readonly number[])[]): Rows {
  const indptr = new Int32Array(lists.length + 1);
  lists.forEach((list, at) => {
    indptr[at + 1] = indptr[at]! + list.length;
  });
  return { indptr, indices: Int32Array.from(lists.flat()) };
}

/** Interactions from one array of items a user. */
export function interactionsFrom(lists: readonly (readonly number[])[]): Interactions {
  return {
    users: Int32Array.from(lists.flatMap((list, user) => list.map(() => user))),
    items: Int32Array.from(lists.flat()),
    values: null,
    times: null,
  };
}

/** The ordinary protocol: known users, all items. */
export function partFrom(
  targets: readonly (readonly number[])[],
  extra: Partial<EvaluationPart> = {},
): EvaluationPart {
  return { targets: interactionsFrom(targets), history: null, candidates: null, ...extra };
}

/** A recommender that gives the scores written down for each user; strangers get `strangers` of their history. */
export function fixedScores(
  scores: readonly (readonly number[])[],
  strangers: (history: readonly number[]) => readonly number[] = () => [],
): Recommender {
  return scoredRecommender({
    userCount: scores.length,
    itemCount: scores[0]?.length ?? strangers([]).length,
    scoreUser: (user, row) => row.set(scores[user]!),
    scoreHistory: (history, row) => row.set(strangers([...history])),
    save: () => ({}),
  });
}
