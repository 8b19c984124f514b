/**
 * Kernels on pairs of rows in the order of a large table that an index points into. Part of
 * `Kernels`; the same rules hold: no result depends on the number of threads.
 *
 * @module
 */

import type { Tensor } from "./tensor.ts";

/**
 * The pairs (n, index[n, j]) by the row of the table that the index names, each row's in their order:
 * for an index that names most rows more than once.
 */
export interface PairList {
  /** integers, one per row of the table: where its pairs end */
  readonly ends: Tensor;
  /** integers, rows × n as the index: the place of each pair there */
  readonly places: Tensor;
}

/** A list with the derivatives by the pairs' inner products. */
export interface SlopedPairList extends PairList {
  /** two numbers a pair: n, and the slope */
  readonly entries: Tensor;
}

export interface ListedPairKernels {
  /** Fills the list from an index, rows × n. */
  listPairs(list: PairList, index: Tensor): void;
  /** out[n, j] = a[n]·table[index[n, j]] */
  listedDots(out: Tensor, a: Tensor, table: Tensor, list: PairList): void;
  /** Fills the list's entries from slopes, rows × n. */
  takeSlopes(list: SlopedPairList, slopes: Tensor): void;
  /** out[n] (+)= Σ_j slopes[n, j]·table[index[n, j]], in the order of the list */
  sumListedRows(out: Tensor, table: Tensor, list: SlopedPairList, accumulate: boolean): void;
  /** out[index[n, j]] (+)= slopes[n, j]·a[n]; rows that the index does not name become 0 without `accumulate` */
  addListedRows(out: Tensor, a: Tensor, list: SlopedPairList, accumulate: boolean): void;
  /**
   * out[p] = ln of the mean of e^(factor·x) over the places listed under the same row as p, and
   * weights[p] = its share in their sum; all of them as many as the list has places
   */
  logMeanExpListed(out: Tensor, weights: Tensor, x: Tensor, list: PairList, factor: number): void;
  /** dx[p] (+)= factor·weights[p]·Σ slopes over the places listed under the same row as p */
  logMeanExpListedGradient(
    dx: Tensor,
    slopes: Tensor,
    weights: Tensor,
    list: PairList,
    factor: number,
    accumulate: boolean,
  ): void;
}
