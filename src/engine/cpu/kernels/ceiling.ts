/** How fast multiply-adds are where nothing waits for memory. Units are blocks of 64 floats. */

import { at, multiplyAdd, storeEight } from "./lanes";

/** out[block] = 64 chains of `rounds` multiply-adds, sixteen vectors wide. */
export function multiplyAdds(begin: i32, end: i32, thread: i32, out: usize, rounds: i32): void {
  const a = f32x4.splat(0.999), b = f32x4.splat(0.001);
  for (let block = begin; block < end; block++) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    let s8 = s0, s9 = s0, s10 = s0, s11 = s0, s12 = s0, s13 = s0, s14 = s0, s15 = s0;
    for (let round = 0; round < rounds; round++) {
      s0 = multiplyAdd(s0, a, b);
      s1 = multiplyAdd(s1, a, b);
      s2 = multiplyAdd(s2, a, b);
      s3 = multiplyAdd(s3, a, b);
      s4 = multiplyAdd(s4, a, b);
      s5 = multiplyAdd(s5, a, b);
      s6 = multiplyAdd(s6, a, b);
      s7 = multiplyAdd(s7, a, b);
      s8 = multiplyAdd(s8, a, b);
      s9 = multiplyAdd(s9, a, b);
      s10 = multiplyAdd(s10, a, b);
      s11 = multiplyAdd(s11, a, b);
      s12 = multiplyAdd(s12, a, b);
      s13 = multiplyAdd(s13, a, b);
      s14 = multiplyAdd(s14, a, b);
      s15 = multiplyAdd(s15, a, b);
    }
    const place = at(out, block << 6);
    storeEight(place, s0, s1, s2, s3, s4, s5, s6, s7);
    storeEight(place + 128, s8, s9, s10, s11, s12, s13, s14, s15);
  }
}
