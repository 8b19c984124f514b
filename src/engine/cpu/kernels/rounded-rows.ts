/**
 * Rows in bfloat16, for gathering: half the bytes of float32. Sixteen columns are
 * eight 32-bit words; word j of them holds column j in its lower half and column
 * j + 8 in its upper. The lower half is shifted up to be read. The upper is read as
 * it stands, with the lower behind it, which saves the mask: the rounding knows the
 * lower half, and takes the upper half that together with it comes nearest, counted in
 * float32s between.
 *
 * Either way a number is off by at most 2⁻⁸ of itself, or by 2⁻¹³³ where that is more;
 * what is above 3.39·10³⁸ becomes infinite. Nobody reads the columns beyond the width.
 */

import { all, at, loadPart, storeEight, storeFour } from "./lanes";

/** For rounding off sixteen bits: half of their range less one, half of it, the bit above them. */
const BELOW_HALF = memory.data<i32>([0x7fff]);
const HALF = memory.data<i32>([0x8000]);
const ONE = memory.data<i32>([1]);
/** Parts of a float32: all but its sign; its sign; the upper half without it. */
const MAGNITUDE = memory.data<i32>([0x7fffffff]);
const SIGN = memory.data<i32>([0x80000000]);
const UPPER = memory.data<i32>([0x7fff0000]);

/** Nearest bfloat16s, ties to even, in the lower halves. */
@inline
function lowerHalves(x: v128): v128 {
  const odd = v128.and(i32x4.shr_u(x, 16), all(ONE));
  return i32x4.shr_u(i32x4.add(x, i32x4.add(odd, all(BELOW_HALF))), 16);
}

/** The words with these lower halves that come nearest to x. */
@inline
function nearestWords(lower: v128, x: v128): v128 {
  const magnitude = v128.and(x, all(MAGNITUDE));
  const upper = i32x4.add(i32x4.sub(magnitude, lower), all(HALF));
  const sign = v128.and(x, all(SIGN));
  const nearest = v128.and(i32x4.max_s(upper, i32x4.splat(0)), all(UPPER));
  return v128.or(v128.or(sign, nearest), lower);
}

/** Four floats, of which `count` exist and the others are zero. */
@inline
function loadUpTo(x: usize, count: i32): v128 {
  return count >= 4 ? v128.load(x) : count > 0 ? loadPart(x, count) : i32x4.splat(0);
}

/** target = s·source in bfloat16 */
export function roundRow(target: usize, source: usize, s: v128, width: i32): void {
  let rest = width;
  for (; rest >= 16; rest -= 16, source += 64, target += 32) {
    const l0 = lowerHalves(f32x4.mul(s, v128.load(source, 0)));
    const l1 = lowerHalves(f32x4.mul(s, v128.load(source, 16)));
    v128.store(target, nearestWords(l0, f32x4.mul(s, v128.load(source, 32))), 0);
    v128.store(target, nearestWords(l1, f32x4.mul(s, v128.load(source, 48))), 16);
  }
  if (rest > 0) {
    const l0 = lowerHalves(f32x4.mul(s, loadUpTo(source, rest)));
    const l1 = lowerHalves(f32x4.mul(s, loadUpTo(source + 16, rest - 4)));
    v128.store(target, nearestWords(l0, f32x4.mul(s, loadUpTo(source + 32, rest - 8))), 0);
    v128.store(target, nearestWords(l1, f32x4.mul(s, loadUpTo(source + 48, rest - 12))), 16);
  }
}

/**
 * Rows [begin, end) of out[r] = scale[r]·x[r] in bfloat16; a zero pointer switches its
 * part off. With `list` the rows are list[begin … end).
 */
export function roundRows(
  begin: i32, end: i32, thread: i32,
  out: usize, words: i32, x: usize, width: i32, scale: usize, list: usize,
): void {
  const stride = (<usize>width) << 2, outStride = (<usize>words) << 2;
  for (let unit = begin; unit < end; unit++) {
    const row = list ? load<i32>(at(list, unit)) : unit;
    const s = scale ? v128.load32_splat(at(scale, row)) : f32x4.splat(1);
    roundRow(out + <usize>row * outStride, x + <usize>row * stride, s, width);
  }
}

/** acc plus the lower halves of four vectors of words. */
@inline
function addLower(acc: v128, w0: v128, w1: v128, w2: v128, w3: v128): v128 {
  const two = f32x4.add(f32x4.add(acc, i32x4.shl(w0, 16)), i32x4.shl(w1, 16));
  return f32x4.add(f32x4.add(two, i32x4.shl(w2, 16)), i32x4.shl(w3, 16));
}

/** acc plus the words as they stand. */
@inline
function addWords(acc: v128, w0: v128, w1: v128, w2: v128, w3: v128): v128 {
  return f32x4.add(f32x4.add(f32x4.add(f32x4.add(acc, w0), w1), w2), w3);
}

