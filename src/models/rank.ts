/**
 * The one ranking path: evaluation, the command line and the server get their
 * lists from here. Seen items are masked, ties go to the smaller index.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import type { Recommender } from "./recommender.ts";

/** Best items of n people; rows shorter than k (too few unseen items) end in −1. */
export interface RankedLists {
  readonly k: number;
  /** n × k dense item indices, −1 where a list ends early */
  readonly items: Int32Array;
  /** n × k scores, −∞ where a list ends early */
  readonly scores: Float32Array;
}

/** Whom to rank for: known users, or people folded in from their histories. */
export type Audience = { readonly users: Int32Array } | { readonly histories: Rows };

/**
 * The k best unseen items for each person.
 * @param masked rows of items to leave out, one row for each person of the audience; null = none
 * @param candidates rows of the only items to rank, one row for each person; null = all items
 */
export async function rank(
  recommender: Recommender,
  audience: Audience,
  k: number,
  masked: Rows | null,
  candidates: Rows | null = null,
): Promise<RankedLists> {
  const count = "users" in audience ? audience.users.length : audience.histories.indptr.length - 1;
  const items = new Int32Array(count * k).fill(-1);
  const scores = new Float32Array(count * k).fill(-Infinity);
  const all =
    "users" in audience
      ? await recommender.scoreUsers(audience.users)
      : await recommender.scoreHistories(audience.histories);
  for (let row = 0; row < count; row++) {
    const line = all.subarray(row * recommender.itemCount, (row + 1) * recommender.itemCount);
    const hidden = new Set(masked?.indices.subarray(masked.indptr[row], masked.indptr[row + 1]));
    const allowed = candidates
      ? [...candidates.indices.subarray(candidates.indptr[row], candidates.indptr[row + 1])]
      : Array.from(line.keys());
    const best = allowed
      .filter((item) => !hidden.has(item))
      .sort((a, b) => line[b]! - line[a]! || a - b)
      .slice(0, k);
    best.forEach((item, at) => {
      items[row * k + at] = item;
      scores[row * k + at] = line[item]!;
    });
  }
  return { k, items, scores };
}
