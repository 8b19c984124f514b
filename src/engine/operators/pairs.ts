/**
 * Inner products of a table's rows with each other, none of them laid out.
 *
 * @module
 */

import type { RowPairs, RowSet } from "../kernels.ts";
import type { Variable } from "../tape.ts";
import type { Tensor } from "../tensor.ts";

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
