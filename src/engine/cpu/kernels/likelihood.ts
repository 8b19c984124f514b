/**
 * Likelihoods of users' rows under scores of all items, and of sampled entries under
 * inner products. Units are rows of the batch.
 */

import { exponential, logarithm, sigmoid, softplus } from "./functions";
import { at, loadPart, multiplyAdd, putEight, storePart } from "./lanes";
import { dot, SUM_COLUMNS } from "./rows";
import { rowMaximum, sumOfExponentials } from "./softmax";
import { drawNegative } from "./sampling";

const MULTINOMIAL: i32 = 0;
const GAUSSIAN: i32 = 1;

/** Σ ln(1 + eˣ) over a row, by parts like the sums of `rows.ts`. */
function sumOfSoftplus(x: usize, width: i32): f32 {
  let total: f64 = 0;
  for (let from = 0; from < width; from += SUM_COLUMNS) {
    let source = at(x, from);
    let sums = f32x4.splat(0);
    let rest = min(SUM_COLUMNS, width - from);
    for (; rest >= 8; rest -= 8, source += 32) {
      const low = softplus(v128.load(source)), high = softplus(v128.load(source, 16));
      sums = f32x4.add(f32x4.add(sums, low), high);
    }
    for (; rest >= 4; rest -= 4, source += 16) {
      sums = f32x4.add(sums, softplus(v128.load(source)));
    }
    total += <f64>(
      (f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1)) +
      (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
    );
    for (; rest > 0; rest--, source += 4) {
      total += <f64>f32x4.extract_lane(softplus(v128.load32_splat(source)), 0);
    }
  }
  return <f32>total;
}

/**
 * out[r] = ln p(row index[r] | x[r]) up to a constant, the row's entries being ones:
 * Σ x_i − n·ln Σ eˣ over its n entries, Σ x_i − Σ ln(1 + eˣ), or −½·Σ c·(target − x)²
 * with c = weight at the entries and 1 elsewhere. shifts[r] = ln Σ eˣ for the first.
 */
export function logLikelihoodRows(
  begin: i32, end: i32, thread: i32, kind: i32,
  out: usize, shifts: usize, x: usize, width: i32,
  indptr: usize, indices: usize, index: usize, weight: f32,
): void {
  for (let unit = begin; unit < end; unit++) {
    const line = x + (<usize>unit * <usize>width << 2);
    const row = load<i32>(at(index, unit));
    const from = load<i32>(at(indptr, row));
    const to = load<i32>(at(indptr, row), 4);
    let entries: f64 = 0;
    if (kind == GAUSSIAN) {
      for (let e = from; e < to; e++) {
        const score = <f64>load<f32>(at(line, load<i32>(at(indices, e))));
        entries += 0.5 * (score * score - <f64>weight * (1 - score) * (1 - score));
      }
      store<f32>(at(out, unit), <f32>(entries - 0.5 * <f64>dot(line, line, width)));
      continue;
    }
    for (let e = from; e < to; e++) {
      entries += <f64>load<f32>(at(line, load<i32>(at(indices, e))));
    }
    if (kind == MULTINOMIAL) {
      const largest = rowMaximum(line, width);
      const sum = f32x4.splat(sumOfExponentials(line, width, 1, largest, 0));
      const shift = largest + f32x4.extract_lane(logarithm(sum), 0);
      store<f32>(at(shifts, unit), shift);
      store<f32>(at(out, unit), <f32>(entries - <f64>(to - from) * <f64>shift));
    } else {
      store<f32>(at(out, unit), <f32>(entries - <f64>sumOfSoftplus(line, width)));
    }
  }
}

@inline
function slopeOf(kind: i32, x: v128, shift: v128): v128 {
  if (kind == MULTINOMIAL) return exponential(f32x4.sub(x, shift));
  if (kind == GAUSSIAN) return x;
  return sigmoid(x);
}

/** target (+)= factor·slope(x) over one row. */
@inline
function slopesOf(
  kind: i32, target: usize, x: usize, width: i32, factor: v128, shift: v128, accumulate: i32,
): void {
  let rest = width;
  for (; rest >= 8; rest -= 8, x += 32, target += 32) {
    const low = slopeOf(kind, v128.load(x), shift), high = slopeOf(kind, v128.load(x, 16), shift);
    putEight(target, factor, low, high, accumulate);
  }
  for (; rest >= 4; rest -= 4, x += 16, target += 16) {
    const slope = slopeOf(kind, v128.load(x), shift);
    const before = accumulate ? v128.load(target) : f32x4.splat(0);
    v128.store(target, multiplyAdd(factor, slope, before));
  }
  if (rest > 0) {
    const slope = slopeOf(kind, loadPart(x, rest), shift);
    const before = accumulate ? loadPart(target, rest) : f32x4.splat(0);
    storePart(target, multiplyAdd(factor, slope, before), rest);
  }
}

