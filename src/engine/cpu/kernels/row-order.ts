/** Rows of a table in another order. */

import { scaleRow } from "./rows";
import { at } from "./lanes";

/**
 * Rows [begin, end) of out[r] (+)= scale[r]·x[from[r]]. A zero pointer switches its part off.
 * With `list` the rows are list[begin … end).
 */
export function moveRows(
  begin: i32, end: i32, thread: i32,
  out: usize, x: usize, width: i32, from: usize, scale: usize, list: usize,
  accumulate: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let unit = begin; unit < end; unit++) {
    const row = list ? load<i32>(at(list, unit)) : unit;
    const s = scale ? v128.load32_splat(at(scale, row)) : f32x4.splat(1);
    const source = from ? load<i32>(at(from, row)) : row;
    scaleRow(out + <usize>row * stride, x + <usize>source * stride, s, width, accumulate != 0);
  }
}
