/**
 * Sums over the rows of a node's neighbours, sixteen accumulators at a time; most of
 * the training time of LightGCN is spent here.
 */

import { at, multiplyAdd, storeEight, storeFour } from "./lanes";

/**
 * acc plus four rows at a byte offset, in the order of the edges. Binaryen writes `+ 64` as `− −64`, a
 * byte shorter, and then leaves it out of the load's own offset, so that V8 does not see that the load lies beside another.
 */
@inline
function addFour(acc: v128, r0: usize, r1: usize, r2: usize, r3: usize, offset: usize): v128 {
  if (offset == 64) {
    const two = f32x4.add(f32x4.add(acc, v128.load(r0, 64)), v128.load(r1, 64));
    return f32x4.add(f32x4.add(two, v128.load(r2, 64)), v128.load(r3, 64));
  }
  const two = f32x4.add(f32x4.add(acc, v128.load(r0 + offset)), v128.load(r1 + offset));
  return f32x4.add(f32x4.add(two, v128.load(r2 + offset)), v128.load(r3 + offset));
}

/** acc plus two scaled rows. */
@inline
function addTwo(acc: v128, s0: v128, r0: usize, s1: v128, r1: usize, offset: usize): v128 {
  return multiplyAdd(s1, v128.load(r1 + offset), multiplyAdd(s0, v128.load(r0 + offset), acc));
}

/** scale·(bias·base + factor·sums) */
@inline
function finished(sums: v128, factor: v128, base: v128, bias: v128, scale: v128): v128 {
  return f32x4.mul(scale, f32x4.add(f32x4.mul(factor, sums), f32x4.mul(bias, base)));
}

// The gathers below write Σ x[c] over the neighbours into `out`, but for `gather64`, which finishes it. They
// are kept small and apart, because V8 keeps the accumulators in registers only then.

/**
 * 64 columns, finished while the sums are in registers; base 0 = none. Rows are not brought into the cache
 * ahead of themselves: WebAssembly has no prefetch, and loads in its place cost a fifth of the
 * instructions, so that fewer rows are on their way.
 */
function gather64(
  columns: usize, count: i32, x: usize, stride: usize, out: usize,
  base: usize, factor: f32, bias: f32, scale: f32,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  let a8 = a0, a9 = a0, a10 = a0, a11 = a0, a12 = a0, a13 = a0, a14 = a0, a15 = a0;
  const end = columns + ((<usize>count) << 2);
  const fours = columns + ((<usize>(count & ~3)) << 2);
  for (; columns < fours; columns += 16) {
    const r0 = x + <usize>load<i32>(columns) * stride;
    const r1 = x + <usize>load<i32>(columns, 4) * stride;
    const r2 = x + <usize>load<i32>(columns, 8) * stride;
    const r3 = x + <usize>load<i32>(columns, 12) * stride;
    a0 = addFour(a0, r0, r1, r2, r3, 0);
    a1 = addFour(a1, r0, r1, r2, r3, 16);
    a2 = addFour(a2, r0, r1, r2, r3, 32);
    a3 = addFour(a3, r0, r1, r2, r3, 48);
    a4 = addFour(a4, r0, r1, r2, r3, 64);
    a5 = addFour(a5, r0, r1, r2, r3, 80);
    a6 = addFour(a6, r0, r1, r2, r3, 96);
    a7 = addFour(a7, r0, r1, r2, r3, 112);
    a8 = addFour(a8, r0, r1, r2, r3, 128);
    a9 = addFour(a9, r0, r1, r2, r3, 144);
    a10 = addFour(a10, r0, r1, r2, r3, 160);
    a11 = addFour(a11, r0, r1, r2, r3, 176);
    a12 = addFour(a12, r0, r1, r2, r3, 192);
    a13 = addFour(a13, r0, r1, r2, r3, 208);
    a14 = addFour(a14, r0, r1, r2, r3, 224);
    a15 = addFour(a15, r0, r1, r2, r3, 240);
  }
  for (; columns < end; columns += 4) {
    const r0 = x + <usize>load<i32>(columns) * stride;
    a0 = f32x4.add(a0, v128.load(r0, 0));
    a1 = f32x4.add(a1, v128.load(r0, 16));
    a2 = f32x4.add(a2, v128.load(r0, 32));
    a3 = f32x4.add(a3, v128.load(r0, 48));
    a4 = f32x4.add(a4, v128.load(r0, 64));
    a5 = f32x4.add(a5, v128.load(r0, 80));
    a6 = f32x4.add(a6, v128.load(r0, 96));
    a7 = f32x4.add(a7, v128.load(r0, 112));
    a8 = f32x4.add(a8, v128.load(r0, 128));
    a9 = f32x4.add(a9, v128.load(r0, 144));
    a10 = f32x4.add(a10, v128.load(r0, 160));
    a11 = f32x4.add(a11, v128.load(r0, 176));
    a12 = f32x4.add(a12, v128.load(r0, 192));
    a13 = f32x4.add(a13, v128.load(r0, 208));
    a14 = f32x4.add(a14, v128.load(r0, 224));
    a15 = f32x4.add(a15, v128.load(r0, 240));
  }
  const f = f32x4.splat(factor), s = f32x4.splat(scale);
  // All loads before all stores, and the stores in the branches: V8 joins vectors only then.
  if (base) {
    const b = f32x4.splat(bias);
    a0 = finished(a0, f, v128.load(base, 0), b, s);
    a1 = finished(a1, f, v128.load(base, 16), b, s);
    a2 = finished(a2, f, v128.load(base, 32), b, s);
    a3 = finished(a3, f, v128.load(base, 48), b, s);
    a4 = finished(a4, f, v128.load(base, 64), b, s);
    a5 = finished(a5, f, v128.load(base, 80), b, s);
    a6 = finished(a6, f, v128.load(base, 96), b, s);
    a7 = finished(a7, f, v128.load(base, 112), b, s);
    a8 = finished(a8, f, v128.load(base, 128), b, s);
    a9 = finished(a9, f, v128.load(base, 144), b, s);
    a10 = finished(a10, f, v128.load(base, 160), b, s);
    a11 = finished(a11, f, v128.load(base, 176), b, s);
    a12 = finished(a12, f, v128.load(base, 192), b, s);
    a13 = finished(a13, f, v128.load(base, 208), b, s);
    a14 = finished(a14, f, v128.load(base, 224), b, s);
    a15 = finished(a15, f, v128.load(base, 240), b, s);
    storeEight(out, a0, a1, a2, a3, a4, a5, a6, a7);
    storeEight(out + 128, a8, a9, a10, a11, a12, a13, a14, a15);
  } else {
    a0 = f32x4.mul(s, f32x4.mul(f, a0));
    a1 = f32x4.mul(s, f32x4.mul(f, a1));
    a2 = f32x4.mul(s, f32x4.mul(f, a2));
    a3 = f32x4.mul(s, f32x4.mul(f, a3));
    a4 = f32x4.mul(s, f32x4.mul(f, a4));
    a5 = f32x4.mul(s, f32x4.mul(f, a5));
    a6 = f32x4.mul(s, f32x4.mul(f, a6));
    a7 = f32x4.mul(s, f32x4.mul(f, a7));
    a8 = f32x4.mul(s, f32x4.mul(f, a8));
    a9 = f32x4.mul(s, f32x4.mul(f, a9));
    a10 = f32x4.mul(s, f32x4.mul(f, a10));
    a11 = f32x4.mul(s, f32x4.mul(f, a11));
    a12 = f32x4.mul(s, f32x4.mul(f, a12));
    a13 = f32x4.mul(s, f32x4.mul(f, a13));
    a14 = f32x4.mul(s, f32x4.mul(f, a14));
    a15 = f32x4.mul(s, f32x4.mul(f, a15));
    storeEight(out, a0, a1, a2, a3, a4, a5, a6, a7);
    storeEight(out + 128, a8, a9, a10, a11, a12, a13, a14, a15);
  }
}

