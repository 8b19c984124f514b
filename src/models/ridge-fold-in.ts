/**
 * Fold-in by least squares: the vector p of a stranger solves
 *
 *   (w·Q_SᵀQ_S + β·QᵀQ + λI)·p = b·Q_Sᵀ·1
 *
 * where Q_S are the rows of the history and Q all items: with w = b = 1 liked items
 * should score 1, and all items are pulled to 0 with the small weight β (the implicit
 * objective of Hu, Koren & Volinsky 2008 for one user).
 *
 * @module
 */

import type { FoldIn } from "./embedding-recommender.ts";
import type { SavedTensors } from "./recommender.ts";

export interface RidgeOptions {
  /** λ, or what it is for a history of that length */
  readonly regularisation: number | ((length: number) => number);
  /** β */
  readonly unseenWeight: number;
  /** w; default 1 */
  readonly likedWeight?: number;
  /** b; default 1 */
  readonly likedTarget?: number;
}

export class RidgeFoldIn implements FoldIn {
  readonly explanationBasis = "least-squares";
  readonly #items: Float32Array;
  readonly #width: number;
  readonly #options: RidgeOptions;
  /** β·QᵀQ, width × width; made when somebody is first folded in */
  #prior: Float64Array | null = null;

  /** @param items items × width */
  constructor(items: Float32Array, width: number, options: RidgeOptions) {
    this.#items = items;
    this.#width = width;
    this.#options = options;
  }

  vector(history: Int32Array): Float32Array {
    const target = this.#options.likedTarget ?? 1;
    const total = new Float64Array(this.#width);
    for (const item of history) {
      for (let column = 0; column < this.#width; column++) {
        total[column]! += target * this.#items[item * this.#width + column]!;
      }
    }
    return Float32Array.from(solveCholesky(this.#system(history), total));
  }

  contributions(history: Int32Array, item: number): Float32Array {
    const row = (index: number) =>
      this.#items.subarray(index * this.#width, (index + 1) * this.#width);
    const solved = solveCholesky(this.#system(history), Float64Array.from(row(item)));
    const target = this.#options.likedTarget ?? 1;
    return Float32Array.from(
      history,
      (liked) =>
        target * row(liked).reduce((sum, value, column) => sum + value * solved[column]!, 0),
    );
  }

  save(): SavedTensors {
    return {};
  }

  #system(history: Int32Array): Float64Array {
    const width = this.#width;
    const { regularisation, likedWeight = 1 } = this.#options;
    this.#prior ??= this.#makePrior();
    const system = this.#prior.slice();
    const lambda =
      typeof regularisation === "number" ? regularisation : regularisation(history.length);
    for (let column = 0; column < width; column++) system[column * width + column]! += lambda;
    for (const item of history) this.#addOuter(system, item, likedWeight);
    return system;
  }

  #makePrior(): Float64Array {
    const prior = new Float64Array(this.#width ** 2);
    const { unseenWeight } = this.#options;
    if (unseenWeight === 0) return prior;
    for (let item = 0; item * this.#width < this.#items.length; item++) {
      this.#addOuter(prior, item, unseenWeight);
    }
    return prior;
  }

  /** Adds to the lower triangle, which is all that is read. */
  #addOuter(matrix: Float64Array, item: number, weight: number): void {
    const width = this.#width;
    const row = this.#items.subarray(item * width, (item + 1) * width);
    for (let at = 0; at < width; at++) {
      const scaled = weight * row[at]!;
      for (let column = 0; column <= at; column++) {
        matrix[at * width + column]! += scaled * row[column]!;
      }
    }
  }
}

/**
 * Overwrites the lower triangle of a symmetric positive definite matrix (n × n, row-major; the
 * upper triangle is not read) by its Cholesky factor.
 * @throws RangeError where the matrix is not positive definite
 */
export function factorCholesky(matrix: Float64Array, n: number): void {
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
}

/** Solves M·x = b for a symmetric positive definite M, which is overwritten by its factor. */
export function solveCholesky(matrix: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  factorCholesky(matrix, n);
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
