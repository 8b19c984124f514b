/**
 * Kernels on dense matrices alone: element by element, by rows and columns, and products.
 *
 * @module
 */

import type { Tensor } from "./tensor.ts";

/** Element-wise functions of one argument; the gradient is taken from input x and output y. */
export type UnaryFunction =
  | "relu"
  | "leaky-relu" // slope 0.2 below zero
  | "sigmoid"
  | "tanh"
  | "softplus" // ln(1 + eˣ), stable
  | "exp"
  | "log"
  | "square"
  | "sqrt";

export type BinaryFunction = "add" | "subtract" | "multiply" | "divide";

/** Which rows of a table: those at index[n] + offset */
export interface RowIndex {
  /** integers */
  readonly index: Tensor;
  readonly offset: number;
}

/** Rows of a table: table[index[n] + offset] */
export interface IndexedRows extends RowIndex {
  readonly table: Tensor;
}

export interface DenseKernels {
  // ── element-wise ────────────────────────────────────────────────────────
  fill(out: Tensor, value: number): void;
  /** out = a·x + b·out (b = 0 never reads out) */
  scaleAdd(out: Tensor, x: Tensor, a: number, b: number): void;
  binary(f: BinaryFunction, out: Tensor, a: Tensor, b: Tensor): void;
  /** out += c · a ⊙ b */
  addProduct(out: Tensor, a: Tensor, b: Tensor, c: number): void;
  unary(f: UnaryFunction, out: Tensor, x: Tensor): void;
  /** gradX += gradY ⊙ f′(x), with y = f(x) given */
  unaryGradient(f: UnaryFunction, gradX: Tensor, gradY: Tensor, x: Tensor, y: Tensor): void;
  /**
   * out = x where kept, scaled by 1/(1−rate), else 0; the choice is a pure function of key and
   * position. The rate is taken to the nearest 2⁻¹⁶, at most 1 − 2⁻¹⁶.
   */
  dropout(out: Tensor, x: Tensor, rate: number, key0: number, key1: number, draw: number): void;

  // ── rows ────────────────────────────────────────────────────────────────
  /** out[r] = x[r] + bias */
  addBias(out: Tensor, x: Tensor, bias: Tensor): void;
  /** out[c] (+)= Σ_r x[r, c], in a fixed order; adds to out when `accumulate` */
  columnSums(out: Tensor, x: Tensor, accumulate: boolean): void;
  /** out[r] = Σ_c x[r, c] */
  rowSums(out: Tensor, x: Tensor): void;
  /** out[r, c] (+)= s[r]·x[r, c]; adds when `accumulate` */
  scaleRows(out: Tensor, x: Tensor, s: Tensor, accumulate: boolean): void;
  /** out[r] = a[r] · b[r] */
  rowDot(out: Tensor, a: Tensor, b: Tensor): void;
  /** out[n] = table[index[n] + offset] */
  gatherRows(out: Tensor, table: Tensor, index: Tensor, offset: number): void;
  /** table[index[n] + offset] += scale·source[n], duplicates summed in order of n */
  scatterAddRows(table: Tensor, index: Tensor, offset: number, source: Tensor, scale: number): void;
  /** out[n·m + j] = a[n]·b[n·m + j] over the rows of a, and m of b for each */
  indexedDot(out: Tensor, a: IndexedRows, b: IndexedRows): void;
  /** out[:, at … at+w) = x */
  putColumns(out: Tensor, x: Tensor, at: number): void;
  /** out (+)= x[:, at … at+w) */
  takeColumns(out: Tensor, x: Tensor, at: number, accumulate: boolean): void;
  /** rows of softmax(x) */
  softmaxRows(out: Tensor, x: Tensor): void;
  /** rows of x − logΣexp(x) */
  logSoftmaxRows(out: Tensor, x: Tensor): void;
  /** gradX += y ⊙ (gradY − Σ_c gradY·y) for y = softmax(x) */
  softmaxRowsGradient(gradX: Tensor, gradY: Tensor, y: Tensor): void;
  /** gradX += gradY − softmax ⊙ Σ_c gradY, with y = logSoftmax(x) */
  logSoftmaxRowsGradient(gradX: Tensor, gradY: Tensor, y: Tensor): void;

  // ── groups: n rows of b belong to each row of a ─────────────────────────
  /** out[r·n + j] = a[r] · b[r·n + j] */
  groupDot(out: Tensor, a: Tensor, b: Tensor): void;
  /** out[r] (+)= Σ_j s[r·n + j]·b[r·n + j] */
  groupSum(out: Tensor, b: Tensor, s: Tensor, accumulate: boolean): void;
  /** out[r·n + j] (+)= s[r·n + j]·a[r] */
  groupScale(out: Tensor, a: Tensor, s: Tensor, accumulate: boolean): void;

  // ── contrasts: a row of scores beside each positive ─────────────────────
  /** x[r, c] = value where rowKeys[r] = columnKeys[c]; columnKeys null: where rowKeys[r] = c */
  maskEqual(x: Tensor, rowKeys: Tensor, columnKeys: Tensor | null, value: number): void;
  /** x[r, c] = value where c is not below the integer in `count` */
  maskBeyond(x: Tensor, count: Tensor, value: number): void;
  /** out[r] = ln Σ_c exp(factor·x[r, c]), factor > 0 */
  logSumExpRows(out: Tensor, x: Tensor, factor: number): void;
  /** gradX[r, c] (+)= factor·gradY[r]·exp(factor·x[r, c] − y[r]) for y = logSumExpRows(x, factor) */
  logSumExpRowsGradient(
    gradX: Tensor,
    gradY: Tensor,
    x: Tensor,
    y: Tensor,
    factor: number,
    accumulate: boolean,
  ): void;
  /** out[r] = max_c x[r, c], index[r] = the first column that has it */
  rowMaxima(out: Tensor, index: Tensor, x: Tensor): void;
  /** out[r, index[r]] += s[r] */
  addAtColumns(out: Tensor, index: Tensor, s: Tensor): void;
  /** out[r, c] = x[r, c] + factor·s[r] */
  addToRows(out: Tensor, x: Tensor, s: Tensor, factor: number): void;

  // ── reductions ──────────────────────────────────────────────────────────
  /** out[0] = scale · Σ x, by blocks of 4096 elements summed in a fixed order */
  sum(out: Tensor, x: Tensor, scale: number): void;

  // ── matrices ────────────────────────────────────────────────────────────
  /** out = alpha · op(a)·op(b) + beta·out; op transposes where told */
  matmul(
    out: Tensor,
    a: Tensor,
    b: Tensor,
    transposeA: boolean,
    transposeB: boolean,
    alpha: number,
    beta: number,
  ): void;
}
