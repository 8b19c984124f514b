/**
 * Kernels that find the best items of many; see `models/rank.ts`.
 *
 * @module
 */

import type { IndexLists } from "./sparse-kernels.ts";
import type { Tensor } from "./tensor.ts";

export interface RankingKernels {
  /**
   * Best k of queries·itemsᵀ for each query, without the dense product: scores,
   * masks and selects tile by tile. Equal scores: smaller index first. (OpenBLAS may give equal
   * vectors scores whose last bits differ by their place.)
   * @param outItems queries × k, −1 where fewer than k remain
   * @param outScores queries × k
   * @param masked rows of items to leave out, per query, ascending; null = none
   */
  rankByVectors(
    outItems: Tensor,
    outScores: Tensor,
    queries: Tensor,
    items: Tensor,
    masked: IndexLists | null,
    k: number,
  ): void;
  /**
   * Best k of each query among the items of its own row of candidates, by inner product; the
   * candidates of a row differ from each other, in any order. Equal scores: smaller index first.
   */
  rankCandidates(
    outItems: Tensor,
    outScores: Tensor,
    queries: Tensor,
    items: Tensor,
    candidates: IndexLists,
    k: number,
  ): void;
  /** Best k of given scores (rows × items), masked likewise; −∞ is never listed. */
  rankScores(
    outItems: Tensor,
    outScores: Tensor,
    scores: Tensor,
    masked: IndexLists | null,
    k: number,
  ): void;
}
