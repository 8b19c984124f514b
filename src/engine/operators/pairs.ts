/**
 * Operators on what an index brings together: inner products of rows that it names in a table, none of
 * them laid out, and numbers in the groups that it names.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { RowPairs, RowSet } from "../kernels.ts";
import type { Variable } from "../tape.ts";
import { shapeText, type Tensor } from "../tensor.ts";
import { matrix } from "./shapes.ts";

/** Users, each with a positive and with as many others as there are of each. */
export interface PairIndices {
  /** integers, [B] */
  readonly users: Tensor;
  /** integers, [B] */
  readonly positives: Tensor;
  /** integers, [B, m] */
  readonly others: Tensor;
}

/**
 * users[n]·positives[n], [B], and users[n]·others[n, j], [B, m], over the rows of one table. Both in
 * one operator, so that one pass over the batch's rows makes the gradient.
 * @param table rows × width
 * @param itemOffset added to the indices of positives and others
 * @param rows hold all rows that the indices name
 */
export function pairDots(
  table: Variable,
  { users, positives, others }: PairIndices,
  itemOffset: number,
  rows: RowSet,
): { readonly positives: Variable; readonly others: Variable } {
  const { tape } = table;
  const { device } = tape;
  const a = { index: users, offset: 0 };
  const sideOf = (index: Tensor) => {
    const b = { index, offset: itemOffset };
    const out = device.allocate(index.shape);
    device.kernels.indexedDot(out, { table: table.value, ...a }, { table: table.value, ...b });
    return { b, out };
  };
  const [own, beside] = [sideOf(positives), sideOf(others)];
  let ofOthers: RowPairs | null = null;
  const first = tape.record(own.out, [table], (slopes, sink) => {
    const pairs: RowPairs[] = [...(ofOthers ? [ofOthers] : []), { a, b: own.b, slopes }];
    sink.writeRows(table, rows, (into, adds) =>
      device.kernels.pairGradient(into, table.value, rows, pairs, adds),
    );
  });
  // As if it read the first, whose gradient is therefore taken after this one.
  const second = tape.record(beside.out, [first], (slopes, sink) => {
    sink.addTo(first);
    ofOthers = { a, b: beside.b, slopes };
  });
  return { positives: first, others: second };
}

/**
 * out[n, j] = a[n]·table[index[n, j]]: `groupDot` with rows of a table, for an index that names most of
 * them more than once
 * @param a rows × width
 * @param table any rows × width
 * @param index integers, rows × n
 */
export function listedDots(a: Variable, table: Variable, index: Tensor): Variable {
  const { device } = a.tape;
  const { kernels } = device;
  const [rows, width] = matrix("listedDots", a);
  const [tableRows, tableWidth] = matrix("listedDots", table);
  if (tableWidth !== width || index.shape[0] !== rows || index.type !== "i32") {
    throw new ShapeError(
      `listedDots: ${shapeText(a.value.shape)} against ${shapeText(table.value.shape)} ` +
        `through ${shapeText(index.shape)}, expected as wide, and a row of integers for each`,
    );
  }
  const out = device.allocate(index.shape);
  const pairs = {
    ends: device.allocate([tableRows], "i32"),
    places: device.allocate(index.shape, "i32"),
  };
  kernels.listPairs(pairs, index);
  kernels.listedDots(out, a.value, table.value, pairs);
  return a.tape.record(out, [a, table], (slopes, sink) => {
    const list = { ...pairs, entries: device.allocate([index.size, 2]) };
    kernels.takeSlopes(list, slopes);
    sink.write(a, (into, adds) => kernels.sumListedRows(into, table.value, list, adds));
    sink.write(table, (into, adds) => kernels.addListedRows(into, a.value, list, adds));
  });
}

/**
 * out[n] = ln of the mean of e^(factor·x[m]) over all m of n's group
 * @param x numbers, [n]
 * @param groups integers below `groupCount`, [n]
 */
export function logMeanExpOfGroups(
  x: Variable,
  groups: Tensor,
  groupCount: number,
  factor: number,
): Variable {
  const { device } = x.tape;
  const { kernels } = device;
  const { shape } = x.value;
  const [out, weights] = [device.allocate(shape), device.allocate(shape)];
  const list = {
    ends: device.allocate([groupCount], "i32"),
    places: device.allocate(groups.shape, "i32"),
  };
  kernels.listPairs(list, groups);
  kernels.logMeanExpListed(out, weights, x.value, list, factor);
  return x.tape.record(out, [x], (slopes, sink) => {
    sink.write(x, (into, adds) =>
      kernels.logMeanExpListedGradient(into, slopes, weights, list, factor, adds),
    );
  });
}
