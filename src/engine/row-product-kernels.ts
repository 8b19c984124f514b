/**
 * Kernels on products of the rows of sparse matrices: similarities and walks between rows,
 * cut to the strongest, Gram matrices, elastic nets of columns, and sums of sparse rows. Part of `Kernels`; the same rules hold: no result depends on the number of threads.
 *
 * @module
 */

import type { SparsePattern } from "./sparse-kernels.ts";
import type { Tensor } from "./tensor.ts";

/** A sparse matrix of ones, or with a value per entry; values null = all ones. */
export interface ValuedPattern extends SparsePattern {
  readonly values: Tensor | null;
}

/**
 * Entry (r, c) of a product made from s = Σ_m inner_m·[m ∈ left_r]·[c ∈ right_m]:
 *
 *   factor_r·factor_c·(s − shift_r·shift_c) / (norm_r·norm_c + shrinkage)
 */
export interface ProductOptions {
  /** one per row of `right`; null = 1 */
  readonly inner: Tensor | null;
  /** one per row of the product, one per column; null = 1 */
  readonly factor: Sides | null;
  /** null = 0 */
  readonly shift: Sides | null;
  /** null = 1 */
  readonly norm: Sides | null;
  readonly shrinkage: number;
  /** Whether entries (r, r) are left out. */
  readonly skipDiagonal: boolean;
}

export interface Sides {
  readonly rows: Tensor;
  readonly columns: Tensor;
}

/** ½‖x − X·w‖² + l1·‖w‖₁ + ½·l2·‖w‖² is what a column's weights minimise. */
export interface ElasticNetOptions {
  readonly l1: number;
  readonly l2: number;
  /** w ≥ 0 */
  readonly nonNegative: boolean;
  /** Sweeps over a column's weights at most. */
  readonly sweeps: number;
  /** Descent ends when no weight moves by more than this part of the largest. */
  readonly tolerance: number;
}

export interface RowProductKernels {
  /**
   * Rows firstRow … of a product, each cut to its k largest positive entries, largest first,
   * equal ones by column.
   * @param outColumns n × k, −1 where a row has fewer
   * @param outValues n × k, −∞ where a row has fewer
   */
  productTopRows(
    outColumns: Tensor,
    outValues: Tensor,
    firstRow: number,
    left: SparsePattern,
    right: SparsePattern,
    options: ProductOptions,
  ): void;
  /**
   * Rows firstRow … of the lower half of RᵀR, zeros above the diagonal.
   * @param out n × columns of R
   * @param columns Rᵀ
   * @param rows R; its rows ascend
   */
  gramRows(out: Tensor, firstRow: number, columns: SparsePattern, rows: SparsePattern): void;
  /**
   * Elastic nets of columns firstColumn … of a binary matrix X from its other columns, each cut to
   * its k weights of the largest size, largest first.
   * @param outItems n × k, −1 where there are fewer
   * @param outWeights n × k
   * @param columns Xᵀ
   * @param rows X
   */
  elasticNetColumns(
    outItems: Tensor,
    outWeights: Tensor,
    firstColumn: number,
    columns: SparsePattern,
    rows: SparsePattern,
    options: ElasticNetOptions,
  ): void;
  /**
   * out = left·right, dense: each row a sum of sparse rows, in the order of left's entries
   * @param out rows of left × columns of right
   */
  multiplyRows(out: Tensor, left: ValuedPattern, right: ValuedPattern): void;
}
