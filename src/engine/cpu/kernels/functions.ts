/**
 * Exponential and logarithm on four floats to one unit in the last place, their
 * relatives to three, without tables. Arguments are reduced with ln 2 cut in two
 * (355/512 has nine bits, so its multiples are exact), then a Taylor series does
 * the rest: eˣ to the seventh power on |x| ≤ ½ ln 2, ln by 2·artanh.
 */

import { all, multiplyAdd } from "./lanes";

const LOG2_E = memory.data<f32>([1.4426950408889634]);
const LN2_HIGH = memory.data<f32>([0.693359375]);
const LN2_LOW = memory.data<f32>([-2.1219444005469057e-4]);
/** 1.5·2²³: adding it rounds to an integer, which then stands in the low bits. */
const ROUNDER = memory.data<f32>([12582912]);
const EXPONENT_BIAS = memory.data<i32>([127]);
/** Beyond these eˣ is 0 and ∞. */
const LEAST = memory.data<f32>([-104]);
const MOST = memory.data<f32>([89]);
const ONE = memory.data<f32>([1]);
const TWO = memory.data<f32>([2]);
const HALF = memory.data<f32>([0.5]);
/** 1/n! */
const FACTORIAL_3 = memory.data<f32>([1.0 / 6]);
const FACTORIAL_4 = memory.data<f32>([1.0 / 24]);
const FACTORIAL_5 = memory.data<f32>([1.0 / 120]);
const FACTORIAL_6 = memory.data<f32>([1.0 / 720]);
const FACTORIAL_7 = memory.data<f32>([1.0 / 5040]);
/** 2/n, of the series of 2·artanh */
const ARTANH_3 = memory.data<f32>([2.0 / 3]);
const ARTANH_5 = memory.data<f32>([2.0 / 5]);
const ARTANH_7 = memory.data<f32>([2.0 / 7]);
const ARTANH_9 = memory.data<f32>([2.0 / 9]);
const ARTANH_11 = memory.data<f32>([2.0 / 11]);
const ARTANH_13 = memory.data<f32>([2.0 / 13]);
const ARTANH_15 = memory.data<f32>([2.0 / 15]);
const ARTANH_17 = memory.data<f32>([2.0 / 17]);
/** For logarithms: the smallest normal number, 2²³, 23, and the bits of ½√2. */
const NORMAL = memory.data<f32>([1.1754943508222875e-38]);
const SCALE_UP = memory.data<f32>([8388608]);
const SCALE_BITS = memory.data<f32>([23]);
const ROOT_HALF_BITS = memory.data<i32>([0x3f3504f3]);
/** What logarithms are at 0, of ∞, and below 0. */
const MINUS_INFINITY = memory.data<f32>([-Infinity]);
const PLUS_INFINITY = memory.data<f32>([Infinity]);
const NOT_A_NUMBER = memory.data<f32>([NaN]);
/** From here on tanh is ±1. */
const TANGENT_MOST = memory.data<f32>([20]);
const SIGN = memory.data<i32>([0x80000000]);

/** eʳ − 1 for |r| ≤ ½ ln 2. */
@inline
function smallExponential(r: v128): v128 {
  let q = multiplyAdd(r, all(FACTORIAL_7), all(FACTORIAL_6));
  q = multiplyAdd(q, r, all(FACTORIAL_5));
  q = multiplyAdd(q, r, all(FACTORIAL_4));
  q = multiplyAdd(q, r, all(FACTORIAL_3));
  q = multiplyAdd(q, r, all(HALF));
  return multiplyAdd(f32x4.mul(r, r), q, r);
}

/** x − n·ln 2. */
@inline
function reduce(x: v128, n: v128): v128 {
  const high = f32x4.sub(x, f32x4.mul(n, all(LN2_HIGH)));
  return f32x4.sub(high, f32x4.mul(n, all(LN2_LOW)));
}

/** 2ⁿ for −126 ≤ n ≤ 127. */
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, all(EXPONENT_BIAS)), 23);
}