/** 64 columns; see `gather64`. */
function gatherRounded64(
  columns: usize, count: i32, x: usize, stride: usize, out: usize,
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
    let w0 = v128.load(r0, 0), w1 = v128.load(r1, 0), w2 = v128.load(r2, 0), w3 = v128.load(r3, 0);
    a0 = addLower(a0, w0, w1, w2, w3);
    a2 = addWords(a2, w0, w1, w2, w3);
    w0 = v128.load(r0, 16), w1 = v128.load(r1, 16), w2 = v128.load(r2, 16), w3 = v128.load(r3, 16);
    a1 = addLower(a1, w0, w1, w2, w3);
    a3 = addWords(a3, w0, w1, w2, w3);
    w0 = v128.load(r0, 32), w1 = v128.load(r1, 32), w2 = v128.load(r2, 32), w3 = v128.load(r3, 32);
    a4 = addLower(a4, w0, w1, w2, w3);
    a6 = addWords(a6, w0, w1, w2, w3);
    w0 = v128.load(r0, 48), w1 = v128.load(r1, 48), w2 = v128.load(r2, 48), w3 = v128.load(r3, 48);
    a5 = addLower(a5, w0, w1, w2, w3);
    a7 = addWords(a7, w0, w1, w2, w3);
    w0 = v128.load(r0, 64), w1 = v128.load(r1, 64), w2 = v128.load(r2, 64), w3 = v128.load(r3, 64);
    a8 = addLower(a8, w0, w1, w2, w3);
    a10 = addWords(a10, w0, w1, w2, w3);
    w0 = v128.load(r0, 80), w1 = v128.load(r1, 80), w2 = v128.load(r2, 80), w3 = v128.load(r3, 80);
    a9 = addLower(a9, w0, w1, w2, w3);
    a11 = addWords(a11, w0, w1, w2, w3);
    w0 = v128.load(r0, 96), w1 = v128.load(r1, 96), w2 = v128.load(r2, 96), w3 = v128.load(r3, 96);
    a12 = addLower(a12, w0, w1, w2, w3);
    a14 = addWords(a14, w0, w1, w2, w3);
    w0 = v128.load(r0, 112), w1 = v128.load(r1, 112), w2 = v128.load(r2, 112), w3 = v128.load(r3, 112);
    a13 = addLower(a13, w0, w1, w2, w3);
    a15 = addWords(a15, w0, w1, w2, w3);
  }
  for (; columns < end; columns += 4) {
    const r0 = x + <usize>load<i32>(columns) * stride;
    const w0 = v128.load(r0, 0), w1 = v128.load(r0, 16), w2 = v128.load(r0, 32);
    const w3 = v128.load(r0, 48), w4 = v128.load(r0, 64), w5 = v128.load(r0, 80);
    const w6 = v128.load(r0, 96), w7 = v128.load(r0, 112);
    a0 = f32x4.add(a0, i32x4.shl(w0, 16));
    a1 = f32x4.add(a1, i32x4.shl(w1, 16));
    a2 = f32x4.add(a2, w0);
    a3 = f32x4.add(a3, w1);
    a4 = f32x4.add(a4, i32x4.shl(w2, 16));
    a5 = f32x4.add(a5, i32x4.shl(w3, 16));
    a6 = f32x4.add(a6, w2);
    a7 = f32x4.add(a7, w3);
    a8 = f32x4.add(a8, i32x4.shl(w4, 16));
    a9 = f32x4.add(a9, i32x4.shl(w5, 16));
    a10 = f32x4.add(a10, w4);
    a11 = f32x4.add(a11, w5);
    a12 = f32x4.add(a12, i32x4.shl(w6, 16));
    a13 = f32x4.add(a13, i32x4.shl(w7, 16));
    a14 = f32x4.add(a14, w6);
    a15 = f32x4.add(a15, w7);
  }
  storeEight(out, a0, a1, a2, a3, a4, a5, a6, a7);
  storeEight(out + 128, a8, a9, a10, a11, a12, a13, a14, a15);
}

/** 16 columns. */
function gatherRounded16(columns: usize, count: i32, x: usize, stride: usize, out: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4) {
    const row = x + <usize>load<i32>(columns) * stride;
    const w0 = v128.load(row, 0), w1 = v128.load(row, 16);
    a0 = f32x4.add(a0, i32x4.shl(w0, 16));
    a1 = f32x4.add(a1, i32x4.shl(w1, 16));
    a2 = f32x4.add(a2, w0);
    a3 = f32x4.add(a3, w1);
  }
  storeFour(out, a0, a1, a2, a3);
}

/** One column: the words at x shifted up by `shift`. */
function gatherRounded1(
  columns: usize, count: i32, x: usize, stride: usize, shift: i32, out: usize,
): void {
  let acc: f32 = 0;
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4) {
    acc += reinterpret<f32>(load<i32>(x + <usize>load<i32>(columns) * stride) << shift);
  }
  store<f32>(out, acc);
}

/** Σ x[c] over the neighbours c, in float32; x has rows of `words` words. */
@inline
export function gatherRounded(
  columns: usize, count: i32, x: usize, words: i32, width: i32, out: usize,
): void {
  const stride = (<usize>words) << 2;
  let rest = width;
  for (; rest >= 64; rest -= 64, x += 128, out += 256) {
    gatherRounded64(columns, count, x, stride, out);
  }
  for (; rest >= 16; rest -= 16, x += 32, out += 64) {
    gatherRounded16(columns, count, x, stride, out);
  }
  for (let column = 0; column < rest; column++) {
    const shift = column < 8 ? 16 : 0;
    gatherRounded1(columns, count, at(x, column & 7), stride, shift, at(out, column));
  }
}
