/**
 * Kernels on groups of rows: n rows of b belong to each row of a. Units are the
 * rows of a, so that every sum is taken by one thread in the order of the group.
 */

import { at } from "./lanes";
import { dot, scaleRow } from "./rows";

/** out[r·n + j] = a[r]·b[r·n + j] */
export function groupDot(
  begin: i32, end: i32, thread: i32, out: usize, a: usize, b: usize, width: i32, count: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    const left = a + <usize>row * stride;
    for (let member = row * count; member < (row + 1) * count; member++) {
      store<f32>(at(out, member), dot(left, b + <usize>member * stride, width));
    }
  }
}

/** out[r] (+)= Σ_j s[r·n + j]·b[r·n + j] */
export function groupSum(
  begin: i32, end: i32, thread: i32,
  out: usize, b: usize, s: usize, width: i32, count: i32, accumulate: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    const target = out + <usize>row * stride;
    let adds = accumulate != 0;
    for (let member = row * count; member < (row + 1) * count; member++) {
      scaleRow(target, b + <usize>member * stride, v128.load32_splat(at(s, member)), width, adds);
      adds = true;
    }
  }
}

/** out[r·n + j] (+)= s[r·n + j]·a[r] */
export function groupScale(
  begin: i32, end: i32, thread: i32,
  out: usize, a: usize, s: usize, width: i32, count: i32, accumulate: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    const source = a + <usize>row * stride;
    for (let member = row * count; member < (row + 1) * count; member++) {
      const scale = v128.load32_splat(at(s, member));
      scaleRow(out + <usize>member * stride, source, scale, width, accumulate != 0);
    }
  }
}