/** 64 columns, each row times columnScale[c]. */
function gatherScaled64(
  columns: usize, count: i32, x: usize, stride: usize, columnScale: usize, out: usize,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  let a8 = a0, a9 = a0, a10 = a0, a11 = a0, a12 = a0, a13 = a0, a14 = a0, a15 = a0;
  const end = columns + ((<usize>count) << 2);
  const twos = columns + ((<usize>(count & ~1)) << 2);
  for (; columns < twos; columns += 8) {
    const c0 = load<i32>(columns), c1 = load<i32>(columns, 4);
    const r0 = x + <usize>c0 * stride, r1 = x + <usize>c1 * stride;
    const s0 = v128.load32_splat(at(columnScale, c0)), s1 = v128.load32_splat(at(columnScale, c1));
    a0 = addTwo(a0, s0, r0, s1, r1, 0);
    a1 = addTwo(a1, s0, r0, s1, r1, 16);
    a2 = addTwo(a2, s0, r0, s1, r1, 32);
    a3 = addTwo(a3, s0, r0, s1, r1, 48);
    a4 = addTwo(a4, s0, r0, s1, r1, 64);
    a5 = addTwo(a5, s0, r0, s1, r1, 80);
    a6 = addTwo(a6, s0, r0, s1, r1, 96);
    a7 = addTwo(a7, s0, r0, s1, r1, 112);
    a8 = addTwo(a8, s0, r0, s1, r1, 128);
    a9 = addTwo(a9, s0, r0, s1, r1, 144);
    a10 = addTwo(a10, s0, r0, s1, r1, 160);
    a11 = addTwo(a11, s0, r0, s1, r1, 176);
    a12 = addTwo(a12, s0, r0, s1, r1, 192);
    a13 = addTwo(a13, s0, r0, s1, r1, 208);
    a14 = addTwo(a14, s0, r0, s1, r1, 224);
    a15 = addTwo(a15, s0, r0, s1, r1, 240);
  }
  if (columns < end) {
    const c0 = load<i32>(columns);
    const r0 = x + <usize>c0 * stride;
    const s0 = v128.load32_splat(at(columnScale, c0));
    a0 = multiplyAdd(s0, v128.load(r0, 0), a0);
    a1 = multiplyAdd(s0, v128.load(r0, 16), a1);
    a2 = multiplyAdd(s0, v128.load(r0, 32), a2);
    a3 = multiplyAdd(s0, v128.load(r0, 48), a3);
    a4 = multiplyAdd(s0, v128.load(r0, 64), a4);
    a5 = multiplyAdd(s0, v128.load(r0, 80), a5);
    a6 = multiplyAdd(s0, v128.load(r0, 96), a6);
    a7 = multiplyAdd(s0, v128.load(r0, 112), a7);
    a8 = multiplyAdd(s0, v128.load(r0, 128), a8);
    a9 = multiplyAdd(s0, v128.load(r0, 144), a9);
    a10 = multiplyAdd(s0, v128.load(r0, 160), a10);
    a11 = multiplyAdd(s0, v128.load(r0, 176), a11);
    a12 = multiplyAdd(s0, v128.load(r0, 192), a12);
    a13 = multiplyAdd(s0, v128.load(r0, 208), a13);
    a14 = multiplyAdd(s0, v128.load(r0, 224), a14);
    a15 = multiplyAdd(s0, v128.load(r0, 240), a15);
  }
  storeEight(out, a0, a1, a2, a3, a4, a5, a6, a7);
  storeEight(out + 128, a8, a9, a10, a11, a12, a13, a14, a15);
}

