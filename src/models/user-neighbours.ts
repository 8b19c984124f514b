/**
 * The training users whose histories are most like a stranger's: for models without a
 * closed form for a stranger's vector, which is then a mean of the neighbours' vectors.
 *
 *   cos(S, u) = |S ∩ N_u| / √(|S|·|N_u|),   weight of u in the mean ∝ cos(S, u)²
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { transposeRows } from "../graph/bipartite.ts";

/** Users and their weights, which sum to 1. */
export interface WeightedUsers {
  readonly users: Int32Array;
  readonly weights: Float64Array;
}

export class UserNeighbours {
  readonly #userItems: Rows;
  readonly #itemUsers: Rows;
  readonly #count: number;
  readonly #overlaps: Float64Array;

  /**
   * @param userItems training items of each user
   * @param count most neighbours
   */
  constructor(userItems: Rows, itemCount: number, count: number) {
    this.#userItems = userItems;
    this.#itemUsers = transposeRows(userItems, itemCount);
    this.#count = count;
    this.#overlaps = new Float64Array(userItems.indptr.length - 1);
  }

  /** The nearest users, equal ones by index; all users alike where nobody shares an item. */
  of(history: Int32Array): WeightedUsers {
    const { indptr, indices } = this.#itemUsers;
    const liked = new Set(history);
    const touched: number[] = [];
    for (const item of liked) {
      for (let at = indptr[item]!; at < indptr[item + 1]!; at++) {
        const user = indices[at]!;
        if (this.#overlaps[user] === 0) touched.push(user);
        this.#overlaps[user]!++;
      }
    }
    const near = touched.map((user) => {
      const size = this.#userItems.indptr[user + 1]! - this.#userItems.indptr[user]!;
      return { user, weight: this.#overlaps[user]! ** 2 / (liked.size * size) };
    });
    this.#overlaps.fill(0);
    if (near.length === 0) return this.#everybody();
    near.sort((a, b) => b.weight - a.weight || a.user - b.user);
    const nearest = near.slice(0, this.#count);
    const total = nearest.reduce((sum, { weight }) => sum + weight, 0);
    return {
      users: Int32Array.from(nearest, ({ user }) => user),
      weights: Float64Array.from(nearest, ({ weight }) => weight / total),
    };
  }

  #everybody(): WeightedUsers {
    const count = this.#overlaps.length;
    return {
      users: Int32Array.from({ length: count }, (_, user) => user),
      weights: new Float64Array(count).fill(1 / count),
    };
  }
}
