/**
 * Fold-in by propagation: a stranger with history S is a new user node whose own
 * embedding is unknown (zero), so that by LightGCN's equations 3 and 4
 *
 *   e_S = |S|^−a · Σ_{i ∈ S} m_i,   m_i = d_i^−b · Σ_{k<K} α_{k+1}·e_i^(k)
 *
 * with Ã = D^−a·A·D^−b. The sum also explains a score exactly: item i of the
 * history carried |S|^−a · m_i·e_item of it. For a user of the training set
 * the same messages carry all of the score but α_0·e_u^(0)·e_item.
 *
 * @module
 */

import { dotRow, type FoldIn } from "./embedding-recommender.ts";
import type { SavedTensors } from "./recommender.ts";

export class GraphFoldIn implements FoldIn {
  readonly #messages: Float32Array;
  readonly #items: Float32Array;
  readonly #width: number;
  readonly #exponent: number;

  /**
   * @param messages m_i, items × width
   * @param items final item embeddings, items × width
   * @param exponent a
   */
  constructor(messages: Float32Array, items: Float32Array, width: number, exponent: number) {
    this.#messages = messages;
    this.#items = items;
    this.#width = width;
    this.#exponent = exponent;
  }

  vector(history: Int32Array): Float32Array {
    const sum = new Float32Array(this.#width);
    for (const item of history) {
      for (let column = 0; column < this.#width; column++) {
        sum[column]! += this.#messages[item * this.#width + column]!;
      }
    }
    const shrink = history.length ** -this.#exponent;
    return sum.map((value) => value * shrink);
  }

  contributions(history: Int32Array, item: number): Float32Array {
    const shrink = history.length ** -this.#exponent;
    const target = this.#items.subarray(item * this.#width, (item + 1) * this.#width);
    return Float32Array.from(history, (liked) => shrink * dotRow(target, this.#messages, liked));
  }

  save(): SavedTensors {
    const shape = [this.#messages.length / this.#width, this.#width];
    return { "item.message": { shape, data: this.#messages } };
  }
}
