/**
 * A recommender that has scores but no embeddings: a model gives one row of
 * scores at a time, and the rest of the contract follows.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import type { Recommender, SavedTensors } from "./recommender.ts";

/** What such a model has to say for itself. */
export interface RowScores {
  readonly userCount: number;
  readonly itemCount: number;
  /** Writes the scores of all items for a training user into `scores`, length itemCount. */
  scoreUser(user: number, scores: Float32Array): void;
  /** The same for somebody who was not in training. */
  scoreHistory(history: Int32Array, scores: Float32Array): void;
  /** As `Recommender.explain`; without it the model cannot tell. */
  explain?(history: Int32Array, item: number): Float32Array | null;
  save(): SavedTensors;
}

/** The full contract from row-wise scores. A user outside 0 … userCount − 1 is refused with BadInputError("index"). */
export function scoredRecommender(model: RowScores): Recommender {
  const { userCount, itemCount } = model;
  return {
    userCount,
    itemCount,
    embeddings: null,
    async scoreUsers(users) {
      const scores = new Float32Array(users.length * itemCount);
      users.forEach((user, row) => {
        if (user < 0 || user >= userCount) {
          throw new BadInputError("index", `user ${user} is outside 0 … ${userCount - 1}`);
        }
        model.scoreUser(user, scores.subarray(row * itemCount, (row + 1) * itemCount));
      });
      return scores;
    },
    async scoreHistories({ indptr, indices }) {
      const rows = indptr.length - 1;
      const scores = new Float32Array(rows * itemCount);
      for (let row = 0; row < rows; row++) {
        const history = indices.subarray(indptr[row], indptr[row + 1]);
        for (const item of history) {
          if (item < 0 || item >= itemCount) {
            throw new BadInputError("index", `item ${item} is outside 0 … ${itemCount - 1}`);
          }
        }
        model.scoreHistory(history, scores.subarray(row * itemCount, (row + 1) * itemCount));
      }
      return scores;
    },
    foldIn: () => null,
    explain: (history, item) => model.explain?.(history, item) ?? null,
    save: () => model.save(),
  };
}
