/**
 * Fold-in by neighbours: a stranger's vector is the weighted mean of the vectors of the
 * training users with the most similar histories (`user-neighbours.ts`).
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { dotRow, type FoldIn, oneByOne } from "./embedding-recommender.ts";
import type { Embeddings, SavedTensors } from "./recommender.ts";
import { UserNeighbours } from "./user-neighbours.ts";

export class NeighbourFoldIn implements FoldIn {
  readonly explanationBasis = "neighbours";
  readonly #embeddings: Embeddings;
  readonly #neighbours: UserNeighbours;

  /**
   * @param seen training items of each user
   * @param count most neighbours
   */
  constructor(embeddings: Embeddings, seen: Rows, count: number) {
    const itemCount = embeddings.items.length / embeddings.width;
    this.#embeddings = embeddings;
    this.#neighbours = new UserNeighbours(seen, itemCount, count);
  }

  vectors(histories: Rows): Float32Array {
    const { width, users: table } = this.#embeddings;
    return oneByOne(histories, width, (history) => {
      const { users, weights } = this.#neighbours.of(history);
      return meanRow(table, width, users, weights);
    });
  }

  /** Each neighbour's part of the score is shared by the items that led to them. */
  contributions(history: Int32Array, item: number): Float32Array {
    const { width, users: table, items } = this.#embeddings;
    const { users, weights, overlaps } = this.#neighbours.of(history);
    const vector = items.subarray(item * width, (item + 1) * width);
    const parts = new Map<number, number>();
    for (const liked of history) parts.set(liked, 0);
    users.forEach((user, at) => {
      const part = weights[at]! * dotRow(vector, table, user);
      const shared = [...parts.keys()].filter((liked) => this.#neighbours.likes(user, liked));
      const among = overlaps[at]! > 0 ? shared : [...parts.keys()];
      for (const liked of among) parts.set(liked, parts.get(liked)! + part / among.length);
    });
    // An item that stands twice in the history counts once.
    return Float32Array.from(history, (liked, at) =>
      history.indexOf(liked) === at ? parts.get(liked)! : 0,
    );
  }

  save(): SavedTensors {
    return {};
  }
}

/** Σ weight·row, in double precision until the end. */
export function meanRow(
  table: ArrayLike<number>,
  width: number,
  rows: Int32Array,
  weights: Float64Array,
): Float32Array {
  const mean = new Float64Array(width);
  rows.forEach((row, at) => {
    for (let column = 0; column < width; column++) {
      mean[column]! += weights[at]! * table[row * width + column]!;
    }
  });
  return Float32Array.from(mean);
}
