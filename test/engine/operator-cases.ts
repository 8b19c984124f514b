/**
 * Every operator beside an independent implementation in double precision.
 * Sizes come from the test; matrices are row-major.
 */

import * as operators from "../../src/engine/operators/index.ts";
import type { Variable } from "../../src/engine/tape.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { emptyRowSet } from "../../src/graph/bipartite.ts";
import { graphCases } from "./graph-operator-cases.ts";
import { likelihoodCases } from "./likelihood-operator-cases.ts";

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
const one = (sizes: Sizes) => [matrix(sizes)];
const two = (sizes: Sizes) => [matrix(sizes), matrix(sizes)];

/** f of every pair of elements. */
const pairwise = (f: (a: number, b: number) => number) => (inputs: readonly Float64Array[]) =>
  Array.from(inputs[0]!, (a, n) => f(a, inputs[1]![n]!));

const each = (f: (x: number) => number) => (inputs: readonly Float64Array[]) =>
  Array.from(inputs[0]!, f);

/** One list of numbers a row. */
function rowsOf(x: Float64Array, width: number): number[][] {
  return Array.from({ length: x.length / width }, (_, row) =>
    Array.from(x.subarray(row * width, (row + 1) * width)),
  );
}

const total = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0);

function naiveProduct(transposeA: boolean, transposeB: boolean): OperatorCase["naive"] {
  return ([a, b], { rows, width, inner }) =>
    Array.from({ length: rows * width }, (_, at) => {
      const [r, c] = [Math.floor(at / width), at % width];
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        const left = a![transposeA ? k * rows + r : r * inner + k]!;
        sum += left * b![transposeB ? c * inner + k : k * width + c]!;
      }
      return sum;
    });
}

const products = [false, true].flatMap((transposeA) =>
  [false, true].map(
    (transposeB): OperatorCase => ({
      name: `matmul${transposeA ? " Aᵀ" : ""}${transposeB ? " Bᵀ" : ""}`,
      inputs: ({ rows, width, inner }) => [
        transposeA ? [inner, rows] : [rows, inner],
        transposeB ? [width, inner] : [inner, width],
      ],
      apply: ([a, b]) => operators.matmul(a!, b!, { transposeA, transposeB }),
      naive: naiveProduct(transposeA, transposeB),
    }),
  ),
);

type Unary = readonly [
  name: string,
  apply: (x: Variable) => Variable,
  naive: (x: number) => number,
  between: readonly [number, number],
];

const unaries: readonly Unary[] = [
  ["relu", operators.relu, (x) => Math.max(x, 0), [-3, 3]],
  ["leakyRelu", operators.leakyRelu, (x) => (x > 0 ? x : 0.2 * x), [-3, 3]],
  ["sigmoid", operators.sigmoid, (x) => 1 / (1 + Math.exp(-x)), [-3, 3]],
  ["tanh", operators.tanh, Math.tanh, [-3, 3]],
  ["softplus", operators.softplus, (x) => Math.log1p(Math.exp(x)), [-3, 3]],
  ["exp", operators.exp, Math.exp, [-3, 3]],
  ["log", operators.log, Math.log, [0.3, 3]],
  ["square", operators.square, (x) => x * x, [-3, 3]],
  ["sqrt", operators.sqrt, Math.sqrt, [0.3, 3]],
];

