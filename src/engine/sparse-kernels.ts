/**
 * Kernels on sparse matrices beyond propagation: products of two sparse
 * matrices, and of sparse and dense rows with a sparse matrix that has values.
 *
 * @module
 */

import type { Tensor } from "./tensor.ts";

/** A list of indices for each row: a user's items, or items to choose from. */
export interface IndexLists {
  /** rows + 1 */
  readonly indptr: Tensor;
  readonly indices: Tensor;
}

/** A sparse matrix of ones in compressed rows. */
export interface SparsePattern {
  readonly rowCount: number;
  readonly columnCount: number;
  /** rowCount + 1 integers */
  readonly indptr: Tensor;
  /** one column an entry; may be longer than the entries */
  readonly indices: Tensor;
}

/** The same with a number for each entry. */
export interface SparseMatrix extends SparsePattern {
  readonly values: Tensor;
}

/** C = (diag(rowScale)·A·diag(middleScale)·B·diag(columnScale))^∘power, entry by entry. */
export interface SparseProductOptions {
  /** p: one float a row of A */
  readonly rowScale: Tensor;
  /** m: one float a column of A */
  readonly middleScale: Tensor;
  /** q: one float a column of B */
  readonly columnScale: Tensor;
  /** Hadamard power of positive entries; 1 leaves them */
  readonly power: number;
}

/** out (+)= X·(scale·M + diagonal·I) */
export interface MultiplySparseRowsOptions {
  readonly scale: number;
  readonly diagonal: number;
  readonly accumulate: boolean;
}

/** Which entries of the rows stay, and what they are. */
export interface TakeRowsOptions {
  /** Share of the entries that are left out, the others scaled by 1/(1 − rate); to the nearest 2⁻¹⁶ */
  readonly rate: number;
  /** Divides a row by its length, so that without a rate it is a unit vector. */
  readonly normalise: boolean;
  /** Of the random stream; what is left out is a pure function of key, draw, row and place in it. */
  readonly key0: number;
  readonly key1: number;
  readonly draw: number;
}

export interface SparseMatrixKernels {
  /** counts[r] = number of distinct columns in row r of A·B: the room that its product needs. */
  countSparseProduct(counts: Tensor, a: SparsePattern, b: SparsePattern): void;
  /** Fills out, whose indptr is given, with C; columns come out ascending. */
  sparseProduct(
    out: SparseMatrix,
    a: SparsePattern,
    b: SparsePattern,
    options: SparseProductOptions,
  ): void;
  /** out = X·(scale·M + diagonal·I) with X of ones and a square M; M null = 0. */
  multiplySparseRows(
    out: Tensor,
    x: SparsePattern,
    matrix: SparseMatrix | null,
    options: MultiplySparseRowsOptions,
  ): void;
  /** out = M·x, x dense */
  multiplyWeighted(out: Tensor, matrix: SparseMatrix, x: Tensor): void;
  /**
   * out = the rows index[n] of a matrix of ones, or all rows without an index. The room of
   * out's entries must hold all of them, with nothing left out.
   */
  takeRows(
    out: SparseMatrix,
    x: SparsePattern,
    index: Tensor | null,
    options: TakeRowsOptions,
  ): void;
  /** out = Mᵀ; its rows come out ascending. */
  transposeSparse(out: SparseMatrix, matrix: SparseMatrix): void;
  /** out = xᵀ */
  transpose(out: Tensor, x: Tensor): void;
}
