/** The sparse product of graph propagation: one row of the output gathers the rows of its neighbours. */

import { finishRow, gatherRow } from "./gather";
import { at } from "./lanes";
import { gatherRounded, roundRow } from "./rounded-rows";

/** Keeps the columns whose mask is set; without a branch, because the mask is as good as random. */
function compact(columns: usize, count: i32, mask: usize, kept: usize): i32 {
  let n = 0;
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4) {
    const column = load<i32>(columns);
    store<i32>(at(kept, n), column);
    n += load<i32>(at(mask, column));
  }
  return n;
}

/**
 * line = scale·(bias·base + factor·rowScale·A·(columnScale·x)) of one row; a zero pointer switches
 * its part off.
 * @param kept room for the row's columns, where the mask chooses among them
 */
@inline
export function propagateRow(
  row: i32, line: usize, x: usize, words: i32, width: i32, indptr: usize, indices: usize,
  columnScale: usize, rowScale: usize, factor: f32, base: usize, bias: f32, baseMask: usize,
  scale: f32, inputMask: usize, kept: usize,
): void {
  const from = load<i32>(at(indptr, row));
  let count = load<i32>(at(indptr, row), 4) - from;
  let columns = at(indices, from);
  if (inputMask) {
    count = compact(columns, count, inputMask, kept);
    columns = kept;
  }
  const hasBase = base != 0 && (baseMask == 0 || load<i32>(at(baseMask, row)) != 0);
  const own = hasBase ? base + (<usize>row * <usize>width << 2) : 0;
  const f = rowScale ? factor * load<f32>(at(rowScale, row)) : factor;
  if (words) {
    gatherRounded(columns, count, x, words, width, line);
    finishRow(line, width, own, f, bias, scale);
  } else gatherRow(columns, count, x, width, columnScale, line, own, f, bias, scale);
}

/**
 * Rows [begin, end) of out = outScale·(bias·base + factor·rowScale·A·(columnScale·x)).
 * A zero pointer switches its part off. With `rowList` the rows are rowList[begin … end).
 * @param words of a row of x in bfloat16 (`rounded-rows.ts`), which has no columnScale; 0: float32
 * @param outWords the same of out
 * @param sums with outWords: a float32 row for each thread, of outWords words twice
 */
export function propagate(
  begin: i32, end: i32, thread: i32,
  out: usize, x: usize, width: i32, indptr: usize, indices: usize,
  columnScale: usize, rowScale: usize, factor: f32,
  base: usize, bias: f32, baseMask: usize, outScale: usize,
  rowList: usize, inputMask: usize, scratch: usize, scratchStride: i32,
  words: i32, outWords: i32, sums: usize,
): void {
  const stride = (<usize>width) << 2;
  const kept = at(scratch, thread * scratchStride);
  for (let unit = begin; unit < end; unit++) {
    const row = rowList ? load<i32>(at(rowList, unit)) : unit;
    const scale: f32 = outScale ? load<f32>(at(outScale, row)) : 1;
    const line = outWords ? at(sums, 2 * thread * outWords) : out + <usize>row * stride;
    propagateRow(
      row, line, x, words, width, indptr, indices, columnScale, rowScale, factor,
      base, bias, baseMask, scale, inputMask, kept,
    );
    if (outWords) roundRow(at(out, row * outWords), line, f32x4.splat(1), width);
  }
}
