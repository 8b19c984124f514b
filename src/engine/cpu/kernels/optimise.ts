/**
 * Updates of parameters. Each comes for elements [begin, end) of a whole tensor
 * and for rows list[begin … end) of a table; both go through the same code.
 */

import { at, loadPart, multiplyAdd, storePart } from "./lanes";

/** p −= step·m / (√v·rootCorrection + ε) with the running means m of g and v of g². */
@inline
export function adamSpan(
  p: usize, g: usize, m: usize, v: usize, count: i32,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, step: f32, rootCorrection: f32, epsilon: f32,
): void {
  const keep1 = f32x4.splat(beta1), take1 = f32x4.splat(rest1);
  const keep2 = f32x4.splat(beta2), take2 = f32x4.splat(rest2);
  const size = f32x4.splat(step), correction = f32x4.splat(rootCorrection);
  const floor = f32x4.splat(epsilon);
  for (let rest = count; rest > 0; rest -= 4, p += 16, g += 16, m += 16, v += 16) {
    const whole = rest >= 4;
    const gradient = whole ? v128.load(g) : loadPart(g, rest);
    let mean = whole ? v128.load(m) : loadPart(m, rest);
    let variance = whole ? v128.load(v) : loadPart(v, rest);
    const value = whole ? v128.load(p) : loadPart(p, rest);
    mean = multiplyAdd(keep1, mean, f32x4.mul(take1, gradient));
    variance = multiplyAdd(keep2, variance, f32x4.mul(take2, f32x4.mul(gradient, gradient)));
    const root = multiplyAdd(f32x4.sqrt(variance), correction, floor);
    const updated = f32x4.sub(value, f32x4.div(f32x4.mul(size, mean), root));
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
    at(p, begin), at(g, begin), at(m, begin), at(v, begin), end - begin,
    beta1, rest1, beta2, rest2, step, rootCorrection, epsilon,
  );
}

export function adamOnRows(
  begin: i32, end: i32, thread: i32, p: usize, g: usize, m: usize, v: usize,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, step: f32, rootCorrection: f32, epsilon: f32,
  list: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  for (let n = begin; n < end; n++) {
    const place = <usize>load<i32>(at(list, n)) * stride;
    adamSpan(
      p + place, g + place, m + place, v + place, width,
      beta1, rest1, beta2, rest2, step, rootCorrection, epsilon,
    );
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
