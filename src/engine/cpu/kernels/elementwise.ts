/**
 * Kernels on single elements; units are elements, of `dropout` blocks of eight.
 * Every loop works on four at a time and finishes with a part of four. Where a
 * function is picked by number, it is told apart once, outside the loop.
 */

import { at, loadPart, multiplyAdd, storePart } from "./lanes";
import { philox, word0, word1, word2, word3 } from "./random";

/** Writes the same 32 bits everywhere: floats and integers alike. */
export function fill(begin: i32, end: i32, thread: i32, out: usize, bits: i32): void {
  if (bits == 0) {
    memory.fill(at(out, begin), 0, (<usize>(end - begin)) << 2);
    return;
  }
  const value = i32x4.splat(bits);
  let place = at(out, begin);
  let rest = end - begin;
  for (; rest >= 4; rest -= 4, place += 16) v128.store(place, value);
  if (rest > 0) storePart(place, value, rest);
}

/** out = a·x */
export function scale(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, a: f32,
): void {
  const factor = f32x4.splat(a);
  let target = at(out, begin), source = at(x, begin);
  let rest = end - begin;
  for (; rest >= 4; rest -= 4, source += 16, target += 16) {
    v128.store(target, f32x4.mul(factor, v128.load(source)));
  }
  if (rest > 0) storePart(target, f32x4.mul(factor, loadPart(source, rest)), rest);
}

/** out = a·x + b·out */
export function scaleAdd(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, a: f32, b: f32,
): void {
  const factor = f32x4.splat(a), keep = f32x4.splat(b);
  let target = at(out, begin), source = at(x, begin);
  let rest = end - begin;
  for (; rest >= 4; rest -= 4, source += 16, target += 16) {
    const kept = f32x4.mul(keep, v128.load(target));
    v128.store(target, multiplyAdd(factor, v128.load(source), kept));
  }
  if (rest > 0) {
    const kept = f32x4.mul(keep, loadPart(target, rest));
    storePart(target, multiplyAdd(factor, loadPart(source, rest), kept), rest);
  }
}

const ADD: i32 = 0;
const SUBTRACT: i32 = 1;
const MULTIPLY: i32 = 2;
const DIVIDE: i32 = 3;

@inline
function combined(f: i32, a: v128, b: v128): v128 {
  if (f == ADD) return f32x4.add(a, b);
  if (f == SUBTRACT) return f32x4.sub(a, b);
  if (f == MULTIPLY) return f32x4.mul(a, b);
  return f32x4.div(a, b);
}

@inline
function combineAll(f: i32, begin: i32, end: i32, out: usize, a: usize, b: usize): void {
  let target = at(out, begin), left = at(a, begin), right = at(b, begin);
  let rest = end - begin;
  for (; rest >= 4; rest -= 4, target += 16, left += 16, right += 16) {
    v128.store(target, combined(f, v128.load(left), v128.load(right)));
  }
  if (rest > 0) {
    storePart(target, combined(f, loadPart(left, rest), loadPart(right, rest)), rest);
  }
}

/** out = a + b, a − b, a·b or a / b; the numbers are the places in the dispatcher's list. */
export function binary(
  begin: i32, end: i32, thread: i32, f: i32, out: usize, a: usize, b: usize,
): void {
  if (f == ADD) combineAll(ADD, begin, end, out, a, b);
  else if (f == SUBTRACT) combineAll(SUBTRACT, begin, end, out, a, b);
  else if (f == MULTIPLY) combineAll(MULTIPLY, begin, end, out, a, b);
  else combineAll(DIVIDE, begin, end, out, a, b);
}

/** out += c·a·b */
export function addProduct(
  begin: i32, end: i32, thread: i32, out: usize, a: usize, b: usize, c: f32,
): void {
  const factor = f32x4.splat(c);
  let target = at(out, begin), left = at(a, begin), right = at(b, begin);
  let rest = end - begin;
  for (; rest >= 4; rest -= 4, target += 16, left += 16, right += 16) {
    const scaled = f32x4.mul(factor, v128.load(left));
    v128.store(target, multiplyAdd(scaled, v128.load(right), v128.load(target)));
  }
  if (rest > 0) {
    const scaled = f32x4.mul(factor, loadPart(left, rest));
    storePart(target, multiplyAdd(scaled, loadPart(right, rest), loadPart(target, rest)), rest);
  }
}

/** out = x + s[0], for a single number that lies on the device. */
export function addNumber(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, s: usize,
): void {
  const number = v128.load32_splat(s);
  let target = at(out, begin), source = at(x, begin);
  let rest = end - begin;
  for (; rest >= 4; rest -= 4, target += 16, source += 16) {
    v128.store(target, f32x4.add(v128.load(source), number));
  }
  if (rest > 0) storePart(target, f32x4.add(loadPart(source, rest), number), rest);
}

/** Third counter word of the blocks that dropout draws, so that no other draw has the same counter. */
const DROPOUT_COUNTER: u32 = 0xd120;

/**
 * Blocks [begin, end) of eight elements: x·factor where the element's half of a word
 * is at least `threshold`, else 0.
 */
export function dropout(
  begin: i32, end: i32, thread: i32,
  out: usize, x: usize, size: i32, threshold: i32, factor: f32, key0: u32, key1: u32, draw: u32,
): void {
  const scaling = f32x4.splat(factor), limit = i16x8.splat(<i16>threshold);
  for (let block = begin; block < end; block++) {
    philox(key0, key1, block, draw, DROPOUT_COUNTER, 0);
    let words = i32x4.splat(word0);
    words = i32x4.replace_lane(words, 1, word1);
    words = i32x4.replace_lane(words, 2, word2);
    words = i32x4.replace_lane(words, 3, word3);
    const kept = i16x8.ge_u(words, limit);
    const first = block << 3;
    thin(out, x, first, size, i32x4.extend_low_i16x8_s(kept), scaling);
    thin(out, x, first + 4, size, i32x4.extend_high_i16x8_s(kept), scaling);
  }
}

/** Four elements from `first` on, of which those before `size` exist. */
@inline
function thin(out: usize, x: usize, first: i32, size: i32, kept: v128, scaling: v128): void {
  const rest = size - first;
  const source = at(x, first), target = at(out, first);
  if (rest >= 4) {
    v128.store(target, v128.and(kept, f32x4.mul(scaling, v128.load(source))));
  } else if (rest > 0) {
    storePart(target, v128.and(kept, f32x4.mul(scaling, loadPart(source, rest))), rest);
  }
}
