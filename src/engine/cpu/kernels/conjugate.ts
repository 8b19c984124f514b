/**
 * The systems of `least-squares.ts` by a few steps of conjugate gradients from
 * the row as it is (Takács, Pilászy & Tikk, "Applications of the conjugate gradient
 * method for implicit feedback collaborative filtering", RecSys 2011), with D as
 * preconditioner. No matrix is formed: a step reads each neighbour's row once.
 */

import { at, loadPart, multiplyAdd, sumLanes } from "./lanes";
import { sumsOfFour } from "./packed";

/**
 * out += Σ_i s_i·y_i with s_i = w_i·(y_i·p), or b_i − w_i·(y_i·p) where `targets` is given;
 * for four neighbours, of which `count` exist.
 */
@inline
function applyFour(
  out: usize, p: usize, columns: usize, w: v128, b: v128, hasTargets: bool, count: i32,
  table: usize, width: i32,
): void {
  const stride = (<usize>width) << 2;
  const r0 = table + <usize>load<i32>(columns) * stride;
  const r1 = count > 1 ? table + <usize>load<i32>(columns, 4) * stride : r0;
  const r2 = count > 2 ? table + <usize>load<i32>(columns, 8) * stride : r0;
  const r3 = count > 3 ? table + <usize>load<i32>(columns, 12) * stride : r0;
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (let k: usize = 0; k < stride; k += 32) {
    const low = v128.load(p + k), high = v128.load(p + k, 16);
    a0 = multiplyAdd(low, v128.load(r0 + k), a0);
    a1 = multiplyAdd(low, v128.load(r1 + k), a1);
    a2 = multiplyAdd(low, v128.load(r2 + k), a2);
    a3 = multiplyAdd(low, v128.load(r3 + k), a3);
    b0 = multiplyAdd(high, v128.load(r0 + k, 16), b0);
    b1 = multiplyAdd(high, v128.load(r1 + k, 16), b1);
    b2 = multiplyAdd(high, v128.load(r2 + k, 16), b2);
    b3 = multiplyAdd(high, v128.load(r3 + k, 16), b3);
  }
  const dots = sumsOfFour(
    f32x4.add(a0, b0), f32x4.add(a1, b1), f32x4.add(a2, b2), f32x4.add(a3, b3),
  );
  let s = f32x4.mul(w, dots);
  if (hasTargets) s = f32x4.sub(b, s);
  const s0 = v128.shuffle<i32>(s, s, 0, 0, 0, 0), s1 = v128.shuffle<i32>(s, s, 1, 1, 1, 1);
  const s2 = v128.shuffle<i32>(s, s, 2, 2, 2, 2), s3 = v128.shuffle<i32>(s, s, 3, 3, 3, 3);
  for (let k: usize = 0; k < stride; k += 32) {
    let low = v128.load(out + k), high = v128.load(out + k, 16);
    low = multiplyAdd(s0, v128.load(r0 + k), low);
    high = multiplyAdd(s0, v128.load(r0 + k, 16), high);
    low = multiplyAdd(s1, v128.load(r1 + k), low);
    high = multiplyAdd(s1, v128.load(r1 + k, 16), high);
    low = multiplyAdd(s2, v128.load(r2 + k), low);
    high = multiplyAdd(s2, v128.load(r2 + k, 16), high);
    low = multiplyAdd(s3, v128.load(r3 + k), low);
    high = multiplyAdd(s3, v128.load(r3 + k, 16), high);
    v128.store(out + k, low);
    v128.store(out + k, high, 16);
  }
}

/** out += Σ_i s_i·y_i over all neighbours; targets 0 = none. */
function apply(
  out: usize, p: usize, columns: usize, weights: usize, targets: usize, count: i32,
  table: usize, width: i32,
): void {
  const none = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const b = targets ? v128.load(at(targets, i)) : none;
    applyFour(out, p, at(columns, i), v128.load(at(weights, i)), b, targets != 0, 4, table, width);
  }
  const rest = count - i;
  if (rest > 0) {
    const b = targets ? loadPart(at(targets, i), rest) : none;
    applyFour(
      out, p, at(columns, i), loadPart(at(weights, i), rest), b, targets != 0, rest, table, width,
    );
  }
}

