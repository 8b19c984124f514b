/**
 * Attention for one new user node: GAT's equations 1 to 5 over a history and the
 * stranger's own vector, with the items as training left them.
 *
 * @module
 */

import { rowTimes } from "./network-fold-in.ts";

/** One layer. */
export interface AttentionLayer {
  /** W·h_i of all items, items × width */
  readonly said: Float32Array;
  readonly w: Float32Array;
  /** a for what is said, then for what is heard: width numbers each */
  readonly a: Float32Array;
}

export class GatStranger {
  readonly #start: Float32Array;
  readonly #layers: readonly AttentionLayer[];
  readonly #heads: number;

  /** @param start h^(0) of the stranger */
  constructor(start: Float32Array, layers: readonly AttentionLayer[], heads: number) {
    this.#start = start;
    this.#layers = layers;
    this.#heads = heads;
  }

  /** z of somebody with this history. */
  vector(history: Int32Array): Float32Array {
    return this.#layers.reduce((h, { said, w, a }, k) => {
      const own = rowTimes(h, w);
      const rows = [
        own,
        ...Array.from(history, (item) => said.subarray(item * own.length, (item + 1) * own.length)),
      ];
      const heard = this.#attend(own, rows, a);
      return k === this.#layers.length - 1 ? heard : heard.map((value) => Math.max(0, value));
    }, this.#start);
  }

  #attend(own: Float32Array, rows: readonly Float32Array[], a: Float32Array): Float32Array {
    const width = own.length;
    const out = new Float32Array(width);
    const perHead = width / this.#heads;
    for (let from = 0; from < width; from += perHead) {
      const score = (row: Float32Array, half: number) => {
        let sum = 0;
        for (let at = from; at < from + perHead; at++) sum += row[at]! * a[half + at]!;
        return sum;
      };
      const hears = score(own, width);
      const scores = rows.map((row) => leaky(score(row, 0) + hears));
      const largest = Math.max(...scores);
      const powers = scores.map((value) => Math.exp(value - largest));
      const total = powers.reduce((sum, power) => sum + power, 0);
      rows.forEach((row, n) => {
        const alpha = powers[n]! / total;
        for (let at = from; at < from + perHead; at++) out[at]! += alpha * row[at]!;
      });
    }
    return out;
  }
}

const leaky = (x: number) => (x > 0 ? x : 0.2 * x);
