/**
 * How fast multiply-adds are where nothing waits for memory: chains s ← a·s + b from 0 in
 * registers. What is multiplied and added comes from outside: V8 builds a vector constant
 * anew at every use, in more instructions than the multiply-add itself takes. Stores have their
 * offsets written out, because V8 then joins all vectors into ones of 256 bits (`wide.ts`).
 */

import { multiplyAdd } from "./lanes";

/**
 * Units are blocks of 48 floats: twelve chains of vectors, as many as the inner loop of a
 * product has (`panels.ts`). With a and b they fit into sixteen registers, and are enough for
 * two multiply-adds a cycle that each take four or five.
 */
export function multiplyAdds12(
  begin: i32, end: i32, thread: i32, out: usize, rounds: i32, a: f32, b: f32,
): void {
  const factor = f32x4.splat(a), addend = f32x4.splat(b);
  for (let block = begin; block < end; block++) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
    let s6 = s0, s7 = s0, s8 = s0, s9 = s0, s10 = s0, s11 = s0;
    for (let round = 0; round < rounds; round++) {
      s0 = multiplyAdd(s0, factor, addend);
      s1 = multiplyAdd(s1, factor, addend);
      s2 = multiplyAdd(s2, factor, addend);
      s3 = multiplyAdd(s3, factor, addend);
      s4 = multiplyAdd(s4, factor, addend);
      s5 = multiplyAdd(s5, factor, addend);
      s6 = multiplyAdd(s6, factor, addend);
      s7 = multiplyAdd(s7, factor, addend);
      s8 = multiplyAdd(s8, factor, addend);
      s9 = multiplyAdd(s9, factor, addend);
      s10 = multiplyAdd(s10, factor, addend);
      s11 = multiplyAdd(s11, factor, addend);
    }
    const place = out + <usize>block * 192;
    v128.store(place, s0);
    v128.store(place, s1, 16);
    v128.store(place, s2, 32);
    v128.store(place, s3, 48);
    v128.store(place, s4, 64);
    v128.store(place, s5, 80);
    v128.store(place, s6, 96);
    v128.store(place, s7, 112);
    v128.store(place, s8, 128);
    v128.store(place, s9, 144);
    v128.store(place, s10, 160);
    v128.store(place, s11, 176);
  }
}

/**
 * Units are blocks of 64 floats: sixteen chains, for processors with more registers, and for
 * 256-bit vectors, of which these make eight chains.
 */
export function multiplyAdds16(
  begin: i32, end: i32, thread: i32, out: usize, rounds: i32, a: f32, b: f32,
): void {
  const factor = f32x4.splat(a), addend = f32x4.splat(b);
  for (let block = begin; block < end; block++) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    let s8 = s0, s9 = s0, s10 = s0, s11 = s0, s12 = s0, s13 = s0, s14 = s0, s15 = s0;
    for (let round = 0; round < rounds; round++) {
      s0 = multiplyAdd(s0, factor, addend);
      s1 = multiplyAdd(s1, factor, addend);
      s2 = multiplyAdd(s2, factor, addend);
      s3 = multiplyAdd(s3, factor, addend);
      s4 = multiplyAdd(s4, factor, addend);
      s5 = multiplyAdd(s5, factor, addend);
      s6 = multiplyAdd(s6, factor, addend);
      s7 = multiplyAdd(s7, factor, addend);
      s8 = multiplyAdd(s8, factor, addend);
      s9 = multiplyAdd(s9, factor, addend);
      s10 = multiplyAdd(s10, factor, addend);
      s11 = multiplyAdd(s11, factor, addend);
      s12 = multiplyAdd(s12, factor, addend);
      s13 = multiplyAdd(s13, factor, addend);
      s14 = multiplyAdd(s14, factor, addend);
      s15 = multiplyAdd(s15, factor, addend);
    }
    const place = out + <usize>block * 256;
    v128.store(place, s0);
    v128.store(place, s1, 16);
    v128.store(place, s2, 32);
    v128.store(place, s3, 48);
    v128.store(place, s4, 64);
    v128.store(place, s5, 80);
    v128.store(place, s6, 96);
    v128.store(place, s7, 112);
    v128.store(place, s8, 128);
    v128.store(place, s9, 144);
    v128.store(place, s10, 160);
    v128.store(place, s11, 176);
    v128.store(place, s12, 192);
    v128.store(place, s13, 208);
    v128.store(place, s14, 224);
    v128.store(place, s15, 240);
  }
}
