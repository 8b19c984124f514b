/**
 * Fold-in through the layers of a network: a stranger is a new user node that hears
 * the items of their history, layer by layer. The item side stays as training left
 * it, as if the items had not heard of the stranger. The layers are not linear, so
 * that no score falls apart into what each item of the history carried.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { type FoldIn, oneByOne } from "./embedding-recommender.ts";
import type { SavedTensors } from "./recommender.ts";

export class NetworkFoldIn implements FoldIn {
  readonly explanationBasis = null;
  readonly #width: number;
  readonly #vector: (history: Int32Array) => Float32Array;
  readonly #saved: SavedTensors;

  /**
   * @param width of the vectors
   * @param vector from a history that is not empty to a vector in the space of the users
   * @param saved what `vector` reads
   */
  constructor(width: number, vector: (history: Int32Array) => Float32Array, saved: SavedTensors) {
    this.#width = width;
    this.#vector = vector;
    this.#saved = saved;
  }

  vectors(histories: Rows): Float32Array {
    return oneByOne(histories, this.#width, this.#vector);
  }

  contributions(): null {
    return null;
  }

  save(): SavedTensors {
    return this.#saved;
  }
}

/** x·W for a row x and W of x.length rows. */
export function rowTimes(x: Float32Array, w: Float32Array): Float32Array {
  const columns = w.length / x.length;
  const out = new Float32Array(columns);
  for (let row = 0; row < x.length; row++) {
    for (let column = 0; column < columns; column++) {
      out[column]! += x[row]! * w[row * columns + column]!;
    }
  }
  return out;
}

/** Σ over some rows of a table, times a factor; added up in double precision. */
export function sumOfRows(
  table: Float32Array,
  width: number,
  rows: Int32Array,
  factor: number,
): Float32Array {
  const sums = new Float64Array(width);
  for (const row of rows) {
    for (let column = 0; column < width; column++) sums[column]! += table[row * width + column]!;
  }
  return Float32Array.from(sums, (sum) => sum * factor);
}
