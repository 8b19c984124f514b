/** The operators over rows, and groups and lists of rows, beside naive code in double precision. */

import * as operators from "../../src/engine/operators/index.ts";
import { emptyRowSet } from "../../src/graph/bipartite.ts";
import { type OperatorCase, one, rowsOf, total, two } from "./operator-case.ts";

export const rowCases: readonly OperatorCase[] = [
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
    name: "logMeanExpOfGroups",
    inputs: ({ inner }) => [[inner]],
    index: ({ inner }) => inner,
    apply: ([x], { inner }, groups) => operators.logMeanExpOfGroups(x!, groups, inner + 3, 2.5),
    naive: ([x], _, groups) =>
      Array.from(groups, (group) => {
        const members = Array.from(x!).filter((_, at) => groups[at] === group);
        return Math.log(total(members.map((value) => Math.exp(2.5 * value))) / members.length);
      }),
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
    // Every other row has nothing beside it: 0, and no gradient.
    name: "whereVisible",
    inputs: one,
    between: [-4, 4],
    apply: ([x], { rows, width }) => {
      const key = (size: number, of: (at: number) => number) =>
        x!.tape.device.upload(
          [size],
          Int32Array.from({ length: size }, (_, at) => of(at)),
        );
      const free = operators.scale(x!, 1);
      operators.hideEqual(
        free,
        key(rows, (at) => at % 2),
        key(width, () => 0),
      );
      return operators.whereVisible(operators.logSumExpRows(free, 1 / 0.8), 1 / 0.8);
    },
    naive: ([x], { width }) =>
      rowsOf(x!, width).map((row, r) =>
        r % 2 === 0 ? 0 : Math.log(total(row.map((v) => Math.exp(v / 0.8)))),
      ),
  },
];
