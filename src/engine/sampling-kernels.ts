/**
 * Kernels that draw numbers, and what a model is trained on.
 *
 * @module
 */

import type { IndexLists } from "./sparse-kernels.ts";
import type { Tensor } from "./tensor.ts";

/** Negative sampling, see `training/sampling.ts`. */
export interface SamplingOptions {
  /** key words of the random stream */
  readonly key0: number;
  readonly key1: number;
  readonly epoch: number;
  /** position in the epoch of the first triple of this batch */
  readonly first: number;
  /** triples in an epoch; the interactions are visited in an order permuted over this length */
  readonly epochLength: number;
  /** "interaction": each interaction once an epoch; "user": a user at random, then one of their items */
  readonly positives: "interaction" | "user";
  /** users with a seen and an unseen item */
  readonly activeUsers: Tensor;
  /** number of the first interaction of each of them, then epochLength */
  readonly starts: Tensor;
  /** alias table over items for non-uniform negatives; null = uniform */
  readonly alias: { readonly probability: Tensor; readonly other: Tensor } | null;
  /** items near each user, none of them seen; null = negatives come from all items */
  readonly candidates: IndexLists | null;
  /** share of the negatives that come from the candidates, to the nearest 2⁻¹⁶ */
  readonly candidateShare: number;
  /** whether a negative is the first item drawn, though the user likes it; without candidates */
  readonly mayBeLiked: boolean;
  /** with positives "interaction": value of each interaction, and where the batch's go; null = none */
  readonly values: { readonly from: Tensor; readonly out: Tensor } | null;
}

export interface SamplingKernels {
  /**
   * Fills a batch of (user, positive, negatives…). Unless `mayBeLiked`, a negative is never a positive.
   * @param negatives batch × n; null = none
   * @param liked each user's items, ascending
   */
  samplePairs(
    users: Tensor,
    positives: Tensor,
    negatives: Tensor | null,
    liked: IndexLists,
    itemCount: number,
    options: SamplingOptions,
  ): void;
  /** Normal numbers of mean 0 by Philox with this key and draw (0); element n depends on n alone. */
  fillNormal(out: Tensor, deviation: number, key0: number, key1: number, draw?: number): void;
  /** Numbers uniform in (−bound, bound). */
  fillUniform(out: Tensor, bound: number, key0: number, key1: number): void;
}
