/**
 * The training users whose histories are most like a stranger's: for models whose loss
 * has no closed form for a stranger's vector, which is then a mean of theirs.
 *
 *   cos(S, u) = |S ∩ N_u| / √(|S|·|N_u|),   weight of u in the mean ∝ cos(S, u)²
 *
 * On held-out users of MovieLens 100K this ranks better than ridge regression on GMF's
 * items and than gradient steps on a stranger's vector in MLP and NeuMF.
 *
 * @module
 */

import { z } from "zod";
import { type Rows, trainedUsers } from "../data/interactions.ts";
import { rowLength } from "../data/rows.ts";
import { transposeRows } from "../graph/bipartite.ts";

export const neighbourSchema = z.object({
  foldInNeighbours: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .describe(
      "Training users whose vectors are averaged for a stranger with a history like theirs",
    ),
});

/** Users and their weights, which sum to 1. */
export interface WeightedUsers {
  readonly users: Int32Array;
  readonly weights: Float64Array;
  /** Items of the history that each user likes too; all 0 where nobody shares one. */
  readonly overlaps: Int32Array;
}

export class UserNeighbours {
  readonly #userItems: Rows;
  readonly #itemUsers: Rows;
  readonly #count: number;
  readonly #overlaps: Int32Array;

  /**
   * @param userItems training items of each user, ascending
   * @param count most neighbours
   */
  constructor(userItems: Rows, itemCount: number, count: number) {
    this.#userItems = userItems;
    this.#itemUsers = transposeRows(userItems, itemCount);
    this.#count = count;
    this.#overlaps = new Int32Array(userItems.indptr.length - 1);
  }

  /** The nearest users, equal ones by index; all training users alike where nobody shares an item. */
  of(history: Int32Array): WeightedUsers {
    const { indptr, indices } = this.#itemUsers;
    const liked = new Set(history);
    const overlaps = this.#overlaps;
    const touched: number[] = [];
    for (const item of liked) {
      for (let at = indptr[item]!; at < indptr[item + 1]!; at++) {
        const user = indices[at]!;
        if (overlaps[user] === 0) touched.push(user);
        overlaps[user]!++;
      }
    }
    const near = touched.map((user) => {
      const overlap = overlaps[user]!;
      overlaps[user] = 0;
      return {
        user,
        overlap,
        weight: overlap ** 2 / (liked.size * rowLength(this.#userItems, user)),
      };
    });
    if (near.length === 0) return this.#everybody();
    near.sort((a, b) => b.weight - a.weight || a.user - b.user);
    const nearest = near.slice(0, this.#count);
    const total = nearest.reduce((sum, { weight }) => sum + weight, 0);
    return {
      users: Int32Array.from(nearest, ({ user }) => user),
      weights: Float64Array.from(nearest, ({ weight }) => weight / total),
      overlaps: Int32Array.from(nearest, ({ overlap }) => overlap),
    };
  }

  /** Whether a user likes an item. */
  likes(user: number, item: number): boolean {
    const { indptr, indices } = this.#userItems;
    return indices.subarray(indptr[user], indptr[user + 1]).includes(item);
  }

  #everybody(): WeightedUsers {
    const users = trainedUsers(this.#userItems);
    const count = users.length;
    return {
      users,
      weights: new Float64Array(count).fill(1 / count),
      overlaps: new Int32Array(count),
    };
  }
}
