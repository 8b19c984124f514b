/**
 * Softmax over rows, and its gradients. Units are rows. The largest element is
 * taken off before the exponential, so that no finite input overflows.
 */

import { exponential, logarithm } from "./functions";
import { at, largestLane, loadPart, multiplyAdd, storePart, sumLanes } from "./lanes";
import { dot, rowSum, scaleRow, SUM_COLUMNS } from "./rows";

/** Largest element of a row. */
export function rowMaximum(x: usize, width: i32): f32 {
  let m0 = f32x4.splat(-Infinity), m1 = m0, m2 = m0, m3 = m0;
  let rest = width;
  for (; rest >= 16; rest -= 16, x += 64) {
    m0 = f32x4.pmax(m0, v128.load(x));
    m1 = f32x4.pmax(m1, v128.load(x, 16));
    m2 = f32x4.pmax(m2, v128.load(x, 32));
    m3 = f32x4.pmax(m3, v128.load(x, 48));
  }
  for (; rest >= 4; rest -= 4, x += 16) m0 = f32x4.pmax(m0, v128.load(x));
  let largest = largestLane(f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3)));
  for (; rest > 0; rest--, x += 4) largest = max(largest, load<f32>(x));
  return largest;
}

/** Σ e^(factor·x − shift) over a part of a row; writes the terms where `out` is given. */
@inline
function partOfExponentials(x: usize, width: i32, factor: f32, shift: f32, out: usize): f32 {
  const factors = f32x4.splat(factor), shifts = f32x4.splat(-shift);
  let s0 = f32x4.splat(0), s1 = s0;
  let rest = width;
  for (; rest >= 8; rest -= 8, x += 32) {
    const e0 = exponential(multiplyAdd(v128.load(x), factors, shifts));
    const e1 = exponential(multiplyAdd(v128.load(x, 16), factors, shifts));
    if (out) {
      v128.store(out, e0);
      v128.store(out, e1, 16);
      out += 32;
    }
    s0 = f32x4.add(s0, e0);
    s1 = f32x4.add(s1, e1);
  }
  let sum = sumLanes(f32x4.add(s0, s1));
  for (; rest > 0; rest -= 4, x += 16) {
    const count = min(rest, 4);
    const values = count == 4 ? v128.load(x) : loadPart(x, count);
    const e = exponential(multiplyAdd(values, factors, shifts));
    sum += f32x4.extract_lane(e, 0);
    if (count > 1) sum += f32x4.extract_lane(e, 1);
    if (count > 2) sum += f32x4.extract_lane(e, 2);
    if (count > 3) sum += f32x4.extract_lane(e, 3);
    if (out) {
      if (count == 4) v128.store(out, e);
      else storePart(out, e, count);
      out += 16;
    }
  }
  return sum;
}

/**
 * Σ e^(factor·x − shift) over a row, by parts like the sums of `rows.ts`; writes the terms where
 * `out` is given.
 */
@inline
export function sumOfExponentials(
  x: usize, width: i32, factor: f32, shift: f32, out: usize,
): f32 {
  let total: f64 = 0;
  for (let from = 0; from < width; from += SUM_COLUMNS) {
    const target = out ? at(out, from) : 0;
    const count = min(SUM_COLUMNS, width - from);
    total += <f64>partOfExponentials(at(x, from), count, factor, shift, target);
  }
  return <f32>total;
}

/** out = rows of softmax(x) */
export function softmaxRows(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    const source = x + <usize>row * stride, target = out + <usize>row * stride;
    const sum = sumOfExponentials(source, width, 1, rowMaximum(source, width), target);
    scaleRow(target, target, f32x4.splat(1 / sum), width, false);
  }
}

/** out = rows of x − ln Σ eˣ */
export function logSoftmaxRows(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    let source = x + <usize>row * stride, target = out + <usize>row * stride;
    const largest = rowMaximum(source, width);
    const sum = sumOfExponentials(source, width, 1, largest, 0);
    // Two subtractions: for a large maximum, adding the logarithm to it first would lose digits.
    const first = f32x4.splat(largest), second = logarithm(f32x4.splat(sum));
    let rest = width;
    for (; rest >= 4; rest -= 4, source += 16, target += 16) {
      v128.store(target, f32x4.sub(f32x4.sub(v128.load(source), first), second));
    }
    if (rest > 0) {
      storePart(target, f32x4.sub(f32x4.sub(loadPart(source, rest), first), second), rest);
    }
  }
}

/** gradX += y·(gradY − Σ gradY·y) */
export function softmaxRowsGradient(
  begin: i32, end: i32, thread: i32, gradX: usize, gradY: usize, y: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    const place = <usize>row * stride;
    let target = gradX + place, flow = gradY + place, output = y + place;
    const mean = f32x4.splat(dot(flow, output, width));
    let rest = width;
    for (; rest >= 4; rest -= 4, target += 16, flow += 16, output += 16) {
      const centred = f32x4.sub(v128.load(flow), mean);
      v128.store(target, multiplyAdd(v128.load(output), centred, v128.load(target)));
    }
    if (rest > 0) {
      const centred = f32x4.sub(loadPart(flow, rest), mean);
      storePart(target, multiplyAdd(loadPart(output, rest), centred, loadPart(target, rest)), rest);
    }
  }
}

/** gradX += gradY − e^y·Σ gradY */
export function logSoftmaxRowsGradient(
  begin: i32, end: i32, thread: i32, gradX: usize, gradY: usize, y: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    const place = <usize>row * stride;
    let target = gradX + place, flow = gradY + place, output = y + place;
    const total = f32x4.splat(-rowSum(flow, width));
    let rest = width;
    for (; rest >= 4; rest -= 4, target += 16, flow += 16, output += 16) {
      const change = multiplyAdd(exponential(v128.load(output)), total, v128.load(flow));
      v128.store(target, f32x4.add(v128.load(target), change));
    }
    if (rest > 0) {
      const change = multiplyAdd(exponential(loadPart(output, rest)), total, loadPart(flow, rest));
      storePart(target, f32x4.add(loadPart(target, rest), change), rest);
    }
  }
}
