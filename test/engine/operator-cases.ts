/** Every operator beside an independent implementation in double precision. */

import * as operators from "../../src/engine/operators/index.ts";
import type { Variable } from "../../src/engine/tape.ts";
import { graphCases } from "./graph-operator-cases.ts";
import { likelihoodCases } from "./likelihood-operator-cases.ts";
import { each, type OperatorCase, one, pairwise, rowsOf, total, two } from "./operator-case.ts";
import { rowCases } from "./row-operator-cases.ts";

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
  ...rowCases,
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
