/**
 * Compressed rows: from lists, how long they are, and where a column stands.
 *
 * @module
 */

import type { Rows } from "./interactions.ts";

/** How many columns a row has. */
export function rowLength({ indptr }: Pick<Rows, "indptr">, row: number): number {
  return indptr[row + 1]! - indptr[row]!;
}

/** The same of every row. */
export function rowLengths(rows: Pick<Rows, "indptr">): Int32Array {
  return Int32Array.from({ length: rows.indptr.length - 1 }, (_, row) => rowLength(rows, row));
}

/** Where in `indices` a row has a column, by bisection; −1 where it has not. */
export function placeInRow({ indptr, indices }: Rows, row: number, column: number): number {
  const end = indptr[row + 1]!;
  let low = indptr[row]!;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indices[middle]! < column) low = middle + 1;
    else high = middle;
  }
  return low < end && indices[low] === column ? low : -1;
}

/** Rows from lists of items. */
export function rowsOfLists(lists: readonly Int32Array[]): Rows {
  const indptr = new Int32Array(lists.length + 1);
  lists.forEach((list, row) => {
    indptr[row + 1] = indptr[row]! + list.length;
  });
  const indices = new Int32Array(indptr[lists.length]!);
  lists.forEach((list, row) => {
    indices.set(list, indptr[row]!);
  });
  return { indptr, indices };
}
