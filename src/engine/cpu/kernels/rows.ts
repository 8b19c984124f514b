/**
 * Kernels on the rows of a matrix. Units are rows, of `columnSums` columns. The
 * order of every sum depends on the shape alone.
 */

import { at, loadPart, multiplyAdd, storeFour, storePart, sumLanes } from "./lanes";

/** out[r] = x[r] + bias */
export function addBias(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, bias: usize, width: i32,
): void {
  let target = at(out, begin * width), source = at(x, begin * width);
  for (let row = begin; row < end; row++) {
    let addend = bias;
    let rest = width;
    for (; rest >= 4; rest -= 4, target += 16, source += 16, addend += 16) {
      v128.store(target, f32x4.add(v128.load(source), v128.load(addend)));
    }
    if (rest > 0) {
      storePart(target, f32x4.add(loadPart(source, rest), loadPart(addend, rest)), rest);
      target += (<usize>rest) << 2;
      source += (<usize>rest) << 2;
    }
  }
}

/** Rows that are summed before they are added to the total: keeps rounding errors small. */
const SUM_ROWS: i32 = 256;

/** Sum of four neighbouring columns, of which `count` exist. */
function columnSum(x: usize, rows: i32, stride: usize, count: i32): v128 {
  let total = f32x4.splat(0);
  while (rows > 0) {
    let part = f32x4.splat(0);
    const last = x + <usize>min(rows, SUM_ROWS) * stride;
    if (count >= 4) {
      for (; x < last; x += stride) part = f32x4.add(part, v128.load(x));
    } else {
      for (; x < last; x += stride) part = f32x4.add(part, loadPart(x, count));
    }
    total = f32x4.add(total, part);
    rows -= SUM_ROWS;
  }
  return total;
}

/** Sixteen columns at once, a cache line of each row: the same sums as `columnSum`, faster. */
function columnSums16(x: usize, rows: i32, stride: usize, out: usize, accumulate: i32): void {
  let total0 = f32x4.splat(0), total1 = total0, total2 = total0, total3 = total0;
  while (rows > 0) {
    let part0 = f32x4.splat(0), part1 = part0, part2 = part0, part3 = part0;
    const last = x + <usize>min(rows, SUM_ROWS) * stride;
    for (; x < last; x += stride) {
      part0 = f32x4.add(part0, v128.load(x));
      part1 = f32x4.add(part1, v128.load(x, 16));
      part2 = f32x4.add(part2, v128.load(x, 32));
      part3 = f32x4.add(part3, v128.load(x, 48));
    }
    total0 = f32x4.add(total0, part0);
    total1 = f32x4.add(total1, part1);
    total2 = f32x4.add(total2, part2);
    total3 = f32x4.add(total3, part3);
    rows -= SUM_ROWS;
  }
  if (accumulate) {
    total0 = f32x4.add(v128.load(out), total0);
    total1 = f32x4.add(v128.load(out, 16), total1);
    total2 = f32x4.add(v128.load(out, 32), total2);
    total3 = f32x4.add(v128.load(out, 48), total3);
  }
  storeFour(out, total0, total1, total2, total3);
}

/** out[c] (+)= Σ_r x[r, c] */
export function columnSums(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, rows: i32, width: i32, accumulate: i32,
): void {
  const stride = (<usize>width) << 2;
  let column = begin;
  for (; column + 16 <= end; column += 16) {
    columnSums16(at(x, column), rows, stride, at(out, column), accumulate);
  }
  for (; column < end; column += 4) {
    const count = end - column;
    const sum = columnSum(at(x, column), rows, stride, count);
    const place = at(out, column);
    if (count >= 4) v128.store(place, accumulate ? f32x4.add(v128.load(place), sum) : sum);
    else storePart(place, accumulate ? f32x4.add(loadPart(place, count), sum) : sum, count);
  }
}

/**
 * Elements of a row that are summed before they are added to its total. In a longer
 * running sum of like numbers the roundings lean one way: a million times 0.1 was off by 0.06 %.
 */
export const SUM_COLUMNS: i32 = 4096;

/** Σ x over at most SUM_COLUMNS elements, in sixteen running sums. */
@inline
function shortSum(x: usize, width: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let rest = width;
  for (; rest >= 16; rest -= 16, x += 64) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
    s2 = f32x4.add(s2, v128.load(x, 32));
    s3 = f32x4.add(s3, v128.load(x, 48));
  }
  for (; rest >= 4; rest -= 4, x += 16) s0 = f32x4.add(s0, v128.load(x));
  if (rest > 0) s1 = f32x4.add(s1, loadPart(x, rest));
  return sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

