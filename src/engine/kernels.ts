/**
 * The kernels that every device implements: the numeric vocabulary of Lumière.
 * All matrices are row-major; `rows × width` unless stated. Outputs come first
 * and are overwritten, except where a kernel says that it adds.
 *
 * Results do not depend on the number of threads: work is divided by output
 * rows, and every reduction sums in a fixed order.
 *
 * @module
 */

import type { DenseKernels, RowIndex } from "./dense-kernels.ts";
import type { LikelihoodKernels } from "./likelihood-kernels.ts";
import type { ListedPairKernels } from "./listed-pair-kernels.ts";
import type { RankingKernels } from "./ranking-kernels.ts";
import type { RowProductKernels } from "./row-product-kernels.ts";
import type { SamplingKernels } from "./sampling-kernels.ts";
import type { SparseMatrixKernels } from "./sparse-kernels.ts";
import type { Tensor } from "./tensor.ts";

/** Sparse matrix in compressed rows; `chunks` cuts the rows into pieces of about equal work. */
export interface SparseRows {
  readonly rowCount: number;
  /** Rows of what it is multiplied with. */
  readonly columnCount: number;
  /** rowCount + 1 */
  readonly indptr: Tensor;
  /** one per entry: column */
  readonly indices: Tensor;
  /** ascending row boundaries, first 0, last rowCount */
  readonly chunks: Int32Array;
  /** threads × longest row: integers for the kernels' own use */
  readonly scratch: Tensor;
}

/** A set of rows, for work on the rows of a batch alone. */
export interface RowSet {
  /** one per row of the table: 1 where the row belongs to the set */
  readonly mask: Tensor;
  /** the rows, unique, in order of first appearance; only the first `count` are valid */
  readonly list: Tensor;
  /** one integer: how many */
  readonly count: Tensor;
  /** one per row of the table: how many times it was put into the set, 0 where never */
  readonly times: Tensor;
}

/** Pairs of rows: each a[n] with its m rows b[n·m + j], and the derivative by each inner product. */
export interface RowPairs {
  readonly a: RowIndex;
  readonly b: RowIndex;
  readonly slopes: Tensor;
}

/** out = scale · (bias·base + factor · rowScale ⊙ (A · (columnScale ⊙ x))) row by row. */
export interface PropagateOptions {
  /** one float per column node, multiplied onto gathered rows; null = 1, as it must be where x is bf16 */
  readonly columnScale: Tensor | null;
  /** one float per row; null = 1 */
  readonly rowScale: Tensor | null;
  readonly factor: number;
  /** same shape as out; null = 0 */
  readonly base: Tensor | null;
  readonly bias: number;
  /** only rows in this set have a base; null = all rows */
  readonly baseRows: RowSet | null;
  /** one float per row, multiplied onto the result; null = 1 */
  readonly outScale: Tensor | null;
  /** compute these rows only, leave others untouched; null = all rows */
  readonly outputRows: RowSet | null;
  /** treat x as zero outside these rows, without reading it; null = all rows */
  readonly inputRows: RowSet | null;
}

/** No scales, no base, all rows: out = A·x. */
export const plainProduct: PropagateOptions = {
  columnScale: null,
  rowScale: null,
  factor: 1,
  base: null,
  bias: 0,
  baseRows: null,
  outScale: null,
  outputRows: null,
  inputRows: null,
};

/** out[r] = scale[r]·x[r] in bfloat16 */
export interface RoundRowsOptions {
  /** one float per row; null = 1 */
  readonly scale: Tensor | null;
  /** compute these rows of out only, leave others untouched; null = all rows */
  readonly rows: RowSet | null;
}

/** out[r] (+)= scale[r]·x[from[r]] */
export interface MoveRowsOptions {
  /** one integer per row of out; null = r itself */
  readonly from: Tensor | null;
  /** one float per row of out; null = 1 */
  readonly scale: Tensor | null;
  /** compute these rows of out only, leave others untouched; null = all rows */
  readonly rows: RowSet | null;
  /** whether the rows are added to what is there; default false */
  readonly accumulate?: boolean;
}

