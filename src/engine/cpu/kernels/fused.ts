/** Several passes over tables in one: see `kernels.ts`. */

import { at, loadPart, storePart } from "./lanes";
import { adamSpan } from "./optimise";
import { dot } from "./rows";
import { propagateRow } from "./sparse";

/** target += factor·x, `times` times: one addition after the other, as if each came on its own. */
function addTimes(target: usize, x: usize, factor: v128, times: i32, width: i32): void {
  for (let rest = width; rest > 0; rest -= 4, target += 16, x += 16) {
    const whole = rest >= 4;
    const step = f32x4.mul(factor, whole ? v128.load(x) : loadPart(x, rest));
    let sum = whole ? v128.load(target) : loadPart(target, rest);
    for (let n = 0; n < times; n++) sum = f32x4.add(sum, step);
    if (whole) v128.store(target, sum);
    else storePart(target, sum, rest);
  }
}

/**
 * Adam on rows [begin, end) of p with the gradient
 * bias·base + factor·rowScale·A·x + multiple·p (times[row] times). A zero pointer switches its
 * part off. `lines` has room for one row a thread.
 * @param words of a row of x in bfloat16 (`rounded-rows.ts`); 0: float32
 */
export function propagateUpdate(
  begin: i32, end: i32, thread: i32,
  p: usize, m: usize, v: usize, x: usize, words: i32, width: i32, indptr: usize, indices: usize,
  rowScale: usize, factor: f32, base: usize, bias: f32, baseMask: usize,
  inputMask: usize, scratch: usize, scratchStride: i32, lines: usize, lineStride: i32,
  times: usize, multiple: usize,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, step: f32, rootCorrection: f32, epsilon: f32,
): void {
  const stride = (<usize>width) << 2;
  const kept = at(scratch, thread * scratchStride);
  const line = at(lines, thread * lineStride);
  for (let row = begin; row < end; row++) {
    const place = <usize>row * stride;
    propagateRow(
      row, line, x, words, width, indptr, indices, 0, rowScale, factor,
      base, bias, baseMask, 1, inputMask, kept,
    );
    if (times) {
      const often = load<i32>(at(times, row));
      if (often) addTimes(line, p + place, v128.load32_splat(multiple), often, width);
    }
    adamSpan(
      p + place, line, m + place, v + place, width, true,
      beta1, rest1, beta2, rest2, step, rootCorrection, epsilon,
    );
  }
}

/** Rows list[begin … end): out[row] += multiple·x[row], times[row] times. */
export function addRowMultiples(
  begin: i32, end: i32, thread: i32,
  out: usize, x: usize, width: i32, list: usize, times: usize, multiple: usize,
): void {
  const stride = (<usize>width) << 2;
  const factor = v128.load32_splat(multiple);
  for (let n = begin; n < end; n++) {
    const row = load<i32>(at(list, n));
    const place = <usize>row * stride;
    addTimes(out + place, x + place, factor, load<i32>(at(times, row)), width);
  }
}

/** out[n] = times[row]·‖x[row]‖² for row = list[n], n in [begin, end). */
export function rowNorms(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, width: i32, list: usize, times: usize,
): void {
  const stride = (<usize>width) << 2;
  for (let n = begin; n < end; n++) {
    const row = load<i32>(at(list, n));
    const line = x + <usize>row * stride;
    store<f32>(at(out, n), <f32>load<i32>(at(times, row)) * dot(line, line, width));
  }
}