/** x·y */
function dot(x: usize, y: usize, width: i32): f32 {
  let low = f32x4.splat(0), high = low;
  for (let c = 0; c < width; c += 8) {
    low = multiplyAdd(v128.load(at(x, c)), v128.load(at(y, c)), low);
    high = multiplyAdd(v128.load(at(x, c), 16), v128.load(at(y, c), 16), high);
  }
  return sumLanes(f32x4.add(low, high));
}

/**
 * Rows first + [begin, end), `steps` steps nearer to their solution; `width` is a multiple of eight.
 * @param scratchBytes per thread: five vectors of `width`
 */
export function improveRows(
  begin: i32, end: i32, thread: i32,
  out: usize, first: i32, indptr: usize, indices: usize, weights: usize, targets: usize,
  table: usize, width: i32, spectrum: usize, ridge: usize, steps: i32,
  scratch: usize, scratchBytes: i32,
): void {
  const stride = (<usize>width) << 2;
  const one = f32x4.splat(1);
  const d = scratch + <usize>thread * <usize>scratchBytes;
  const inverse = d + stride, r = inverse + stride, p = r + stride, image = p + stride;
  for (let unit = begin; unit < end; unit++) {
    const row = first + unit;
    const from = load<i32>(at(indptr, row));
    const count = load<i32>(at(indptr, row), 4) - from;
    const x = out + <usize>row * stride;
    if (count == 0) {
      memory.fill(x, 0, stride);
      continue;
    }
    const near = at(indices, from), w = at(weights, from);
    const lambda = f32x4.splat(load<f32>(at(ridge, row)));
    for (let c = 0; c < width; c += 4) {
      const weight = spectrum ? f32x4.add(v128.load(at(spectrum, c)), lambda) : lambda;
      v128.store(at(d, c), weight);
      v128.store(at(inverse, c), f32x4.div(one, weight));
      v128.store(at(r, c), f32x4.neg(f32x4.mul(weight, v128.load(at(x, c)))));
    }
    apply(r, x, near, w, at(targets, from), count, table, width);
    let sums = f32x4.splat(0);
    for (let c = 0; c < width; c += 4) {
      const residual = v128.load(at(r, c));
      const z = f32x4.mul(residual, v128.load(at(inverse, c)));
      v128.store(at(p, c), z);
      sums = multiplyAdd(residual, z, sums);
    }
    let size = sumLanes(sums);
    for (let step = 0; step < steps && size > 1e-20; step++) {
      for (let c = 0; c < width; c += 4) {
        v128.store(at(image, c), f32x4.mul(v128.load(at(d, c)), v128.load(at(p, c))));
      }
      apply(image, p, near, w, 0, count, table, width);
      const alpha = f32x4.splat(size / dot(p, image, width));
      const minus = f32x4.neg(alpha);
      sums = f32x4.splat(0);
      for (let c = 0; c < width; c += 4) {
        v128.store(at(x, c), multiplyAdd(alpha, v128.load(at(p, c)), v128.load(at(x, c))));
        const residual = multiplyAdd(minus, v128.load(at(image, c)), v128.load(at(r, c)));
        v128.store(at(r, c), residual);
        sums = multiplyAdd(residual, f32x4.mul(residual, v128.load(at(inverse, c))), sums);
      }
      const next = sumLanes(sums);
      const beta = f32x4.splat(next / size);
      for (let c = 0; c < width; c += 4) {
        const z = f32x4.mul(v128.load(at(r, c)), v128.load(at(inverse, c)));
        v128.store(at(p, c), multiplyAdd(beta, v128.load(at(p, c)), z));
      }
      size = next;
    }
  }
}