/**
 * What attention over neighbours gives. For row v and head h, over the neighbours u of v, with
 * score e = scores[u, h] + scores[v, heads + h] (scores: rows × 2·heads):
 *
 *   α = softmax_u(leaky(e)),   out[v, h] = Σ_u α·z[u, h]
 *
 * z and out are rows × width, a head being width/heads neighbouring columns. The rest is kept
 * for the gradient; nothing has the size of the edges.
 */
export interface AttentionState {
  readonly out: Tensor;
  /** rows × width: the part of out from neighbours with e > 0 */
  readonly upper: Tensor;
  /** rows × 2·heads: ln Σ exp(leaky(e)) of each head, then the part of Σ α with e > 0 */
  readonly sums: Tensor;
  /** slope of the leaky ReLU below zero */
  readonly slope: number;
}

/**
 * A weighted least-squares problem for each row r, over the row's neighbours i:
 *
 *   (D_r + Σ_i w_i·y_i·y_iᵀ)·x = Σ_i b_i·y_i,   D_r = diag(spectrum + ridge[r])
 */
export interface LeastSquares {
  /** rowCount × columnCount */
  readonly rows: SparseRows;
  /** y: columnCount × width, the width a multiple of `leastSquaresUnit` */
  readonly table: Tensor;
  /** w ≥ 0: one per entry of `rows` */
  readonly weights: Tensor;
  /** b: one per entry of `rows` */
  readonly targets: Tensor;
  /** ≥ 0: one per column of the table; null = 0 */
  readonly spectrum: Tensor | null;
  /** ≥ 0: one per row; with the spectrum it is positive where the row has entries */
  readonly ridge: Tensor;
}

/** What divides the width of a least-squares problem. */
export const leastSquaresUnit = 8;

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 for the first update */
  readonly step: number;
}

/** How Adam moves a row of a parameter by its gradient, for kernels that make a gradient row by row. */
export interface RowUpdate {
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly options: AdamOptions;
}

/** factor·x[r], added as many times as row r came into the set: the gradient of ½·factor·‖x[r]‖² each time. */
export interface RowMultiples {
  readonly rows: RowSet;
  /** a single number */
  readonly factor: Tensor;
}

