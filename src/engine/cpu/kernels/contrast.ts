/**
 * Kernels of contrastive losses: each row holds the scores of the items beside
 * one positive. Units are rows.
 */

import { exponential, logarithm } from "./functions";
import { at, loadPart, multiplyAdd, putEight, storePart } from "./lanes";
import { rowMaximum, sumOfExponentials } from "./softmax";

/**
 * x[r, c] = value where rowKeys[r] equals columnKeys[c]; without columnKeys, where
 * it equals c.
 */
export function maskEqual(
  begin: i32, end: i32, thread: i32,
  x: usize, rowKeys: usize, columnKeys: usize, width: i32, value: f32,
): void {
  for (let row = begin; row < end; row++) {
    const key = load<i32>(at(rowKeys, row));
    const line = x + (<usize>row * <usize>width << 2);
    if (!columnKeys) {
      store<f32>(at(line, key), value);
      continue;
    }
    const keys = i32x4.splat(key);
    let column = 0;
    for (; column + 4 <= width; column += 4) {
      if (!v128.any_true(i32x4.eq(keys, v128.load(at(columnKeys, column))))) continue;
      for (let lane = column; lane < column + 4; lane++) {
        if (load<i32>(at(columnKeys, lane)) == key) store<f32>(at(line, lane), value);
      }
    }
    for (; column < width; column++) {
      if (load<i32>(at(columnKeys, column)) == key) store<f32>(at(line, column), value);
    }
  }
}

/** x[r, c] = value for c ≥ count[0] */
export function maskBeyond(
  begin: i32, end: i32, thread: i32, x: usize, count: usize, width: i32, value: f32,
): void {
  const first = load<i32>(count);
  for (let row = begin; row < end; row++) {
    const line = x + (<usize>row * <usize>width << 2);
    for (let column = first; column < width; column++) store<f32>(at(line, column), value);
  }
}

/** out[r] = ln Σ_c e^(factor·x[r, c]), factor > 0 */
export function logSumExpRows(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, factor: f32, width: i32,
): void {
  for (let row = begin; row < end; row++) {
    const line = x + (<usize>row * <usize>width << 2);
    const largest = factor * rowMaximum(line, width);
    const sum = f32x4.splat(sumOfExponentials(line, width, factor, largest, 0));
    store<f32>(at(out, row), largest + f32x4.extract_lane(logarithm(sum), 0));
  }
}

/** gradX[r, c] (+)= factor·gradY[r]·e^(factor·x[r, c] − y[r]) */
export function logSumExpRowsGradient(
  begin: i32, end: i32, thread: i32,
  gradX: usize, gradY: usize, x: usize, y: usize, factor: f32, width: i32, accumulate: i32,
): void {
  const factors = f32x4.splat(factor);
  for (let row = begin; row < end; row++) {
    const flow = f32x4.splat(factor * load<f32>(at(gradY, row)));
    const shift = f32x4.splat(-load<f32>(at(y, row)));
    const place = <usize>row * <usize>width << 2;
    let source = x + place, target = gradX + place;
    let rest = width;
    for (; rest >= 8; rest -= 8, source += 32, target += 32) {
      const low = exponential(multiplyAdd(v128.load(source), factors, shift));
      const high = exponential(multiplyAdd(v128.load(source, 16), factors, shift));
      putEight(target, flow, low, high, accumulate);
    }
    for (; rest >= 4; rest -= 4, source += 16, target += 16) {
      const share = exponential(multiplyAdd(v128.load(source), factors, shift));
      const before = accumulate ? v128.load(target) : f32x4.splat(0);
      v128.store(target, multiplyAdd(flow, share, before));
    }
    if (rest > 0) {
      const share = exponential(multiplyAdd(loadPart(source, rest), factors, shift));
      const before = accumulate ? loadPart(target, rest) : f32x4.splat(0);
      storePart(target, multiplyAdd(flow, share, before), rest);
    }
  }
}

/** out[r] = the largest of x[r], index[r] = its column, the first where several are. */
export function rowMaxima(
  begin: i32, end: i32, thread: i32, out: usize, index: usize, x: usize, width: i32,
): void {
  for (let row = begin; row < end; row++) {
    const line = x + (<usize>row * <usize>width << 2);
    let best = 0;
    let value = load<f32>(line);
    for (let column = 1; column < width; column++) {
      const other = load<f32>(at(line, column));
      if (other > value) {
        value = other;
        best = column;
      }
    }
    store<f32>(at(out, row), value);
    store<i32>(at(index, row), best);
  }
}

/** out[r, index[r]] += s[r] */
export function addAtColumns(
  begin: i32, end: i32, thread: i32, out: usize, index: usize, s: usize, width: i32,
): void {
  for (let row = begin; row < end; row++) {
    const place = at(out + (<usize>row * <usize>width << 2), load<i32>(at(index, row)));
    store<f32>(place, load<f32>(place) + load<f32>(at(s, row)));
  }
}

/** out[r, c] = x[r, c] + factor·s[r] */
export function addToRows(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, s: usize, factor: f32, width: i32,
): void {
  for (let row = begin; row < end; row++) {
    const place = <usize>row * <usize>width << 2;
    const addend = f32x4.splat(factor * load<f32>(at(s, row)));
    let source = x + place, target = out + place;
    let rest = width;
    for (; rest >= 4; rest -= 4, source += 16, target += 16) {
      v128.store(target, f32x4.add(v128.load(source), addend));
    }
    if (rest > 0) storePart(target, f32x4.add(loadPart(source, rest), addend), rest);
  }
}
