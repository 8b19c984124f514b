/**
 * Coordinates in which the part that the rows of a least-squares problem share is
 * diagonal: those of an ALS half-step, or people who are folded in. With Y the
 * factors of the other side, a row solves
 *
 *   (α₀·YᵀY + λ_r·I + Σ w·y·yᵀ)·x = Σ b·y
 *
 * - λ the same for all rows: α₀·YᵀY + λI = LLᵀ. With ŷ = L⁻¹y and v = Lᵀx it reads
 *   (I + Σ w·ŷŷᵀ)·v = Σ b·ŷ.
 * - λ of each row: YᵀY = Vᵀ·Λ·V. With ŷ = Vy and v = Vx it reads
 *   (α₀·Λ + λ_r·I + Σ w·ŷŷᵀ)·v = Σ b·ŷ.
 *
 * So rows with few neighbours need no matrix of width × width, and conjugate
 * gradients are preconditioned by all that the unseen pairs say.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { symmetricEigen } from "../engine/symmetric-eigen.ts";

/** Matrices are width × width, row-major, and multiply rows of factors from the right. */
export interface Coordinates {
  /** Ŷ = Y·into */
  readonly into: Float32Array;
  /** v of x, as rows: V = X·start */
  readonly start: Float32Array;
  /** X = V·back */
  readonly back: Float32Array;
  /** α₀·Λ; null = 0 */
  readonly spectrum: Float32Array | null;
}

/**
 * @param gram YᵀY, width × width
 * @param ridge λ where it is the same for all rows, else null; then each row adds its own to the spectrum
 */
export function sharedCoordinates(
  gram: Float32Array,
  width: number,
  unobservedWeight: number,
  ridge: number | null,
): Coordinates {
  const matrix = Float64Array.from(gram, (value) => unobservedWeight * value);
  if (ridge === null) {
    const { values, vectors } = symmetricEigen(matrix, width);
    const turned = Float32Array.from(transposed(vectors, width));
    return {
      into: turned,
      start: turned,
      back: Float32Array.from(vectors),
      spectrum: Float32Array.from(values, (value) => Math.max(0, value)),
    };
  }
  for (let at = 0; at < width; at++) matrix[at * width + at]! += ridge;
  factorCholesky(matrix, width);
  for (let row = 0; row < width; row++) matrix.fill(0, row * width + row + 1, (row + 1) * width);
  const inverse = invertLower(matrix, width);
  return {
    into: Float32Array.from(transposed(inverse, width)),
    start: Float32Array.from(matrix),
    back: Float32Array.from(inverse),
    spectrum: null,
  };
}

function transposed(matrix: Float64Array, width: number): Float64Array {
  return matrix.map((_, at) => matrix[(at % width) * width + Math.floor(at / width)]!);
}

/** Inverse of a lower triangular matrix, row by row from the rows above. */
function invertLower(lower: Float64Array, width: number): Float64Array {
  const inverse = new Float64Array(width * width);
  for (let row = 0; row < width; row++) {
    const pivot = 1 / lower[row * width + row]!;
    for (let inner = 0; inner < row; inner++) {
      const factor = -pivot * lower[row * width + inner]!;
      for (let column = 0; column <= inner; column++) {
        inverse[row * width + column]! += factor * inverse[inner * width + column]!;
      }
    }
    inverse[row * width + row] = pivot;
  }
  return inverse;
}

/**
 * Overwrites the lower triangle of a symmetric positive definite matrix (n × n, row-major; the
 * upper triangle is not read) by its Cholesky factor.
 * @throws BadInputError where the matrix is not positive definite to the precision of its numbers
 */
export function factorCholesky(matrix: Float64Array, n: number): void {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column]!;
      for (let inner = 0; inner < column; inner++) {
        sum -= matrix[row * n + inner]! * matrix[column * n + inner]!;
      }
      if (row === column && sum <= 0) {
        throw new BadInputError(
          "regularisation",
          "the least squares cannot be solved: their matrix is not positive definite to single precision; " +
            "raise the regularisation, tenfold first, or lower the width",
        );
      }
      matrix[row * n + column] =
        row === column ? Math.sqrt(sum) : sum / matrix[column * n + column]!;
    }
  }
}
