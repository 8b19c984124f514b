/**
 * Exponential, logarithm and their relatives on four floats, to about two units
 * in the last place, without tables. Arguments are reduced with ln 2 cut in two
 * (355/512 has nine bits, so its multiples are exact), then a Taylor series does
 * the rest: eˣ to the seventh power on |x| ≤ ½ ln 2, ln by 2·artanh.
 */

import { multiplyAdd } from "./lanes";

const LOG2_E: f32 = 1.4426950408889634;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444005469057e-4;

/** 1.5·2²³: adding it rounds to an integer, which then stands in the low bits. */
const ROUNDER: f32 = 12582912;
const ROUNDER_BITS: i32 = 0x4b400000;

/** eʳ − 1 for |r| ≤ ½ ln 2. */
@inline
function smallExponential(r: v128): v128 {
  let q = multiplyAdd(r, f32x4.splat(<f32>(1.0 / 5040)), f32x4.splat(<f32>(1.0 / 720)));
  q = multiplyAdd(q, r, f32x4.splat(<f32>(1.0 / 120)));
  q = multiplyAdd(q, r, f32x4.splat(<f32>(1.0 / 24)));
  q = multiplyAdd(q, r, f32x4.splat(<f32>(1.0 / 6)));
  q = multiplyAdd(q, r, f32x4.splat(0.5));
  return multiplyAdd(f32x4.mul(r, r), q, r);
}

/** x − n·ln 2. */
@inline
function reduce(x: v128, n: v128): v128 {
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  return f32x4.sub(high, f32x4.mul(n, f32x4.splat(LN2_LOW)));
}

/** 2ⁿ for −126 ≤ n ≤ 127. */
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** eˣ: 0 and ∞ where it under- or overflows, denormals in between, NaN for NaN. */
@inline
export function exponential(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-104)), f32x4.splat(89));
  const rounded = f32x4.add(f32x4.mul(bounded, f32x4.splat(LOG2_E)), f32x4.splat(ROUNDER));
  const n = i32x4.sub(rounded, i32x4.splat(ROUNDER_BITS));
  const r = reduce(bounded, f32x4.sub(rounded, f32x4.splat(ROUNDER)));
  const value = f32x4.add(smallExponential(r), f32x4.splat(1));
  // In two steps, because 2ⁿ itself may be out of range.
  const half = i32x4.shr_s(n, 1);
  return f32x4.mul(f32x4.mul(value, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** eˣ − 1 for 0 ≤ x ≤ 20, exact to the last places near 0. */
@inline
function exponentialLessOne(x: v128): v128 {
  const rounded = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2_E)), f32x4.splat(ROUNDER));
  const scale = powerOfTwo(i32x4.sub(rounded, i32x4.splat(ROUNDER_BITS)));
  const r = reduce(x, f32x4.sub(rounded, f32x4.splat(ROUNDER)));
  return multiplyAdd(scale, smallExponential(r), f32x4.sub(scale, f32x4.splat(1)));
}

/** ln x: −∞ at 0, NaN below. */
@inline
export function logarithm(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(1.1754943508222875e-38));
  const normal = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
  // x = m·2ᵉ with ½√2 ≤ m < √2
  const e = i32x4.shr_s(i32x4.sub(normal, i32x4.splat(0x3f3504f3)), 23);
  const m = i32x4.sub(normal, i32x4.shl(e, 23));
  const exponent = f32x4.sub(
    f32x4.convert_i32x4_s(e),
    v128.and(tiny, f32x4.splat(23)),
  );
  // ln(1 + f) = f − (f²/2 − s·(f²/2 + R)) with s = f/(2 + f), R = 2s²/3 + 2s⁴/5 + …
  const f = f32x4.sub(m, f32x4.splat(1));
  const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2)));
  const z = f32x4.mul(s, s);
  let series = multiplyAdd(z, f32x4.splat(<f32>(2.0 / 9)), f32x4.splat(<f32>(2.0 / 7)));
  series = multiplyAdd(series, z, f32x4.splat(<f32>(2.0 / 5)));
  series = multiplyAdd(series, z, f32x4.splat(<f32>(2.0 / 3)));
  const halfSquare = f32x4.mul(f32x4.mul(f, f), f32x4.splat(0.5));
  const inner = multiplyAdd(
    s,
    multiplyAdd(series, z, halfSquare),
    f32x4.mul(exponent, f32x4.splat(LN2_LOW)),
  );
  const value = multiplyAdd(
    exponent,
    f32x4.splat(LN2_HIGH),
    f32x4.sub(f, f32x4.sub(halfSquare, inner)),
  );
  const zero = f32x4.eq(x, f32x4.splat(0));
  const below = f32x4.lt(x, f32x4.splat(0));
  const unbounded = f32x4.ge(x, f32x4.splat(Infinity));
  let result = v128.bitselect(f32x4.splat(-Infinity), value, zero);
  result = v128.bitselect(x, result, v128.or(unbounded, f32x4.ne(x, x)));
  return v128.bitselect(f32x4.splat(NaN), result, below);
}

/** ln(1 + x) for 0 ≤ x ≤ 1: 2·artanh(x / (2 + x)). */
@inline
function logarithmOfOneMore(x: v128): v128 {
  const s = f32x4.div(x, f32x4.add(x, f32x4.splat(2)));
  const z = f32x4.mul(s, s);
  let series = multiplyAdd(z, f32x4.splat(<f32>(2.0 / 17)), f32x4.splat(<f32>(2.0 / 15)));
  series = multiplyAdd(series, z, f32x4.splat(<f32>(2.0 / 13)));
  series = multiplyAdd(series, z, f32x4.splat(<f32>(2.0 / 11)));
  series = multiplyAdd(series, z, f32x4.splat(<f32>(2.0 / 9)));
  series = multiplyAdd(series, z, f32x4.splat(<f32>(2.0 / 7)));
  series = multiplyAdd(series, z, f32x4.splat(<f32>(2.0 / 5)));
  series = multiplyAdd(series, z, f32x4.splat(<f32>(2.0 / 3)));
  const twice = f32x4.add(s, s);
  return multiplyAdd(f32x4.mul(s, z), series, twice);
}

/** 1 / (1 + e⁻ˣ), by the side that does not overflow. */
@inline
export function sigmoid(x: v128): v128 {
  const e = exponential(f32x4.neg(f32x4.abs(x)));
  const upper = f32x4.div(f32x4.splat(1), f32x4.add(e, f32x4.splat(1)));
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
  const t = exponentialLessOne(f32x4.pmin(f32x4.add(size, size), f32x4.splat(20)));
  const value = f32x4.div(t, f32x4.add(t, f32x4.splat(2)));
  return v128.bitselect(x, value, i32x4.splat(0x80000000));
}