export const operatorCases: readonly OperatorCase[] = [
  {
    // tanh(A·Bᵀ), two rows at a time
    name: "rowsInPieces",
    inputs: ({ rows, width, inner }) => [
      [rows, width],
      [inner, width],
    ],
    apply: ([a, b], { rows, inner }) =>
      operators.rowsInPieces([rows, inner], 2, { a: a!, b: b! }, (parts, index) =>
        operators.tanh(
          operators.matmul(operators.gatherRows(parts.a!, index), parts.b!, { transposeB: true }),
        ),
      ),
    naive: ([a, b], { width }) =>
      rowsOf(a!, width).flatMap((left) =>
        rowsOf(b!, width).map((right) => Math.tanh(total(left.map((x, at) => x * right[at]!)))),
      ),
  },
  ...graphCases,
  ...likelihoodCases,
  {
    name: "add",
    inputs: two,
    apply: ([a, b]) => operators.add(a!, b!),
    naive: pairwise((a, b) => a + b),
  },
  {
    name: "add to itself",
    inputs: one,
    apply: ([a]) => operators.add(a!, a!),
    naive: each((x) => 2 * x),
  },
  {
    name: "subtract",
    inputs: two,
    apply: ([a, b]) => operators.subtract(a!, b!),
    naive: pairwise((a, b) => a - b),
  },
  {
    name: "multiply",
    inputs: two,
    apply: ([a, b]) => operators.multiply(a!, b!),
    naive: pairwise((a, b) => a * b),
  },
  {
    name: "multiply by itself",
    inputs: one,
    apply: ([a]) => operators.multiply(a!, a!),
    naive: each((x) => x * x),
  },
  {
    name: "divide",
    inputs: two,
    between: [0.5, 2],
    apply: ([a, b]) => operators.divide(a!, b!),
    naive: pairwise((a, b) => a / b),
  },
  {
    name: "scale",
    inputs: one,
    apply: ([x]) => operators.scale(x!, -1.5),
    naive: each((x) => -1.5 * x),
  },
  {
    name: "addConstant",
    inputs: one,
    apply: ([x]) => operators.addConstant(x!, 0.75),
    naive: each((x) => x + 0.75),
  },
  ...unaries.map(
    ([name, apply, naive, between]): OperatorCase => ({
      name,
      inputs: one,
      between,
      apply: ([x]) => apply(x!),
      naive: each(naive),
    }),
  ),
  {
    name: "addBias",
    inputs: ({ rows, width }) => [[rows, width], [width]],
    apply: ([x, bias]) => operators.addBias(x!, bias!),
    naive: ([x, bias], { width }) => Array.from(x!, (value, at) => value + bias![at % width]!),
  },
  {
    name: "rowDot",
    inputs: two,
    apply: ([a, b]) => operators.rowDot(a!, b!),
    naive: ([a, b], { width }) =>
      rowsOf(
        a!.map((x, at) => x * b![at]!),
        width,
      ).map(total),
  },
  {
    name: "rowSums",
    inputs: one,
    apply: ([x]) => operators.rowSums(x!),
    naive: ([x], { width }) => rowsOf(x!, width).map(total),
  },
  {
    name: "scaleRows",
    inputs: ({ rows, width }) => [[rows, width], [rows]],
    apply: ([x, s]) => operators.scaleRows(x!, s!),
    naive: ([x, s], { width }) =>
      Array.from(x!, (value, at) => value * s![Math.floor(at / width)]!),
  },
  {
    name: "gatherRows",
    inputs: one,
    index: ({ inner }) => inner,
    apply: ([table], _, index) => operators.gatherRows(table!, index),
    naive: ([table], { width }, index) =>
      Array.from(index).flatMap((row) => rowsOf(table!, width)[row]!),
  },
  {
    name: "gatherRows of a vector",
    inputs: ({ rows }) => [[rows]],
    index: ({ inner }) => inner,
    apply: ([table], _, index) => operators.gatherRows(table!, index),
    naive: ([table], _, index) => Array.from(index, (row) => table![row]!),
  },
  {
    // Of the index, a quarter are users, a quarter their positives and half the two others of each.
    name: "pairDots",
    inputs: one,
    index: ({ inner }) => 4 * inner,
    apply: ([table], { rows, inner }, index) => {
      const { device } = table!.tape;
      // A handle is a byte offset.
      const part = (from: number, shape: readonly number[]) => ({
        ...index,
        ...{ shape, size: shape.reduce((a, b) => a * b), handle: index.handle + 4 * from * inner },
      });
      const [users, positives] = [part(0, [inner]), part(1, [inner])];
      const others = part(2, [inner, 2]);
      const set = emptyRowSet(device, rows, 4 * inner);
      device.kernels.collectRows(set, [{ index, offset: 0 }]);
      const scores = operators.pairDots(table!, { users, positives, others }, 0, set);
      return operators.addToRows(scores.others, scores.positives, 2);
    },
    naive: ([x], { width, inner }, index) => {
      const table = rowsOf(x!, width);
      const dot = (a: number, b: number) =>
        total(table[a]!.map((value, c) => value * table[b]![c]!));
      return Array.from({ length: 2 * inner }, (_, at) => {
        const [user, positive] = [index[at >> 1]!, index[inner + (at >> 1)]!];
        return dot(user, index[2 * inner + at]!) + 2 * dot(user, positive);
      });
    },
  },
  {
    name: "softmaxRows",
    inputs: one,
    between: [-4, 4],
    apply: ([x]) => operators.softmaxRows(x!),
    naive: ([x], { width }) =>
      rowsOf(x!, width).flatMap((row) => {
        const powers = row.map(Math.exp);
        return powers.map((power) => power / total(powers));
      }),
  },
  {
    name: "logSoftmaxRows",
    inputs: one,
    between: [-4, 4],
    apply: ([x]) => operators.logSoftmaxRows(x!),
    naive: ([x], { width }) =>
      rowsOf(x!, width).flatMap((row) => row.map((v) => v - Math.log(total(row.map(Math.exp))))),
  },
  {
    name: "logSumExpRows",
    inputs: one,
    between: [-4, 4],
    apply: ([x]) => operators.logSumExpRows(x!, 1),
    naive: ([x], { width }) => rowsOf(x!, width).map((row) => Math.log(total(row.map(Math.exp)))),
  },
  {
    name: "logSumExpRows at a temperature",
    inputs: one,
    between: [-4, 4],
    apply: ([x]) => operators.logSumExpRows(x!, 1 / 0.8),
    naive: ([x], { width }) =>
      rowsOf(x!, width).map((row) => Math.log(total(row.map((v) => Math.exp(v / 0.8))))),
  },
  {
    name: "rowMaxima",
    inputs: one,
    between: [-4, 4],
    apply: ([x]) => operators.rowMaxima(x!),
    naive: ([x], { width }) => rowsOf(x!, width).map((row) => Math.max(...row)),
  },
  {
    name: "addToRows",
    inputs: ({ rows, width }) => [[rows, width], [rows]],
    apply: ([x, s]) => operators.addToRows(x!, s!, -1.5),
    naive: ([x, s], { width }) =>
      Array.from(x!, (value, at) => value - 1.5 * s![Math.floor(at / width)]!),
  },
  {
    name: "scaleColumns",
    inputs: ({ rows, width }) => [[rows, width], [width]],
    apply: ([x, s]) => operators.scaleColumns(x!, s!),
    naive: ([x, s], { width }) => Array.from(x!, (value, at) => value * s![at % width]!),
  },
  {
    name: "groupAdd",
    inputs: ({ rows, width, inner }) => [
      [rows, width],
      [rows * inner, width],
    ],
    apply: ([a, b]) => operators.groupAdd(a!, b!),
    naive: ([a, b], { width, inner }) =>
      Array.from(b!, (value, at) => {
        const row = Math.floor(at / width / inner);
        return value + a![row * width + (at % width)]!;
      }),
  },
  {
    name: "groupDot",
    inputs: ({ rows, width, inner }) => [
      [rows, width],
      [rows * inner, width],
    ],
    apply: ([a, b]) => operators.groupDot(a!, b!),
    naive: ([a, b], { width, inner }) => {
      const left = rowsOf(a!, width);
      return rowsOf(b!, width).map((row, at) =>
        total(row.map((x, c) => x * left[Math.floor(at / inner)]![c]!)),
      );
    },
  },
  {
    // The index stays below the rows of the first input: the table's last ones are named by none.
    name: "listedDots",
    inputs: ({ rows, width }) => [
      [rows, width],
      [rows + 3, width],
    ],
    index: ({ rows, inner }) => rows * inner,
    apply: ([a, table], { rows, inner }, index) =>
      operators.listedDots(a!, table!, { ...index, shape: [rows, inner] }),
    naive: ([a, table], { width, inner }, index) => {
      const [left, right] = [rowsOf(a!, width), rowsOf(table!, width)];
      return Array.from(index, (row, at) =>
        total(right[row]!.map((x, c) => x * left[Math.floor(at / inner)]![c]!)),
      );
    },
  },
  {
    // The hidden scores take no part: neither in the sum nor in the gradient.
    name: "hideEqual",
    inputs: one,
    between: [-4, 4],
    apply: ([x], { rows, width }) => {
      const key = (size: number, every: number) =>
        x!.tape.device.upload(
          [size],
          Int32Array.from({ length: size }, (_, at) => at % every),
        );
      const free = operators.scale(x!, 1);
      if (width > 3) operators.hideEqual(free, key(rows, 3), key(width, 4));
      return operators.logSumExpRows(free, 1);
    },
    naive: ([x], { width }) =>
      rowsOf(x!, width).map((row, r) =>
        Math.log(total(row.map((v, c) => (width > 3 && r % 3 === c % 4 ? 0 : Math.exp(v))))),
      ),
  },
  {
    name: "concatColumns",
    inputs: ({ rows, width, inner }) => [
      [rows, width],
      [rows, inner],
      [rows, 1],
    ],
    apply: ([a, b, c]) => operators.concatColumns(a!, b!, c!),
    naive: ([a, b, c], { width, inner }) =>
      rowsOf(a!, width).flatMap((row, r) => [...row, ...rowsOf(b!, inner)[r]!, c![r]!]),
  },
  {
    name: "sliceColumns",
    inputs: ({ rows, width, inner }) => [[rows, width + inner]],
    apply: ([x], { width, inner }) =>
      operators.sliceColumns(x!, Math.floor(inner / 2), width + inner),
    naive: ([x], { width, inner }) =>
      rowsOf(x!, width + inner).flatMap((row) => row.slice(Math.floor(inner / 2))),
  },
  {
    name: "reshape",
    inputs: one,
    apply: ([x], { rows, width }) => operators.reshape(x!, [width, rows]),
    naive: each((x) => x),
  },
  {
    name: "sum",
    inputs: one,
    apply: ([x]) => operators.sum(x!),
    naive: ([x]) => [total(Array.from(x!))],
  },
  {
    name: "mean",
    inputs: one,
    apply: ([x]) => operators.mean(x!),
    naive: ([x]) => [total(Array.from(x!)) / x!.length],
  },
  {
    name: "squaredNorm",
    inputs: one,
    apply: ([x]) => operators.squaredNorm(x!),
    naive: ([x]) => [total(Array.from(x!, (v) => v * v))],
  },
  ...products,
  {
    name: "sumOfProducts",
    inputs: ({ rows, width, inner }) => [
      [rows, inner],
      [inner, width],
      [rows, 3],
      [3, width],
    ],
    apply: ([a, b, c, d]) =>
      operators.sumOfProducts([
        [a!, b!],
        [c!, d!],
      ]),
    naive: ([a, b, c, d], sizes) => {
      const [left, right] = [[a!, b!] as const, [c!, d!] as const];
      const first = naiveProduct(false, false)(left, sizes, new Int32Array());
      const second = naiveProduct(false, false)(right, { ...sizes, inner: 3 }, new Int32Array());
      return first.map((value, at) => value + second[at]!);
    },
  },
  {
    // A row-wise normalisation and a pointwise log loss: inputs that several operators share.
    name: "composition",
    inputs: ({ rows, width }) => [
      [rows, width],
      [rows, width],
    ],
    between: [0.2, 1.5],
    apply: ([a, b]) => {
      const length = operators.sqrt(operators.rowDot(a!, a!));
      const scores = operators.divide(operators.rowDot(a!, b!), length);
      const regularised = operators.scale(operators.squaredNorm(a!), 0.1);
      return operators.add(operators.mean(operators.softplus(scores)), regularised);
    },
    naive: ([a, b], { rows, width }) => {
      const [left, right] = [rowsOf(a!, width), rowsOf(b!, width)];
      const losses = left.map((row, r) => {
        const dot = total(row.map((x, c) => x * right[r]![c]!));
        return Math.log1p(Math.exp(dot / Math.sqrt(total(row.map((x) => x * x)))));
      });
      return [total(losses) / rows + 0.1 * total(Array.from(a!, (x) => x * x))];
    },
  },
];
