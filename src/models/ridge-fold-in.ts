/**
 * Fold-in by least squares: the vector p of a stranger solves
 *
 *   (Q_SᵀQ_S + β·QᵀQ + λI)·p = Q_Sᵀ·1
 *
 * where Q_S are the rows of the history and Q all items: liked items should
 * score 1, all items are pulled to 0 with the small weight β (the implicit
 * objective of Hu, Koren & Volinsky 2008 for one user).
 *
 * @module
 */

import type { FoldIn } from "./embedding-recommender.ts";
import type { SavedTensors } from "./recommender.ts";

export interface RidgeOptions {
  /** λ */
  readonly regularisation: number;
  /** β */
  readonly unseenWeight: number;
}

export class RidgeFoldIn implements FoldIn {
  readonly #items: Float32Array;
  readonly #width: number;
  /** β·QᵀQ + λI, width × width */
  readonly #prior: Float64Array;

  /** @param items items × width */
  constructor(items: Float32Array, width: number, options: RidgeOptions) {
    this.#items = items;
    this.#width = width;
    this.#prior = new Float64Array(width * width);
    for (let item = 0; item * width < items.length; item++) {
      this.#addOuter(this.#prior, item, options.unseenWeight);
    }
    for (let column = 0; column < width; column++) {
      this.#prior[column * width + column]! += options.regularisation;
    }
  }

  vector(history: Int32Array): Float32Array {
    const total = new Float64Array(this.#width);
    for (const item of history) {
      for (let column = 0; column < this.#width; column++) {
        total[column]! += this.#items[item * this.#width + column]!;
      }
    }
    return Float32Array.from(solveCholesky(this.#system(history), total));
  }

  contributions(history: Int32Array, item: number): Float32Array {
    const row = (index: number) =>
      this.#items.subarray(index * this.#width, (index + 1) * this.#width);
    const solved = solveCholesky(this.#system(history), Float64Array.from(row(item)));
    return Float32Array.from(history, (liked) =>
      row(liked).reduce((sum, value, column) => sum + value * solved[column]!, 0),
    );
  }

  save(): SavedTensors {
    return {};
  }

  #system(history: Int32Array): Float64Array {
    const system = this.#prior.slice();
    for (const item of history) this.#addOuter(system, item, 1);
    return system;
  }

  #addOuter(matrix: Float64Array, item: number, weight: number): void {
    const width = this.#width;
    for (let row = 0; row < width; row++) {
      const scaled = weight * this.#items[item * width + row]!;
      for (let column = 0; column < width; column++) {
        matrix[row * width + column]! += scaled * this.#items[item * width + column]!;
      }
    }
  }
}

/**
 * Solves M·x = b for a symmetric positive definite M (n × n, row-major), which is
 * overwritten by its Cholesky factor.
 */
export function solveCholesky(matrix: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column]!;
      for (let inner = 0; inner < column; inner++) {
        sum -= matrix[row * n + inner]! * matrix[column * n + inner]!;
      }
      if (row === column && sum <= 0) {
        throw new RangeError("matrix is not positive definite; raise the regularisation");
      }
      matrix[row * n + column] =
        row === column ? Math.sqrt(sum) : sum / matrix[column * n + column]!;
    }
  }
  const x = b.slice();
  for (let row = 0; row < n; row++) {
    for (let inner = 0; inner < row; inner++) x[row]! -= matrix[row * n + inner]! * x[inner]!;
    x[row]! /= matrix[row * n + row]!;
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let inner = row + 1; inner < n; inner++) x[row]! -= matrix[inner * n + row]! * x[inner]!;
    x[row]! /= matrix[row * n + row]!;
  }
  return x;
}
