/**
 * Linear filters of a history, the common form of training-free models:
 *
 *   s = r·F,   F = D_I^−γ·A(P)·D_I^γ + L·Wᵀ
 *   P = (R̃ᵀR̃)^∘power,   R̃ = D_U^−a·R·D_I^−b
 *
 * r is the row of a person's items (ones), A a polynomial, P the symmetric
 * item-item matrix and L·Wᵀ a part of low rank. Users of the training set and
 * strangers are filtered alike, and a score is a sum over the history: item i
 * carries F[i, j] of the score of item j.
 *
 * Few people are scored here, from R itself and in double precision; many at
 * once on a device (`item-filter-blocks.ts`).
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import { degreeScale } from "../graph/interaction-matrix.ts";
import { selectRows } from "../graph/weighted-rows.ts";
import { checkIndices } from "./check-indices.ts";
import { ItemFilterBlocks } from "./item-filter-blocks.ts";
import type { ItemFilterParts } from "./item-filter-parts.ts";
import type { BlockScorer, Recommender, SavedTensors } from "./recommender.ts";

export class ItemFilter implements Recommender {
  readonly userCount: number;
  readonly itemCount: number;
  readonly embeddings = null;
  readonly #parts: ItemFilterParts;
  /** p² = d_u^−2a and q = d_i^−b */
  readonly #usersSquared: Float64Array;
  readonly #items: Float64Array;
  /** d_i^−γ and d_i^γ */
  readonly #before: Float32Array;
  readonly #after: Float32Array;

  constructor(parts: ItemFilterParts) {
    const { userItems, itemUsers, userCount, itemCount } = parts.graph;
    this.userCount = userCount;
    this.itemCount = itemCount;
    this.#parts = parts;
    const { users, items } = parts.exponents;
    this.#usersSquared = Float64Array.from(degreeScale(userItems.indptr, users), (p) => p * p);
    this.#items = Float64Array.from(degreeScale(itemUsers.indptr, items));
    this.#before = degreeScale(itemUsers.indptr, parts.signalExponent);
    this.#after = degreeScale(itemUsers.indptr, -parts.signalExponent);
  }

  async scoreUsers(users: Int32Array): Promise<Float32Array> {
    return this.scoreHistories(this.#historiesOf(users));
  }

  async scoreHistories({ indptr, indices }: Rows): Promise<Float32Array> {
    checkIndices("item", indices, this.itemCount);
    const rows = indptr.length - 1;
    const scores = new Float32Array(rows * this.itemCount);
    for (let row = 0; row < rows; row++) {
      const history = indices.subarray(indptr[row], indptr[row + 1]);
      scores.set(this.#filter(history), row * this.itemCount);
    }
    return scores;
  }

  foldIn(): null {
    return null;
  }

  readonly explanationBasis = "item-weights";

  explain(history: Int32Array, item: number): Float32Array {
    // P is symmetric, so a column of A(P) is a row of it.
    const column = this.#polynomial(Int32Array.of(item), this.#after);
    const { lowRank } = this.#parts;
    return Float32Array.from(history, (liked) => {
      const graphPart = this.#before[liked]! * column[liked]!;
      if (!lowRank) return graphPart;
      const { width, left, right } = lowRank;
      let dot = 0;
      for (let at = 0; at < width; at++) {
        dot += left[liked * width + at]! * right[item * width + at]!;
      }
      return graphPart + dot;
    });
  }

  async blockScorer(device: Device): Promise<BlockScorer> {
    const blocks = await ItemFilterBlocks.prepare(device, this.#parts);
    return {
      blockSize: blocks.blockSize,
      score: (out, audience) =>
        blocks.score(
          out,
          "users" in audience ? this.#historiesOf(audience.users) : audience.histories,
        ),
    };
  }

  save(): SavedTensors {
    return this.#parts.saved;
  }

  /** r·F */
  #filter(history: Int32Array): Float64Array {
    const scores = this.#polynomial(history, this.#before).map(
      (score, item) => score * this.#after[item]!,
    );
    const { lowRank } = this.#parts;
    if (!lowRank || history.length === 0) return scores;
    const { width, left, right } = lowRank;
    const query = new Float64Array(width);
    for (const item of history) {
      for (let at = 0; at < width; at++) query[at]! += left[item * width + at]!;
    }
    for (let item = 0; item < this.itemCount; item++) {
      let dot = 0;
      for (let at = 0; at < width; at++) dot += query[at]! * right[item * width + at]!;
      scores[item]! += dot;
    }
    return scores;
  }

  /** r·diag(weights)·A(P) by Horner's rule. */
  #polynomial(history: Int32Array, weights: Float32Array): Float64Array {
    const { polynomial } = this.#parts;
    let y: Float64Array = new Float64Array(this.itemCount);
    for (let j = polynomial.length - 1; j >= 0; j--) {
      if (j < polynomial.length - 1) y = this.#timesP(y);
      for (const item of history) y[item]! += polynomial[j]! * weights[item]!;
    }
    return y;
  }

  /** y·P; what y does not touch costs nothing. */
  #timesP(y: Float64Array): Float64Array {
    const { power } = this.#parts;
    if (power === 1) return this.#timesGram(y);
    const product = new Float64Array(this.itemCount);
    const one = new Float64Array(this.itemCount);
    y.forEach((weight, item) => {
      if (weight === 0) return;
      one[item] = 1;
      this.#timesGram(one).forEach((value, other) => {
        if (value > 0) product[other]! += weight * value ** power;
      });
      one[item] = 0;
    });
    return product;
  }

  /** y·R̃ᵀR̃ */
  #timesGram(y: Float64Array): Float64Array {
    const { userItems, itemUsers } = this.#parts.graph;
    const users = new Float64Array(this.userCount);
    const q = this.#items;
    y.forEach((value, item) => {
      if (value === 0) return;
      for (let at = itemUsers.indptr[item]!; at < itemUsers.indptr[item + 1]!; at++) {
        users[itemUsers.indices[at]!]! += q[item]! * value;
      }
    });
    const product = new Float64Array(this.itemCount);
    users.forEach((value, user) => {
      if (value === 0) return;
      const weight = this.#usersSquared[user]! * value;
      for (let at = userItems.indptr[user]!; at < userItems.indptr[user + 1]!; at++) {
        product[userItems.indices[at]!]! += weight;
      }
    });
    return product.map((value, item) => value * q[item]!);
  }

  #historiesOf(users: Int32Array): Rows {
    checkIndices("user", users, this.userCount);
    return selectRows(this.#parts.graph.userItems, users);
  }
}
