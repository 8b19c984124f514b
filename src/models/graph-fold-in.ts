/**
 * Fold-in by propagation: a stranger with history S is a new user node whose own
 * embedding is unknown (zero), so that by LightGCN's equations 3 and 4
 *
 *   e_S = |S|^−a · Σ_{i ∈ S} m_i,   m_i = d_i^−b · Σ_{k<K} α_{k+1}·e_i^(k)
 *
 * with Ã = D^−a·A·D^−b. With self-connections (SGCN) what the stranger heard p
 * layers before comes back each time with n^−(a+b), n = |S| + 1, so there is one
 * message for each p:
 *
 *   e_S = Σ_p n^−(a + p(a+b)) · Σ_{i ∈ S} m_i^(p),   m_i^(p) = d_i^−b · Σ_j α_{j+1+p}·e_i^(j)
 *
 * The sum also explains a score exactly: an item of the history carried its own
 * summands' inner product with e_item. For a user of the training set the same
 * messages carry all of the score but the part of the user's own embedding.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { dotRow, type FoldIn, oneByOne } from "./embedding-recommender.ts";
import type { SavedTensors } from "./recommender.ts";

/** What items tell a user, and with which power of the user's degree. */
export interface Messages {
  /** m^(0), m^(1), …: each items × width */
  readonly tables: readonly Float32Array[];
  /** The degree's exponent for each table. */
  readonly exponents: readonly number[];
  /** 1 where the user is a neighbour of itself, else 0 */
  readonly ownNeighbour: 0 | 1;
}

export class GraphFoldIn implements FoldIn {
  readonly explanationBasis = "messages";
  readonly #messages: Messages;
  readonly #items: Float32Array;
  readonly #width: number;

  /** @param items final item embeddings, items × width */
  constructor(messages: Messages, items: Float32Array, width: number) {
    this.#messages = messages;
    this.#items = items;
    this.#width = width;
  }

  vectors(histories: Rows): Float32Array {
    return oneByOne(histories, this.#width, (history) => this.#vector(history));
  }

  #vector(history: Int32Array): Float32Array {
    const width = this.#width;
    const total = new Float32Array(width);
    this.#forEachTable(history, (table, share) => {
      const sum = new Float32Array(width);
      for (const item of history) {
        const row = item * width;
        for (let column = 0; column < width; column++) sum[column]! += table[row + column]!;
      }
      for (let column = 0; column < width; column++) total[column]! += share * sum[column]!;
    });
    return total;
  }

  contributions(history: Int32Array, item: number): Float32Array {
    const target = this.#items.subarray(item * this.#width, (item + 1) * this.#width);
    const carried = new Float32Array(history.length);
    this.#forEachTable(history, (table, share) => {
      history.forEach((liked, at) => {
        carried[at]! += share * dotRow(target, table, liked);
      });
    });
    return carried;
  }

  save(): SavedTensors {
    const shape = [this.#items.length / this.#width, this.#width];
    const tables = this.#messages.tables.map((data, at) => [messageName(at), { shape, data }]);
    return Object.fromEntries(tables);
  }

  #forEachTable(history: Int32Array, visit: (table: Float32Array, share: number) => void): void {
    const { tables, exponents, ownNeighbour } = this.#messages;
    const degree = history.length + ownNeighbour;
    tables.forEach((table, at) => {
      visit(table, degree ** -exponents[at]!);
    });
  }
}

/** Name of a table of messages in a saved model. */
export function messageName(at: number): string {
  return at === 0 ? "item.message" : `item.message${at}`;
}
