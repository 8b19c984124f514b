/**
 * Philox-4x32-10, the same function as `base/random.ts`, and a pseudo-random
 * permutation for visiting interactions in a fresh order each epoch without
 * storing that order.
 */

import { at, storePart, storeTransposed } from "./lanes";

/** The four words of the last block; globals of an instance belong to one thread. */
export let word0: u32 = 0;
export let word1: u32 = 0;
export let word2: u32 = 0;
export let word3: u32 = 0;

export function philox(key0: u32, key1: u32, c0: u32, c1: u32, c2: u32, c3: u32): void {
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>0xd2511f53 * <u64>c0;
    const product1 = <u64>0xcd9e8d57 * <u64>c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ key0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ key1;
    c3 = <u32>product0;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** Lower halves of four products. */
@inline
function lowWords(p: v128, q: v128): v128 {
  return v128.shuffle<i32>(p, q, 0, 2, 4, 6);
}

/** Upper halves of four products. */
@inline
function highWords(p: v128, q: v128): v128 {
  return v128.shuffle<i32>(p, q, 1, 3, 5, 7);
}

/** `scaleWord` of four words. */
@inline
function scaleWords(words: v128, bound: u32): v128 {
  const factor = i32x4.splat(bound);
  return highWords(i64x2.extmul_low_i32x4_u(words, factor), i64x2.extmul_high_i32x4_u(words, factor));
}

/**
 * Eight blocks, two times four in turn, because each round waits for the one before.
 * @param c, d third and fourth counter words of the first four blocks
 * @param g, h the same of the last four
 * @param first a constant of the caller's: of each block `scaleWord` of its first word alone, not all four
 */
@inline
function eightBlocks(
  out: usize, key0: u32, key1: u32, c0: u32, c1: u32, c: v128, d: v128, g: v128, h: v128, first: bool, bound: u32,
): void {
  const factor0 = i32x4.splat(0xd2511f53), factor1 = i32x4.splat(0xcd9e8d57);
  let a = i32x4.splat(c0), b = i32x4.splat(c1);
  let e = a, f = b;
  for (let round = 0; round < 10; round++) {
    const k0 = i32x4.splat(key0), k1 = i32x4.splat(key1);
    const p0 = i64x2.extmul_low_i32x4_u(a, factor0), q0 = i64x2.extmul_high_i32x4_u(a, factor0);
    const p1 = i64x2.extmul_low_i32x4_u(c, factor1), q1 = i64x2.extmul_high_i32x4_u(c, factor1);
    const p2 = i64x2.extmul_low_i32x4_u(e, factor0), q2 = i64x2.extmul_high_i32x4_u(e, factor0);
    const p3 = i64x2.extmul_low_i32x4_u(g, factor1), q3 = i64x2.extmul_high_i32x4_u(g, factor1);
    a = v128.xor(v128.xor(highWords(p1, q1), b), k0);
    b = lowWords(p1, q1);
    c = v128.xor(v128.xor(highWords(p0, q0), d), k1);
    d = lowWords(p0, q0);
    e = v128.xor(v128.xor(highWords(p3, q3), f), k0);
    f = lowWords(p3, q3);
    g = v128.xor(v128.xor(highWords(p2, q2), h), k1);
    h = lowWords(p2, q2);
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  if (first) {
    v128.store(out, scaleWords(a, bound));
    v128.store(out, scaleWords(e, bound), 16);
  } else {
    // Word beside word lie the same words of four blocks.
    storeTransposed(out, 16, a, b, c, d);
    storeTransposed(out + 64, 16, e, f, g, h);
  }
}

/** out[n] = `scaleWord` of the first words of eight blocks that differ in c2: c2 … c2 + 7. */
@inline
export function scaledFirstWords(
  out: usize, key0: u32, key1: u32, c0: u32, c1: u32, c2: u32, c3: u32, bound: u32,
): void {
  const c = i32x4.add(i32x4.splat(c2), i32x4(0, 1, 2, 3)), d = i32x4.splat(c3);
  eightBlocks(out, key0, key1, c0, c1, c, d, i32x4.add(c, i32x4.splat(4)), d, true, bound);
}

/** out[0 … 31] = the words of the blocks whose fourth counter word is c3, c3 + 4 … c3 + 28. */
@inline
export function wordsOfEightBlocks(
  out: usize, key0: u32, key1: u32, c0: u32, c1: u32, c2: u32, c3: u32,
): void {
  const c = i32x4.splat(c2), d = i32x4.add(i32x4.splat(c3), i32x4(0, 4, 8, 12));
  eightBlocks(out, key0, key1, c0, c1, c, d, c, i32x4.add(d, i32x4.splat(16)), false, 0);
}

/** Maps a word to [0, bound). */
@inline
export function scaleWord(word: u32, bound: u32): u32 {
  return <u32>((<u64>word * <u64>bound) >> 32);
}

/** Finaliser of MurmurHash3: the round function of the permutation. */
@inline
function mix(value: v128): v128 {
  value = i32x4.mul(v128.xor(value, i32x4.shr_u(value, 16)), i32x4.splat(0x85ebca6b));
  value = i32x4.mul(v128.xor(value, i32x4.shr_u(value, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(value, i32x4.shr_u(value, 16));
}

/** Six rounds of a Feistel network on four numbers, each of two halves that `mask` is as long as. */
@inline
function feistel(value: v128, half: i32, mask: v128, key0: u32, key1: u32): v128 {
  let left = i32x4.shr_u(value, half);
  let right = v128.and(value, mask);
  for (let round: u32 = 0; round < 6; round++) {
    const key = i32x4.splat(key0 + round * 0x9e3779b9 + (key1 ^ (round << 27)));
    const next = v128.xor(left, v128.and(mix(i32x4.add(right, key)), mask));
    left = right;
    right = next;
  }
  return v128.or(i32x4.shl(left, half), right);
}

/** Writes the first `count` of four integers; none where it is not positive. */
@inline
function storeUpTo(x: usize, value: v128, count: i32): void {
  if (count >= 4) v128.store(x, value);
  else if (count > 0) storePart(x, value, count);
}

/**
 * out[n] = place first + n of a permutation of [0, length), for n of [begin, end): a six-round
 * Feistel network on the next even number of bits, walked along its cycle until it falls inside
 * (Black & Rogaway, "Ciphers with arbitrary finite domains", 2002). Sixteen walk until the last is
 * inside: one alone would keep the processor waiting at every round, and guessing where it ends.
 */
export function permuteRun(
  out: usize, begin: i32, end: i32, first: u32, length: u32, key0: u32, key1: u32,
): void {
  const half = (32 - <i32>clz(length - 1) + 1) >> 1;
  const mask = i32x4.splat((1 << half) - 1);
  const bound = i32x4.splat(length);
  // Beyond the last place a walk need not end.
  const last = i32x4.splat(length - 1);
  for (let n = begin; n < end; n += 16) {
    const start = i32x4.add(i32x4.splat(first + <u32>n), i32x4(0, 1, 2, 3));
    let a = i32x4.min_u(start, last);
    let b = i32x4.min_u(i32x4.add(start, i32x4.splat(4)), last);
    let c = i32x4.min_u(i32x4.add(start, i32x4.splat(8)), last);
    let d = i32x4.min_u(i32x4.add(start, i32x4.splat(12)), last);
    let outsideA = i32x4.splat(-1), outsideB = outsideA, outsideC = outsideA, outsideD = outsideA;
    do {
      a = v128.bitselect(feistel(a, half, mask, key0, key1), a, outsideA);
      b = v128.bitselect(feistel(b, half, mask, key0, key1), b, outsideB);
      c = v128.bitselect(feistel(c, half, mask, key0, key1), c, outsideC);
      d = v128.bitselect(feistel(d, half, mask, key0, key1), d, outsideD);
      outsideA = i32x4.ge_u(a, bound);
      outsideB = i32x4.ge_u(b, bound);
      outsideC = i32x4.ge_u(c, bound);
      outsideD = i32x4.ge_u(d, bound);
    } while (v128.any_true(v128.or(v128.or(outsideA, outsideB), v128.or(outsideC, outsideD))));
    const place = at(out, n);
    const count = end - n;
    storeUpTo(place, a, count);
    storeUpTo(place + 16, b, count - 4);
    storeUpTo(place + 32, c, count - 8);
    storeUpTo(place + 48, d, count - 12);
  }
}

/** Writes philox blocks, four words each, with c0 = unit; for the test against TypeScript. */
export function philoxBlocks(begin: i32, end: i32, thread: i32, out: usize, key0: u32, key1: u32, c1: u32, c2: u32, c3: u32): void {
  for (let unit = begin; unit < end; unit++) {
    philox(key0, key1, unit, c1, c2, c3);
    const place = out + (<usize>unit << 4);
    store<u32>(place, word0);
    store<u32>(place, word1, 4);
    store<u32>(place, word2, 8);
    store<u32>(place, word3, 12);
  }
}

/** Uniform in (0, 1) from a word. */
@inline
function open(word: u32): f64 {
  return (<f64>word + 0.5) * 2.3283064365386963e-10;
}

/** Blocks [begin, end) of four normal numbers (Box–Muller) of a table of `size` elements. */
export function fillNormal(
  begin: i32, end: i32, thread: i32, out: usize, size: i32, deviation: f32, key0: u32, key1: u32, draw: u32,
): void {
  for (let block = begin; block < end; block++) {
    philox(key0, key1, block, draw, 0, 0);
    const radius0 = <f64>deviation * Math.sqrt(-2 * Math.log(open(word0)));
    const radius1 = <f64>deviation * Math.sqrt(-2 * Math.log(open(word2)));
    const angle0 = 6.283185307179586 * open(word1);
    const angle1 = 6.283185307179586 * open(word3);
    const first = block * 4;
    const place = out + ((<usize>first) << 2);
    store<f32>(place, <f32>(radius0 * Math.cos(angle0)));
    if (first + 1 < size) store<f32>(place, <f32>(radius0 * Math.sin(angle0)), 4);
    if (first + 2 < size) store<f32>(place, <f32>(radius1 * Math.cos(angle1)), 8);
    if (first + 3 < size) store<f32>(place, <f32>(radius1 * Math.sin(angle1)), 12);
  }
}

/** Blocks [begin, end) of four numbers uniform in (−bound, bound). */
export function fillUniform(
  begin: i32, end: i32, thread: i32, out: usize, size: i32, bound: f32, key0: u32, key1: u32, draw: u32,
): void {
  for (let block = begin; block < end; block++) {
    philox(key0, key1, block, draw, 0, 0);
    const first = block * 4;
    const place = out + ((<usize>first) << 2);
    store<f32>(place, bound * <f32>(2 * open(word0) - 1));
    if (first + 1 < size) store<f32>(place, bound * <f32>(2 * open(word1) - 1), 4);
    if (first + 2 < size) store<f32>(place, bound * <f32>(2 * open(word2) - 1), 8);
    if (first + 3 < size) store<f32>(place, bound * <f32>(2 * open(word3) - 1), 12);
  }
}
