/**
 * A recommender that has scores but no embeddings: a model gives one row of
 * scores at a time, and the rest of the contract follows.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import { checkIndices } from "./check-indices.ts";
import type { BlockScorer, ExplanationBasis, Recommender, SavedTensors } from "./recommender.ts";

/** What such a model has to say for itself. */
export interface RowScores {
  readonly userCount: number;
  readonly itemCount: number;
  /** Writes the scores of all items for a training user into `scores`, length itemCount. */
  scoreUser(user: number, scores: Float32Array): void;
  /** The same for somebody who was not in training. */
  scoreHistory(history: Int32Array, scores: Float32Array): void;
  /** As `Recommender.explain`, and what its parts are; without it the model cannot tell. */
  readonly explanation?: {
    readonly basis: ExplanationBasis;
    parts(history: Int32Array, item: number): Float32Array;
  };
  /** As `Recommender.blockScorer`; indices are checked before it is asked. */
  readonly blockScorer?: ((device: Device) => Promise<BlockScorer>) | null;
  save(): SavedTensors;
}

/** The full contract from row-wise scores. A user outside 0 … userCount − 1 is refused with BadInputError("index"). */
export function scoredRecommender(model: RowScores): Recommender {
  const { userCount, itemCount, blockScorer } = model;
  const checkUsers = (users: Int32Array) => checkIndices("user", users, userCount);
  const checkHistories = ({ indices }: Rows) => checkIndices("item", indices, itemCount);
  return {
    userCount,
    itemCount,
    embeddings: null,
    ...(blockScorer && {
      async blockScorer(device: Device) {
        const { blockSize, score } = await blockScorer(device);
        return {
          blockSize,
          score(out, audience) {
            if ("users" in audience) checkUsers(audience.users);
            else checkHistories(audience.histories);
            return score(out, audience);
          },
        } satisfies BlockScorer;
      },
    }),
    async scoreUsers(users) {
      checkUsers(users);
      const scores = new Float32Array(users.length * itemCount);
      users.forEach((user, row) => {
        model.scoreUser(user, scores.subarray(row * itemCount, (row + 1) * itemCount));
      });
      return scores;
    },
    async scoreHistories(histories) {
      checkHistories(histories);
      const { indptr, indices } = histories;
      const rows = indptr.length - 1;
      const scores = new Float32Array(rows * itemCount);
      for (let row = 0; row < rows; row++) {
        const history = indices.subarray(indptr[row], indptr[row + 1]);
        model.scoreHistory(history, scores.subarray(row * itemCount, (row + 1) * itemCount));
      }
      return scores;
    },
    foldIn: () => null,
    explanationBasis: model.explanation?.basis ?? null,
    explain: (history, item) => model.explanation?.parts(history, item) ?? null,
    save: () => model.save(),
  };
}