/** eˣ: 0 and ∞ where it under- or overflows, denormals in between, NaN for NaN. */
@inline
export function exponential(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, all(LEAST)), all(MOST));
  const rounded = f32x4.add(f32x4.mul(bounded, all(LOG2_E)), all(ROUNDER));
  const n = i32x4.sub(rounded, all(ROUNDER));
  const r = reduce(bounded, f32x4.sub(rounded, all(ROUNDER)));
  const value = f32x4.add(smallExponential(r), all(ONE));
  // In two steps, because 2ⁿ itself may be out of range.
  const half = i32x4.shr_s(n, 1);
  return f32x4.mul(f32x4.mul(value, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** eˣ − 1 for 0 ≤ x ≤ 20, exact to the last places near 0. */
@inline
function exponentialLessOne(x: v128): v128 {
  const rounded = f32x4.add(f32x4.mul(x, all(LOG2_E)), all(ROUNDER));
  const scale = powerOfTwo(i32x4.sub(rounded, all(ROUNDER)));
  const r = reduce(x, f32x4.sub(rounded, all(ROUNDER)));
  return multiplyAdd(scale, smallExponential(r), f32x4.sub(scale, all(ONE)));
}

/** ln x: −∞ at 0, NaN below. */
@inline
export function logarithm(x: v128): v128 {
  const tiny = f32x4.lt(x, all(NORMAL));
  const normal = v128.bitselect(f32x4.mul(x, all(SCALE_UP)), x, tiny);
  // x = m·2ᵉ with ½√2 ≤ m < √2
  const e = i32x4.shr_s(i32x4.sub(normal, all(ROOT_HALF_BITS)), 23);
  const m = i32x4.sub(normal, i32x4.shl(e, 23));
  const exponent = f32x4.sub(
    f32x4.convert_i32x4_s(e),
    v128.and(tiny, all(SCALE_BITS)),
  );
  // ln(1 + f) = f − (f²/2 − s·(f²/2 + R)) with s = f/(2 + f), R = 2s²/3 + 2s⁴/5 + …
  const f = f32x4.sub(m, all(ONE));
  const s = f32x4.div(f, f32x4.add(f, all(TWO)));
  const z = f32x4.mul(s, s);
  let series = multiplyAdd(z, all(ARTANH_9), all(ARTANH_7));
  series = multiplyAdd(series, z, all(ARTANH_5));
  series = multiplyAdd(series, z, all(ARTANH_3));
  const halfSquare = f32x4.mul(f32x4.mul(f, f), all(HALF));
  const inner = multiplyAdd(
    s,
    multiplyAdd(series, z, halfSquare),
    f32x4.mul(exponent, all(LN2_LOW)),
  );
  const value = multiplyAdd(
    exponent,
    all(LN2_HIGH),
    f32x4.sub(f, f32x4.sub(halfSquare, inner)),
  );
  const zero = f32x4.eq(x, f32x4.splat(0));
  const below = f32x4.lt(x, f32x4.splat(0));
  const unbounded = f32x4.ge(x, all(PLUS_INFINITY));
  let result = v128.bitselect(all(MINUS_INFINITY), value, zero);
  result = v128.bitselect(x, result, v128.or(unbounded, f32x4.ne(x, x)));
  return v128.bitselect(all(NOT_A_NUMBER), result, below);
}

/** ln(1 + x) for 0 ≤ x ≤ 1: 2·artanh(x / (2 + x)). */
@inline
function logarithmOfOneMore(x: v128): v128 {
  const s = f32x4.div(x, f32x4.add(x, all(TWO)));
  const z = f32x4.mul(s, s);
  let series = multiplyAdd(z, all(ARTANH_17), all(ARTANH_15));
  series = multiplyAdd(series, z, all(ARTANH_13));
  series = multiplyAdd(series, z, all(ARTANH_11));
  series = multiplyAdd(series, z, all(ARTANH_9));
  series = multiplyAdd(series, z, all(ARTANH_7));
  series = multiplyAdd(series, z, all(ARTANH_5));
  series = multiplyAdd(series, z, all(ARTANH_3));
  const twice = f32x4.add(s, s);
  return multiplyAdd(f32x4.mul(s, z), series, twice);
}

/** 1 / (1 + e⁻ˣ), by the side that does not overflow. */
@inline
export function sigmoid(x: v128): v128 {
  const e = exponential(f32x4.neg(f32x4.abs(x)));
  const upper = f32x4.div(all(ONE), f32x4.add(e, all(ONE)));
  return v128.bitselect(f32x4.mul(e, upper), upper, f32x4.lt(x, f32x4.splat(0)));
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|). */
@inline
export function softplus(x: v128): v128 {
  const positive = f32x4.pmax(x, f32x4.splat(0));
  return f32x4.add(positive, logarithmOfOneMore(exponential(f32x4.neg(f32x4.abs(x)))));
}

/** tanh |x| = t / (t + 2) with t = e^(2|x|) − 1; the sign comes back at the end. */
@inline
export function tangent(x: v128): v128 {
  const size = f32x4.abs(x);
  const t = exponentialLessOne(f32x4.pmin(f32x4.add(size, size), all(TANGENT_MOST)));
  const value = f32x4.div(t, f32x4.add(t, all(TWO)));
  return v128.bitselect(x, value, all(SIGN));
}