function longSum(x: usize, width: i32): f32 {
  let total: f64 = 0;
  for (let from = 0; from < width; from += SUM_COLUMNS) {
    total += <f64>shortSum(at(x, from), min(SUM_COLUMNS, width - from));
  }
  return <f32>total;
}

/** Σ x over one row. */
@inline
export function rowSum(x: usize, width: i32): f32 {
  return width <= SUM_COLUMNS ? shortSum(x, width) : longSum(x, width);
}

/** out[r] = Σ_c x[r, c] */
export function rowSums(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  let source = x + <usize>begin * stride;
  for (let row = begin; row < end; row++, source += stride) {
    store<f32>(at(out, row), rowSum(source, width));
  }
}

/** a·b over at most SUM_COLUMNS elements, in eight running sums. */
@inline
function shortDot(a: usize, b: usize, width: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0;
  let rest = width;
  for (; rest >= 8; rest -= 8, a += 32, b += 32) {
    s0 = multiplyAdd(v128.load(a), v128.load(b), s0);
    s1 = multiplyAdd(v128.load(a, 16), v128.load(b, 16), s1);
  }
  for (; rest >= 4; rest -= 4, a += 16, b += 16) s0 = multiplyAdd(v128.load(a), v128.load(b), s0);
  if (rest > 0) s1 = multiplyAdd(loadPart(a, rest), loadPart(b, rest), s1);
  return sumLanes(f32x4.add(s0, s1));
}

function longDot(a: usize, b: usize, width: i32): f32 {
  let total: f64 = 0;
  for (let from = 0; from < width; from += SUM_COLUMNS) {
    total += <f64>shortDot(at(a, from), at(b, from), min(SUM_COLUMNS, width - from));
  }
  return <f32>total;
}

/** a·b over one row. */
@inline
export function dot(a: usize, b: usize, width: i32): f32 {
  return width <= SUM_COLUMNS ? shortDot(a, b, width) : longDot(a, b, width);
}

/** out[r] = a[r]·b[r] */
export function rowDot(
  begin: i32, end: i32, thread: i32, out: usize, a: usize, b: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  let left = a + <usize>begin * stride, right = b + <usize>begin * stride;
  for (let row = begin; row < end; row++, left += stride, right += stride) {
    store<f32>(at(out, row), dot(left, right, width));
  }
}

/** target (+)= s·source over one row, eight numbers at a time, which V8 joins to one vector of 256 bits (`wide.ts`). */
@inline
export function scaleRow(
  target: usize, source: usize, s: v128, width: i32, accumulate: bool,
): void {
  let rest = width;
  if (accumulate) {
    for (; rest >= 8; rest -= 8, target += 32, source += 32) {
      const low = multiplyAdd(s, v128.load(source), v128.load(target));
      const high = multiplyAdd(s, v128.load(source, 16), v128.load(target, 16));
      v128.store(target, low);
      v128.store(target, high, 16);
    }
    for (; rest >= 4; rest -= 4, target += 16, source += 16) {
      v128.store(target, multiplyAdd(s, v128.load(source), v128.load(target)));
    }
    if (rest > 0) {
      storePart(target, multiplyAdd(s, loadPart(source, rest), loadPart(target, rest)), rest);
    }
  } else {
    for (; rest >= 8; rest -= 8, target += 32, source += 32) {
      const low = f32x4.mul(s, v128.load(source));
      const high = f32x4.mul(s, v128.load(source, 16));
      v128.store(target, low);
      v128.store(target, high, 16);
    }
    for (; rest >= 4; rest -= 4, target += 16, source += 16) {
      v128.store(target, f32x4.mul(s, v128.load(source)));
    }
    if (rest > 0) storePart(target, f32x4.mul(s, loadPart(source, rest)), rest);
  }
}

/** out[r] (+)= s[r]·x[r] */
export function scaleRows(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, s: usize, width: i32, accumulate: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    const place = <usize>row * stride;
    scaleRow(out + place, x + place, v128.load32_splat(at(s, row)), width, accumulate != 0);
  }
}

/** out (+)= s[0]·x over elements, for a single number that lies on the device. */
export function scaleByNumber(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, s: usize, accumulate: i32,
): void {
  const number = v128.load32_splat(s);
  scaleRow(at(out, begin), at(x, begin), number, end - begin, accumulate != 0);
}
