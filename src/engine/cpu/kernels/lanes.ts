/**
 * Four floats at a time: addresses, fused multiply-add, and the ends of rows
 * that four does not divide. The ends go through the same vector code as the
 * rest, so that an element's bits do not depend on where a chunk was cut.
 */

/** Address of element `index` of an array of 4-byte elements. */
@inline
export function at(x: usize, index: i32): usize {
  return x + ((<usize>index) << 2);
}

/**
 * The four bytes at an address in all four lanes. Constants of inner loops lie in memory: V8 builds a
 * vector constant anew at every use, in three or four instructions, while loading it takes one.
 */
@inline
export function all(constant: usize): v128 {
  return v128.load32_splat(constant);
}

/** a·b + acc, fused where the binary has relaxed SIMD. */
@inline
export function multiplyAdd(a: v128, b: v128, acc: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, acc);
  return f32x4.add(acc, f32x4.mul(a, b));
}

/** The first `count` (1 … 3) floats, then zeros. */
export function loadPart(x: usize, count: i32): v128 {
  let value = v128.load32_zero(x);
  if (count > 1) value = v128.load32_lane(x, value, 1, 4);
  if (count > 2) value = v128.load32_lane(x, value, 2, 8);
  return value;
}

/** Writes the first `count` (1 … 3) floats. */
export function storePart(x: usize, value: v128, count: i32): void {
  v128.store32_lane(x, value, 0);
  if (count > 1) v128.store32_lane(x, value, 1, 4);
  if (count > 2) v128.store32_lane(x, value, 2, 8);
}

/** Writes the columns of four rows of four as rows, `stride` bytes apart. */
@inline
export function storeTransposed(
  target: usize, stride: usize, r0: v128, r1: v128, r2: v128, r3: v128,
): void {
  const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<i32>(low01, low23, 0, 1, 4, 5));
  v128.store(target + stride, v128.shuffle<i32>(low01, low23, 2, 3, 6, 7));
  v128.store(target + 2 * stride, v128.shuffle<i32>(high01, high23, 0, 1, 4, 5));
  v128.store(target + 3 * stride, v128.shuffle<i32>(high01, high23, 2, 3, 6, 7));
}

/** Writes sixteen floats, one vector after the other. */
@inline
export function storeFour(x: usize, a0: v128, a1: v128, a2: v128, a3: v128): void {
  v128.store(x, a0);
  v128.store(x, a1, 16);
  v128.store(x, a2, 32);
  v128.store(x, a3, 48);
}

/** Writes thirty-two floats, one vector after the other. */
@inline
export function storeEight(
  x: usize, a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, a5: v128, a6: v128, a7: v128,
): void {
  storeFour(x, a0, a1, a2, a3);
  storeFour(x + 64, a4, a5, a6, a7);
}

/**
 * target (+)= factor·x for eight floats x. The branch holds the stores, not the values alone, because
 * V8 joins both vectors to one of 256 bits only then (`wide.ts`).
 */
@inline
export function putEight(target: usize, factor: v128, low: v128, high: v128, accumulate: i32): void {
  if (accumulate) {
    const sum0 = multiplyAdd(factor, low, v128.load(target));
    const sum1 = multiplyAdd(factor, high, v128.load(target, 16));
    v128.store(target, sum0);
    v128.store(target, sum1, 16);
  } else {
    v128.store(target, multiplyAdd(factor, low, f32x4.splat(0)));
    v128.store(target, multiplyAdd(factor, high, f32x4.splat(0)), 16);
  }
}

/** Sum of the four lanes. */
@inline
export function sumLanes(x: v128): f32 {
  return (
    (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** Largest of the four lanes. */
@inline
export function largestLane(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  );
}
