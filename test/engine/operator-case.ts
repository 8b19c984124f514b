/**
 * What a case of an operator is, and what the naive implementations share.
 * Sizes come from the test; matrices are row-major.
 */

import type { Variable } from "../../src/engine/tape.ts";
import type { Tensor } from "../../src/engine/tensor.ts";

/** Dimensions that a case may use. */
export interface Sizes {
  readonly rows: number;
  readonly width: number;
  readonly inner: number;
}

export interface OperatorCase {
  readonly name: string;
  readonly inputs: (sizes: Sizes) => readonly (readonly number[])[];
  /** Bounds of the random inputs; default −1 … 1. */
  readonly between?: readonly [number, number];
  /** Length of an index into the first input's rows, where the operator takes one. */
  readonly index?: (sizes: Sizes) => number;
  readonly apply: (inputs: readonly Variable[], sizes: Sizes, index: Tensor) => Variable;
  readonly naive: (
    inputs: readonly Float64Array[],
    sizes: Sizes,
    index: Int32Array,
  ) => readonly number[];
}

const matrix = ({ rows, width }: Sizes) => [rows, width];
export const one = (sizes: Sizes) => [matrix(sizes)];
export const two = (sizes: Sizes) => [matrix(sizes), matrix(sizes)];

/** f of every pair of elements. */
export const pairwise =
  (f: (a: number, b: number) => number) => (inputs: readonly Float64Array[]) =>
    Array.from(inputs[0]!, (a, n) => f(a, inputs[1]![n]!));

export const each = (f: (x: number) => number) => (inputs: readonly Float64Array[]) =>
  Array.from(inputs[0]!, f);

/** One list of numbers a row. */
export function rowsOf(x: Float64Array, width: number): number[][] {
  return Array.from({ length: x.length / width }, (_, row) =>
    Array.from(x.subarray(row * width, (row + 1) * width)),
  );
}

export const total = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0);