/** 16 columns, scaled where columnScale is given. */
function gather16(
  columns: usize, count: i32, x: usize, stride: usize, columnScale: usize, out: usize,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4) {
    const column = load<i32>(columns);
    const row = x + <usize>column * stride;
    const s = columnScale ? v128.load32_splat(at(columnScale, column)) : f32x4.splat(1);
    a0 = multiplyAdd(s, v128.load(row, 0), a0);
    a1 = multiplyAdd(s, v128.load(row, 16), a1);
    a2 = multiplyAdd(s, v128.load(row, 32), a2);
    a3 = multiplyAdd(s, v128.load(row, 48), a3);
  }
  storeFour(out, a0, a1, a2, a3);
}

/** One column: the tail of a width that 16 does not divide. */
function gather1(
  columns: usize, count: i32, x: usize, stride: usize, columnScale: usize, out: usize,
): void {
  let acc: f32 = 0;
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4) {
    const column = load<i32>(columns);
    const value = load<f32>(x + <usize>column * stride);
    acc += columnScale ? load<f32>(at(columnScale, column)) * value : value;
  }
  store<f32>(out, acc);
}

/**
 * A row of sums becomes scale · (bias·base + factor·sums); base 0 = none. Eight numbers at a time, which V8
 * joins to one vector of 256 bits (`wide.ts`).
 */
export function finishRow(out: usize, width: i32, base: usize, factor: f32, bias: f32, scale: f32): void {
  const f = f32x4.splat(factor), b = f32x4.splat(bias), s = f32x4.splat(scale);
  let rest = width;
  if (base) {
    for (; rest >= 8; rest -= 8, out += 32, base += 32) {
      const low = finished(v128.load(out), f, v128.load(base), b, s);
      const high = finished(v128.load(out, 16), f, v128.load(base, 16), b, s);
      v128.store(out, low);
      v128.store(out, high, 16);
    }
    for (; rest > 0; rest--, out += 4, base += 4) {
      store<f32>(out, scale * (factor * load<f32>(out) + bias * load<f32>(base)));
    }
  } else {
    for (; rest >= 8; rest -= 8, out += 32) {
      const low = f32x4.mul(s, f32x4.mul(f, v128.load(out)));
      const high = f32x4.mul(s, f32x4.mul(f, v128.load(out, 16)));
      v128.store(out, low);
      v128.store(out, high, 16);
    }
    for (; rest > 0; rest--, out += 4) store<f32>(out, scale * (factor * load<f32>(out)));
  }
}

/**
 * out = scale·(bias·base + factor·Σ x[c]) over the neighbours c, scaled where columnScale is given;
 * base 0 = none.
 */
export function gatherRow(
  columns: usize, count: i32, x: usize, width: i32, columnScale: usize, out: usize,
  base: usize, factor: f32, bias: f32, scale: f32,
): void {
  const stride = (<usize>width) << 2;
  let rest = width;
  for (; rest >= 64; rest -= 64, x += 256, out += 256) {
    if (columnScale) {
      gatherScaled64(columns, count, x, stride, columnScale, out);
      finishRow(out, 64, base, factor, bias, scale);
    } else gather64(columns, count, x, stride, out, base, factor, bias, scale);
    if (base) base += 256;
  }
  if (rest == 0) return;
  const from = out, left = rest;
  for (; rest >= 16; rest -= 16, x += 64, out += 64) {
    gather16(columns, count, x, stride, columnScale, out);
  }
  for (; rest >= 1; rest--, x += 4, out += 4) gather1(columns, count, x, stride, columnScale, out);
  finishRow(from, left, base, factor, bias, scale);
}
