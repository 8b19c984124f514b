/**
 * Kernels of likelihoods: of a user's whole row under scores of all items, or of
 * its entries and some sampled beside them.
 *
 * @module
 */

import type { SparseMatrix, SparsePattern } from "./sparse-kernels.ts";
import type { Tensor } from "./tensor.ts";

/** Of independent entries that are 0 or 1, given a score each. */
export type EntryLikelihood = "gaussian" | "logistic";

/** `multinomial`: the row's entries are draws from softmax of its scores. */
export type Likelihood = "multinomial" | EntryLikelihood;

/** Rows whose likelihood is asked for. */
export interface ObservedRows {
  readonly likelihood: Likelihood;
  /** Everybody's entries, ones. */
  readonly rows: SparsePattern;
  /** [B]: which row is observed beside each row of scores */
  readonly index: Tensor;
  /** Weight of the entries where the likelihood is Gaussian; the others have 1 */
  readonly confidence: number;
}

export interface LikelihoodKernels {
  /**
   * out[b] = ln p(row index[b] | x[b]) without terms that do not depend on x:
   *
   * - multinomial: Σ x_i − n·ln Σ eˣ, over the row's n entries and over all columns
   * - logistic: Σ x_i − Σ ln(1 + eˣ)
   * - gaussian: −½·Σ c_i·(r_i − x_i)², r_i = 1 and c_i = confidence at the entries, else 0 and 1
   *
   * @param shifts [B]: receives ln Σ eˣ for the gradient of the multinomial
   */
  logLikelihoodRows(out: Tensor, shifts: Tensor, x: Tensor, observed: ObservedRows): void;
  /** gradX[b] (+)= gradY[b]·∂out[b]/∂x[b] */
  logLikelihoodRowsGradient(
    gradX: Tensor,
    gradY: Tensor,
    x: Tensor,
    shifts: Tensor,
    observed: ObservedRows,
    accumulate: boolean,
  ): void;
  /**
   * out = rows index[b] of a matrix of ones, and beside each entry `each` zeros at columns that
   * the row has not, by Philox of key, draw and row. Entries of out need room for
   * (1 + each) times those of the rows.
   */
  drawTargets(
    out: SparseMatrix,
    rows: SparsePattern,
    index: Tensor,
    each: number,
    random: { readonly key0: number; readonly key1: number; readonly draw: number },
  ): void;
  /**
   * Over the entries (i, y) of each row b of targets, with s = a[b]·items[i] + bias[i]:
   * out[b] = Σ y·s − ln(1 + eˢ), or −½·Σ (y − s)² for "gaussian".
   * @param slopes as many as targets has values: receives ∂out/∂s
   */
  entryLikelihoods(
    out: Tensor,
    slopes: Tensor,
    likelihood: EntryLikelihood,
    targets: SparseMatrix,
    a: Tensor,
    items: Tensor,
    bias: Tensor,
  ): void;
  /** out[e] = s[r]·values[e] for the entries e of row r */
  scaleEntries(out: Tensor, matrix: SparseMatrix, s: Tensor): void;
}
