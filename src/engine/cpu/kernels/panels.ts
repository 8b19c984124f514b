/**
 * The inner loop of every dense product: rows against a panel of eight columns, packed
 * [k][8]. Twelve accumulators hold six rows' results (Goto & van de Geijn, "Anatomy of
 * high-performance matrix multiplication", 2008). With `keep`, β times what was there is
 * added; `count` columns of the panel exist, eight or more meaning all.
 */

import { loadPart, multiplyAdd, storePart } from "./lanes";

/** target = α·sum (+ β·target) for eight columns, of which `count` exist. */
@inline
function finish(target: usize, low: v128, high: v128, alpha: v128, beta: v128, count: i32, keep: bool): void {
  low = f32x4.mul(alpha, low);
  high = f32x4.mul(alpha, high);
  if (count >= 8) {
    if (keep) {
      low = multiplyAdd(beta, v128.load(target), low);
      high = multiplyAdd(beta, v128.load(target, 16), high);
    }
    v128.store(target, low);
    v128.store(target, high, 16);
    return;
  }
  finishPart(target, low, high, beta, count, keep);
}

/** The same where fewer than eight exist. */
function finishPart(target: usize, low: v128, high: v128, beta: v128, count: i32, keep: bool): void {
  if (count >= 4) {
    v128.store(target, keep ? multiplyAdd(beta, v128.load(target), low) : low);
    target += 16;
    count -= 4;
    low = high;
  }
  if (count > 0) {
    storePart(target, keep ? multiplyAdd(beta, loadPart(target, count), low) : low, count);
  }
}

/** Six rows, `stride` bytes apart, against one panel; the results are `strideC` bytes apart. */
export function rows6(
  a: usize, stride: usize, panel: usize, inner: i32,
  c: usize, strideC: usize, alpha: f32, beta: f32, count: i32, keep: bool,
): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0;
  let d0 = a0, d1 = a0, e0 = a0, e1 = a0, f0 = a0, f1 = a0;
  const p1 = a + stride, p2 = p1 + stride, p3 = p2 + stride, p4 = p3 + stride, p5 = p4 + stride;
  const end = (<usize>inner) << 2;
  for (let k: usize = 0; k < end; k += 4, panel += 32) {
    const low = v128.load(panel);
    const high = v128.load(panel, 16);
    let s = v128.load32_splat(a + k);
    a0 = multiplyAdd(s, low, a0);
    a1 = multiplyAdd(s, high, a1);
    s = v128.load32_splat(p1 + k);
    b0 = multiplyAdd(s, low, b0);
    b1 = multiplyAdd(s, high, b1);
    s = v128.load32_splat(p2 + k);
    c0 = multiplyAdd(s, low, c0);
    c1 = multiplyAdd(s, high, c1);
    s = v128.load32_splat(p3 + k);
    d0 = multiplyAdd(s, low, d0);
    d1 = multiplyAdd(s, high, d1);
    s = v128.load32_splat(p4 + k);
    e0 = multiplyAdd(s, low, e0);
    e1 = multiplyAdd(s, high, e1);
    s = v128.load32_splat(p5 + k);
    f0 = multiplyAdd(s, low, f0);
    f1 = multiplyAdd(s, high, f1);
  }
  const factor = f32x4.splat(alpha), rest = f32x4.splat(beta);
  finish(c, a0, a1, factor, rest, count, keep);
  c += strideC;
  finish(c, b0, b1, factor, rest, count, keep);
  c += strideC;
  finish(c, c0, c1, factor, rest, count, keep);
  c += strideC;
  finish(c, d0, d1, factor, rest, count, keep);
  c += strideC;
  finish(c, e0, e1, factor, rest, count, keep);
  c += strideC;
  finish(c, f0, f1, factor, rest, count, keep);
}

/** One row against one panel: the rows that six does not divide. */
export function row1(
  a: usize, panel: usize, inner: i32, c: usize, alpha: f32, beta: f32, count: i32, keep: bool,
): void {
  let low = f32x4.splat(0), high = low;
  const end = a + ((<usize>inner) << 2);
  for (; a < end; a += 4, panel += 32) {
    const s = v128.load32_splat(a);
    low = multiplyAdd(s, v128.load(panel), low);
    high = multiplyAdd(s, v128.load(panel, 16), high);
  }
  finish(c, low, high, f32x4.splat(alpha), f32x4.splat(beta), count, keep);
}
