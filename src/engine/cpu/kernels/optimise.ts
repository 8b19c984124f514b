/**
 * Updates of parameters: of elements [begin, end) of a whole tensor, and of tables of which a step
 * reached some rows; both go through the same code.
 */

import { at, loadPart, multiplyAdd, storePart } from "./lanes";

/** keep·mean + take·x */
@inline
function averaged(keep: v128, mean: v128, take: v128, x: v128): v128 {
  return multiplyAdd(keep, mean, f32x4.mul(take, x));
}

/** p − size·m / (√v·correction + ε) */
@inline
function stepped(p: v128, size: v128, m: v128, v: v128, correction: v128, epsilon: v128): v128 {
  const root = multiplyAdd(f32x4.sqrt(v), correction, epsilon);
  return f32x4.sub(p, f32x4.div(f32x4.mul(size, m), root));
}

/**
 * p −= step·m / (√v·rootCorrection + ε) with the running means m of g and v of g².
 * @param isMoved a constant; false: g is zero, and not read
 */
@inline
export function adamSpan(
  p: usize, g: usize, m: usize, v: usize, count: i32, isMoved: bool,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, step: f32, rootCorrection: f32, epsilon: f32,
): void {
  const keep1 = f32x4.splat(beta1), take1 = f32x4.splat(rest1);
  const keep2 = f32x4.splat(beta2), take2 = f32x4.splat(rest2);
  const size = f32x4.splat(step), correction = f32x4.splat(rootCorrection);
  const floor = f32x4.splat(epsilon);
  let rest = count;
  // Two at a time: one's root and division under way beside the other's, or one of 256 bits (`wide.ts`).
  for (; rest >= 8; rest -= 8, p += 32, g += 32, m += 32, v += 32) {
    const g0 = isMoved ? v128.load(g) : i32x4.splat(0);
    const g1 = isMoved ? v128.load(g, 16) : i32x4.splat(0);
    const m0 = averaged(keep1, v128.load(m), take1, g0);
    const m1 = averaged(keep1, v128.load(m, 16), take1, g1);
    const v0 = averaged(keep2, v128.load(v), take2, f32x4.mul(g0, g0));
    const v1 = averaged(keep2, v128.load(v, 16), take2, f32x4.mul(g1, g1));
    const p0 = stepped(v128.load(p), size, m0, v0, correction, floor);
    const p1 = stepped(v128.load(p, 16), size, m1, v1, correction, floor);
    v128.store(m, m0);
    v128.store(m, m1, 16);
    v128.store(v, v0);
    v128.store(v, v1, 16);
    v128.store(p, p0);
    v128.store(p, p1, 16);
  }
  for (; rest > 0; rest -= 4, p += 16, g += 16, m += 16, v += 16) {
    const whole = rest >= 4;
    const gradient = isMoved ? (whole ? v128.load(g) : loadPart(g, rest)) : i32x4.splat(0);
    const before1 = whole ? v128.load(m) : loadPart(m, rest);
    const before2 = whole ? v128.load(v) : loadPart(v, rest);
    const mean = averaged(keep1, before1, take1, gradient);
    const variance = averaged(keep2, before2, take2, f32x4.mul(gradient, gradient));
    const value = whole ? v128.load(p) : loadPart(p, rest);
    const updated = stepped(value, size, mean, variance, correction, floor);
    if (whole) {
      v128.store(m, mean);
      v128.store(v, variance);
      v128.store(p, updated);
    } else {
      storePart(m, mean, rest);
      storePart(v, variance, rest);
      storePart(p, updated, rest);
    }
  }
}

export function adam(
  begin: i32, end: i32, thread: i32, p: usize, g: usize, m: usize, v: usize,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, step: f32, rootCorrection: f32, epsilon: f32,
): void {
  adamSpan(
    at(p, begin), at(g, begin), at(m, begin), at(v, begin), end - begin, true,
    beta1, rest1, beta2, rest2, step, rootCorrection, epsilon,
  );
}

/** The same for rows [begin, end) of a table whose gradient is zero, and not read, outside the mask. */
export function adamFromRows(
  begin: i32, end: i32, thread: i32, p: usize, g: usize, m: usize, v: usize,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, step: f32, rootCorrection: f32, epsilon: f32,
  mask: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    const place = <usize>row * stride;
    if (load<i32>(at(mask, row))) {
      adamSpan(
        p + place, g + place, m + place, v + place, width, true,
        beta1, rest1, beta2, rest2, step, rootCorrection, epsilon,
      );
    } else {
      adamSpan(
        p + place, g, m + place, v + place, width, false,
        beta1, rest1, beta2, rest2, step, rootCorrection, epsilon,
      );
    }
  }
}

/** p −= rate·g */
@inline
function sgdSpan(p: usize, g: usize, count: i32, rate: f32): void {
  const step = f32x4.splat(-rate);
  let rest = count;
  for (; rest >= 4; rest -= 4, p += 16, g += 16) {
    v128.store(p, multiplyAdd(step, v128.load(g), v128.load(p)));
  }
  if (rest > 0) storePart(p, multiplyAdd(step, loadPart(g, rest), loadPart(p, rest)), rest);
}

export function sgd(
  begin: i32, end: i32, thread: i32, p: usize, g: usize, rate: f32,
): void {
  sgdSpan(at(p, begin), at(g, begin), end - begin, rate);
}

export function sgdOnRows(
  begin: i32, end: i32, thread: i32, p: usize, g: usize, rate: f32, list: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let n = begin; n < end; n++) {
    const place = <usize>load<i32>(at(list, n)) * stride;
    sgdSpan(p + place, g + place, width, rate);
  }
}

/** s += g², p −= rate·g / (√s + ε) */
@inline
function adagradSpan(p: usize, g: usize, s: usize, count: i32, rate: f32, epsilon: f32): void {
  const step = f32x4.splat(rate), floor = f32x4.splat(epsilon);
  for (let rest = count; rest > 0; rest -= 4, p += 16, g += 16, s += 16) {
    const whole = rest >= 4;
    const gradient = whole ? v128.load(g) : loadPart(g, rest);
    const value = whole ? v128.load(p) : loadPart(p, rest);
    const squares = multiplyAdd(gradient, gradient, whole ? v128.load(s) : loadPart(s, rest));
    const root = f32x4.add(f32x4.sqrt(squares), floor);
    const updated = f32x4.sub(value, f32x4.div(f32x4.mul(step, gradient), root));
    if (whole) {
      v128.store(s, squares);
      v128.store(p, updated);
    } else {
      storePart(s, squares, rest);
      storePart(p, updated, rest);
    }
  }
}

export function adagrad(
  begin: i32, end: i32, thread: i32, p: usize, g: usize, s: usize, rate: f32, epsilon: f32,
): void {
  adagradSpan(at(p, begin), at(g, begin), at(s, begin), end - begin, rate, epsilon);
}

export function adagradOnRows(
  begin: i32, end: i32, thread: i32,
  p: usize, g: usize, s: usize, rate: f32, epsilon: f32, list: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let n = begin; n < end; n++) {
    const place = <usize>load<i32>(at(list, n)) * stride;
    adagradSpan(p + place, g + place, s + place, width, rate, epsilon);
  }
}