/** gradX[r] (+)= gradY[r]·∂/∂x[r] of `logLikelihoodRows` */
export function logLikelihoodRowsGradient(
  begin: i32, end: i32, thread: i32, kind: i32,
  gradX: usize, gradY: usize, x: usize, shifts: usize, width: i32,
  indptr: usize, indices: usize, index: usize, weight: f32, accumulate: i32,
): void {
  for (let unit = begin; unit < end; unit++) {
    const place = <usize>unit * <usize>width << 2;
    const line = x + place, target = gradX + place;
    const row = load<i32>(at(index, unit));
    const from = load<i32>(at(indptr, row));
    const to = load<i32>(at(indptr, row), 4);
    const flow = load<f32>(at(gradY, unit));
    const minus = f32x4.splat(-flow);
    if (kind == MULTINOMIAL) {
      const factor = f32x4.splat(-flow * <f32>(to - from));
      const shift = v128.load32_splat(at(shifts, unit));
      slopesOf(MULTINOMIAL, target, line, width, factor, shift, accumulate);
    } else if (kind == GAUSSIAN) {
      slopesOf(GAUSSIAN, target, line, width, minus, minus, accumulate);
    } else {
      slopesOf(-1, target, line, width, minus, minus, accumulate);
    }
    for (let e = from; e < to; e++) {
      const item = load<i32>(at(indices, e));
      const cell = at(target, item);
      let slope: f32 = 1;
      if (kind == GAUSSIAN) {
        const score = load<f32>(at(line, item));
        slope = score + weight * (1 - score);
      }
      store<f32>(cell, load<f32>(cell) + flow * slope);
    }
  }
}

/** indptr of `drawTargets`: a row has its entries, then `each` times as many others. One thread. */
export function startTargets(
  begin: i32, end: i32, thread: i32,
  outIndptr: usize, indptr: usize, index: usize, columnCount: i32, each: i32,
): void {
  let n = 0;
  store<i32>(outIndptr, 0);
  for (let unit = begin; unit < end; unit++) {
    const row = at(indptr, load<i32>(at(index, unit)));
    const count = load<i32>(row, 4) - load<i32>(row);
    n += count < columnCount ? count * (1 + each) : count;
    store<i32>(at(outIndptr, unit), n, 4);
  }
}

/** Rows of `startTargets`: ones at the entries of row index[r], zeros at columns drawn beside them. */
export function drawTargets(
  begin: i32, end: i32, thread: i32,
  outIndptr: usize, outIndices: usize, outValues: usize,
  indptr: usize, indices: usize, index: usize, columnCount: i32,
  key0: u32, key1: u32, draw: u32,
): void {
  for (let unit = begin; unit < end; unit++) {
    const row = load<i32>(at(index, unit));
    const from = load<i32>(at(indptr, row));
    const count = load<i32>(at(indptr, row), 4) - from;
    const own = at(indices, from);
    let n = load<i32>(at(outIndptr, unit));
    const last = load<i32>(at(outIndptr, unit), 4);
    for (let e = 0; e < count; e++, n++) {
      store<i32>(at(outIndices, n), load<i32>(at(own, e)));
      store<f32>(at(outValues, n), 1);
    }
    for (let lane = 1; n < last; lane++, n++) {
      const other = drawNegative(key0, key1, row, draw, lane, own, count, columnCount, 0, 0);
      store<i32>(at(outIndices, n), other);
      store<f32>(at(outValues, n), 0);
    }
  }
}

/**
 * Over the entries (i, y) of row r, with s = a[r]·b[i] + bias[i]: out[r] = Σ y·s − ln(1 + eˢ), or
 * −½·Σ (y − s)² for a Gaussian; slopes of the same shape as the entries: ∂out/∂s.
 */
export function entryLikelihoods(
  begin: i32, end: i32, thread: i32, kind: i32,
  out: usize, slopes: usize, indptr: usize, indices: usize, targets: usize,
  a: usize, b: usize, bias: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    let total: f64 = 0;
    const last = load<i32>(at(indptr, row), 4);
    for (let e = load<i32>(at(indptr, row)); e < last; e++) {
      const item = load<i32>(at(indices, e));
      const target = load<f32>(at(targets, e));
      const score = dot(a + <usize>row * stride, b + <usize>item * stride, width)
        + load<f32>(at(bias, item));
      if (kind == GAUSSIAN) {
        const error = target - score;
        total -= 0.5 * <f64>error * <f64>error;
        store<f32>(at(slopes, e), error);
      } else {
        const scores = f32x4.splat(score);
        total += <f64>target * <f64>score - <f64>f32x4.extract_lane(softplus(scores), 0);
        store<f32>(at(slopes, e), target - f32x4.extract_lane(sigmoid(scores), 0));
      }
    }
    store<f32>(at(out, row), <f32>total);
  }
}

/** out[e] = s[r]·values[e] for the entries e of row r */
export function scaleEntries(
  begin: i32, end: i32, thread: i32, out: usize, values: usize, indptr: usize, s: usize,
): void {
  for (let row = begin; row < end; row++) {
    const factor = load<f32>(at(s, row));
    const last = load<i32>(at(indptr, row), 4);
    for (let e = load<i32>(at(indptr, row)); e < last; e++) {
      store<f32>(at(out, e), factor * load<f32>(at(values, e)));
    }
  }
}