export interface Kernels
  extends DenseKernels,
    SparseMatrixKernels,
    RowProductKernels,
    LikelihoodKernels,
    SamplingKernels,
    ListedPairKernels,
    RankingKernels {
  // ── graphs ──────────────────────────────────────────────────────────────
  /**
   * The sparse product. x and out may be bf16: sums are float32 all the same, and a number is
   * off by at most 2⁻⁸ of itself (2⁻¹³³ where that is more) when it is written.
   */
  propagate(out: Tensor, graph: SparseRows, x: Tensor, options: PropagateOptions): void;
  /** A float32 table as a bf16 one to gather from, each number off by as much as in `propagate`. */
  roundRows(out: Tensor, x: Tensor, options: RoundRowsOptions): void;
  moveRows(out: Tensor, x: Tensor, options: MoveRowsOptions): void;
  /** Weighted sums over neighbours: see `AttentionState`. With `rows`, of those rows only. */
  attend(
    state: AttentionState,
    graph: SparseRows,
    z: Tensor,
    scores: Tensor,
    rows: RowSet | null,
  ): void;
  /**
   * Gradients of z and scores, from that of `out`; the graph must be symmetric. With `rows`, the
   * gradient of `out` is taken as zero outside them, without reading it.
   */
  attendGradient(
    gradZ: Tensor,
    gradScores: Tensor,
    gradOut: Tensor,
    state: AttentionState,
    graph: SparseRows,
    z: Tensor,
    scores: Tensor,
    rows: RowSet | null,
  ): void;
  /** Collects the unique rows index[n] + offset of several index tensors. */
  collectRows(set: RowSet, indices: readonly RowIndex[]): void;
  /** shares[n] = 1/count of the rows of a set; beyond them its list repeats its first row, with a share of 0. */
  shareRows(set: RowSet, shares: Tensor): void;
  /** Empties a row set, for the next batch. */
  clearRows(set: RowSet): void;
  /** Sets the rows of a table to zero. */
  zeroRows(table: Tensor, set: RowSet): void;
  /**
   * The gradient of a table's `indexedDot` with itself: out[a] and out[b] (+)= slope·table[b] and
   * slope·table[a] for each pair, in their order; all other rows of the set become zero, unless
   * `accumulate`, and rows outside it are left as they are.
   * @param rows hold all rows of the pairs
   * @param pairs one list after the other
   */
  pairGradient(
    out: Tensor,
    table: Tensor,
    rows: RowSet,
    pairs: readonly RowPairs[],
    accumulate: boolean,
  ): void;

  // ── least squares ───────────────────────────────────────────────────────
  /** out[r] = the solution, for rows first … last − 1; 0 for rows without entries */
  solveRows(out: Tensor, system: LeastSquares, first: number, last: number): void;
  /**
   * Some steps of conjugate gradients from out[r] towards the solution, preconditioned by D, for
   * rows first … last − 1; 0 for rows without entries.
   */
  improveRows(out: Tensor, system: LeastSquares, steps: number, first: number, last: number): void;

  // ── optimisers ──────────────────────────────────────────────────────────
  /** Adam (Kingma & Ba 2015). With `rows`, the gradient is zero outside them, and is not read there. */
  adam(
    parameter: Tensor,
    gradient: Tensor,
    mean: Tensor,
    variance: Tensor,
    options: AdamOptions,
    rows: RowSet | null,
  ): void;
  sgd(parameter: Tensor, gradient: Tensor, learningRate: number, rows: RowSet | null): void;
  adagrad(
    parameter: Tensor,
    gradient: Tensor,
    squares: Tensor,
    learningRate: number,
    epsilon: number,
    rows: RowSet | null,
  ): void;

  // ── several passes in one ───────────────────────────────────────────────
  /**
   * `propagate`, and Adam by each row of the result as it is made: the same bits as both one after
   * the other, with the multiples of the parameter's own rows added between. The result is kept
   * nowhere.
   * @param x rows × width, not the parameter
   */
  propagateUpdate(
    parameter: Tensor,
    update: RowUpdate,
    graph: SparseRows,
    x: Tensor,
    options: Omit<PropagateOptions, "columnScale" | "outScale" | "outputRows">,
    multiples: RowMultiples | null,
  ): void;
  /** out[r] += factor·x[r], as many times as row r came into the set */
  addRowMultiples(out: Tensor, x: Tensor, multiples: RowMultiples): void;
  /** out[0] = Σ_r ‖x[r]‖², each row as many times as it came into the set */
  squaredNormOfRows(out: Tensor, x: Tensor, rows: RowSet): void;

  // ── measuring ───────────────────────────────────────────────────────────
  /**
   * out = chains s ← 0.999·s + 0.001 from 0, `rounds` long, in registers: how fast the machine
   * multiplies and adds. out holds a multiple of 4·chains floats.
   * @param chains vectors of four floats under way at once: what is fastest depends on the registers
   */
  multiplyAdds(out: Tensor, chains: 12 | 16, rounds: number): void;

  // ── random numbers ──────────────────────────────────────────────────────
  /**
   * out[r] = x[r] + ε·sign(x[r]) ⊙ n/‖n‖, n uniform in [0, 1] by Philox of key, draw and row: the
   * perturbation of SimGCL (Yu et al., SIGIR 2022, equation 5). With `rows`, in those rows only.
   * @param out may be x
   */
  addNoise(
    out: Tensor,
    x: Tensor,
    epsilon: number,
    key0: number,
    key1: number,
    draw: number,
    rows: RowSet | null,
  ): void;
}
