/**
 * Functions of one argument and their gradients. Units are elements; the
 * functions' numbers are their places in the dispatcher's list.
 */

import { exponential, logarithm, sigmoid, softplus, tangent } from "./functions";
import { all, at, loadPart, multiplyAdd, storePart } from "./lanes";

const RELU: i32 = 0;
const LEAKY_RELU: i32 = 1;
const SIGMOID: i32 = 2;
const TANH: i32 = 3;
const SOFTPLUS: i32 = 4;
const EXP: i32 = 5;
const LOG: i32 = 6;
const SQUARE: i32 = 7;
const SQRT: i32 = 8;

const LEAK = memory.data<f32>([0.2]);
const ONE = memory.data<f32>([1]);
const HALF = memory.data<f32>([0.5]);

@inline
function applied(f: i32, x: v128): v128 {
  if (f == RELU) return f32x4.pmax(x, f32x4.splat(0));
  if (f == LEAKY_RELU) {
    return v128.bitselect(f32x4.mul(x, all(LEAK)), x, f32x4.lt(x, f32x4.splat(0)));
  }
  if (f == SIGMOID) return sigmoid(x);
  if (f == TANH) return tangent(x);
  if (f == SOFTPLUS) return softplus(x);
  if (f == EXP) return exponential(x);
  if (f == LOG) return logarithm(x);
  if (f == SQUARE) return f32x4.mul(x, x);
  return f32x4.sqrt(x);
}

@inline
function applyAll(f: i32, begin: i32, end: i32, out: usize, x: usize): void {
  let target = at(out, begin), source = at(x, begin);
  let rest = end - begin;
  for (; rest >= 4; rest -= 4, target += 16, source += 16) {
    v128.store(target, applied(f, v128.load(source)));
  }
  if (rest > 0) storePart(target, applied(f, loadPart(source, rest)), rest);
}

/** out = f(x); the function is told apart once, outside the loop. */
export function unary(
  begin: i32, end: i32, thread: i32, f: i32, out: usize, x: usize,
): void {
  if (f == RELU) applyAll(RELU, begin, end, out, x);
  else if (f == LEAKY_RELU) applyAll(LEAKY_RELU, begin, end, out, x);
  else if (f == SIGMOID) applyAll(SIGMOID, begin, end, out, x);
  else if (f == TANH) applyAll(TANH, begin, end, out, x);
  else if (f == SOFTPLUS) applyAll(SOFTPLUS, begin, end, out, x);
  else if (f == EXP) applyAll(EXP, begin, end, out, x);
  else if (f == LOG) applyAll(LOG, begin, end, out, x);
  else if (f == SQUARE) applyAll(SQUARE, begin, end, out, x);
  else applyAll(SQRT, begin, end, out, x);
}

/** f′(x), from x or from y = f(x), whichever is cheaper. At 0 both ReLUs take the slope of the left side. */
@inline
function slope(f: i32, x: v128, y: v128): v128 {
  const one = all(ONE);
  if (f == RELU) return v128.and(f32x4.gt(x, f32x4.splat(0)), one);
  if (f == LEAKY_RELU) {
    return v128.bitselect(one, all(LEAK), f32x4.gt(x, f32x4.splat(0)));
  }
  if (f == SIGMOID) return f32x4.mul(y, f32x4.sub(one, y));
  if (f == TANH) return f32x4.sub(one, f32x4.mul(y, y));
  if (f == SOFTPLUS) return sigmoid(x);
  if (f == EXP) return y;
  if (f == LOG) return f32x4.div(one, x);
  if (f == SQUARE) return f32x4.add(x, x);
  return f32x4.div(all(HALF), y);
}

@inline
function slopeAll(
  f: i32, begin: i32, end: i32, gradX: usize, gradY: usize, x: usize, y: usize,
): void {
  let target = at(gradX, begin), flow = at(gradY, begin);
  let input = at(x, begin), output = at(y, begin);
  let rest = end - begin;
  for (; rest >= 4; rest -= 4, target += 16, flow += 16, input += 16, output += 16) {
    const factor = slope(f, v128.load(input), v128.load(output));
    v128.store(target, multiplyAdd(v128.load(flow), factor, v128.load(target)));
  }
  if (rest > 0) {
    const factor = slope(f, loadPart(input, rest), loadPart(output, rest));
    storePart(target, multiplyAdd(loadPart(flow, rest), factor, loadPart(target, rest)), rest);
  }
}

/** gradX += gradY·f′(x) */
export function unaryGradient(
  begin: i32, end: i32, thread: i32,
  f: i32, gradX: usize, gradY: usize, x: usize, y: usize,
): void {
  if (f == RELU) slopeAll(RELU, begin, end, gradX, gradY, x, y);
  else if (f == LEAKY_RELU) slopeAll(LEAKY_RELU, begin, end, gradX, gradY, x, y);
  else if (f == SIGMOID) slopeAll(SIGMOID, begin, end, gradX, gradY, x, y);
  else if (f == TANH) slopeAll(TANH, begin, end, gradX, gradY, x, y);
  else if (f == SOFTPLUS) slopeAll(SOFTPLUS, begin, end, gradX, gradY, x, y);
  else if (f == EXP) slopeAll(EXP, begin, end, gradX, gradY, x, y);
  else if (f == LOG) slopeAll(LOG, begin, end, gradX, gradY, x, y);
  else if (f == SQUARE) slopeAll(SQUARE, begin, end, gradX, gradY, x, y);
  else slopeAll(SQRT, begin, end, gradX, gradY, x, y);
}
