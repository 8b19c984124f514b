/**
 * Products of a sparse matrix with a sparse matrix, a row at a time: a row's sums
 * live in scratch space of the thread, and the row keeps only its best entries.
 */

import { at } from "./lanes";
import { clearList, sink, sortList, worse } from "./heaps";

/**
 * Adds scale to the sums of the columns of one row, and appends columns that are
 * new to `list`. A place of `sums` is a float and the mark of the row that wrote it,
 * so that nothing has to be cleared between rows. Without a branch: whether a column
 * is new is as good as random.
 */
@inline
export function addRow(
  columns: usize, end: usize, scale: f32, sums: usize, mark: i32, list: usize, reached: i32,
): i32 {
  for (; columns < end; columns += 4) {
    const column = load<i32>(columns);
    const place = sums + ((<usize>column) << 3);
    const isNew = load<i32>(place, 4) != mark;
    store<i32>(at(list, reached), column);
    reached += <i32>isNew;
    store<f32>(place, isNew ? scale : load<f32>(place) + scale);
    store<i32>(place, mark, 4);
  }
  return reached;
}

/**
 * Rows [begin, end) of the call, which are rows firstRow + begin … of the matrix: the k largest
 * positive entries of factor_r·factor_c·(Σ_m inner_m·[m ∈ A_r]·[c ∈ B_m] − shift_r·shift_c) /
 * (norm_r·norm_c + shrinkage). A zero pointer switches its part off. Scratch of a thread: a
 * place of 8 bytes per column, zero before the first row, then columns + 1 integers.
 */
export function productTopRows(
  begin: i32, end: i32, thread: i32,
  outColumns: usize, outValues: usize, k: i32, firstRow: i32,
  leftIndptr: usize, leftIndices: usize, inner: usize, rightIndptr: usize, rightIndices: usize,
  rowFactor: usize, columnFactor: usize, rowShift: usize, columnShift: usize,
  rowNorm: usize, columnNorm: usize, shrinkage: f32, skipDiagonal: i32,
  columnCount: i32, scratch: usize, scratchBytes: usize,
): void {
  const sums = scratch + <usize>thread * scratchBytes;
  const list = sums + ((<usize>columnCount) << 3);
  for (let unit = begin; unit < end; unit++) {
    const row = firstRow + unit;
    const mark = row + 1;
    let reached = 0;
    const last = load<i32>(at(leftIndptr, row), 4);
    for (let n = load<i32>(at(leftIndptr, row)); n < last; n++) {
      const middle = load<i32>(at(leftIndices, n));
      const scale: f32 = inner ? load<f32>(at(inner, middle)) : 1;
      const from = at(rightIndices, load<i32>(at(rightIndptr, middle)));
      const to = at(rightIndices, load<i32>(at(rightIndptr, middle), 4));
      reached = addRow(from, to, scale, sums, mark, list, reached);
    }
    const factor: f32 = rowFactor ? load<f32>(at(rowFactor, row)) : 1;
    const shift: f32 = rowShift ? load<f32>(at(rowShift, row)) : 0;
    const norm: f32 = rowNorm ? load<f32>(at(rowNorm, row)) : 1;
    const listColumns = at(outColumns, unit * k), listValues = at(outValues, unit * k);
    clearList(listColumns, listValues, k);
    for (let n = 0; n < reached; n++) {
      const column = load<i32>(at(list, n));
      if (skipDiagonal && column == row) continue;
      let value = load<f32>(sums + ((<usize>column) << 3));
      if (columnShift) value -= shift * load<f32>(at(columnShift, column));
      value *= factor;
      if (columnFactor) value *= load<f32>(at(columnFactor, column));
      const bound = (columnNorm ? norm * load<f32>(at(columnNorm, column)) : norm) + shrinkage;
      value /= bound;
      // Neither zero, nor negative, nor the quotient of two zeros.
      if (!(value > 0)) continue;
      if (worse(load<f32>(listValues), load<i32>(listColumns), value, column)) {
        sink(listColumns, listValues, k, column, value);
      }
    }
    sortList(listColumns, listValues, k);
  }
}

/**
 * Rows firstRow + [begin, end) of the lower half of RᵀR, dense: out[row, c] = how many rows of R
 * hold both, for c ≤ row; zero elsewhere.
 */
export function gramRows(
  begin: i32, end: i32, thread: i32,
  out: usize, firstRow: i32, columnCount: i32,
  leftIndptr: usize, leftIndices: usize, rightIndptr: usize, rightIndices: usize,
): void {
  for (let unit = begin; unit < end; unit++) {
    const row = firstRow + unit;
    const line = out + <usize>unit * ((<usize>columnCount) << 2);
    memory.fill(line, 0, (<usize>columnCount) << 2);
    const last = load<i32>(at(leftIndptr, row), 4);
    for (let n = load<i32>(at(leftIndptr, row)); n < last; n++) {
      const middle = load<i32>(at(leftIndices, n));
      const to = load<i32>(at(rightIndptr, middle), 4);
      for (let m = load<i32>(at(rightIndptr, middle)); m < to; m++) {
        const column = load<i32>(at(rightIndices, m));
        if (column > row) break;
        const place = at(line, column);
        store<f32>(place, load<f32>(place) + 1);
      }
    }
  }
}

/**
 * Rows [begin, end) of out = left·right, both sparse, out dense with `width` columns. Values 0 =
 * all ones.
 */
export function multiplyRows(
  begin: i32, end: i32, thread: i32,
  out: usize, width: i32, leftIndptr: usize, leftIndices: usize, leftValues: usize,
  rightIndptr: usize, rightIndices: usize, rightValues: usize,
): void {
  for (let row = begin; row < end; row++) {
    const line = out + <usize>row * ((<usize>width) << 2);
    memory.fill(line, 0, (<usize>width) << 2);
    const last = load<i32>(at(leftIndptr, row), 4);
    for (let n = load<i32>(at(leftIndptr, row)); n < last; n++) {
      const middle = load<i32>(at(leftIndices, n));
      const scale: f32 = leftValues ? load<f32>(at(leftValues, n)) : 1;
      const to = load<i32>(at(rightIndptr, middle), 4);
      for (let m = load<i32>(at(rightIndptr, middle)); m < to; m++) {
        const place = at(line, load<i32>(at(rightIndices, m)));
        const value: f32 = rightValues ? scale * load<f32>(at(rightValues, m)) : scale;
        store<f32>(place, load<f32>(place) + value);
      }
    }
  }
}
