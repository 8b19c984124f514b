/**
 * Orthonormal columns by Cholesky: Y = Q·R with R the Cholesky factor of YᵀY
 * (CholeskyQR), repeated until Qᵀ·Q is the identity (Yamamoto, Nakatsukasa,
 * Yanagisawa & Fukaya, "Roundoff error analysis of the CholeskyQR2 algorithm",
 * 2015). The tall products are the device's; the small factor is computed here in
 * double precision. Columns that depend on others start as their rounding noise
 * and become orthogonal in the repetitions; a column of zeros stays one.
 *
 * @module
 */

import { type Device, readFloats } from "./device.ts";
import type { Tensor } from "./tensor.ts";

/** Least squared length, of 1, that a column may keep after its projection on the earlier ones. */
const leastPivot = 1e-5;
/** How near to the identity Qᵀ·Q is brought: some roundings of 32-bit floats. */
const nearIdentity = 1e-5;
const mostPasses = 5;

/**
 * Makes the columns of y orthonormal.
 * @param y m × l, overwritten or used as scratch
 * @param spare m × l, likewise
 * @param passes "one" = well-conditioned is enough, as between power iterations
 * @returns q, which of the two tensors holds Q, and r, l × l and upper triangular, with Y = Q·R
 */
export async function orthonormalise(
  device: Device,
  y: Tensor,
  spare: Tensor,
  passes: "one" | "all",
): Promise<{ readonly q: Tensor; readonly r: Float64Array }> {
  const width = y.shape[1]!;
  let [q, other] = [y, spare];
  let r: Float64Array | null = null;
  for (let pass = 0; pass < (passes === "one" ? 1 : mostPasses); pass++) {
    const gram = await gramOf(device, q, width);
    if (pass > 0 && isIdentity(gram, width)) break;
    const { factor, inverse } = choleskyFactor(gram, width);
    const mark = device.mark();
    const small = device.upload([width, width], Float32Array.from(inverse));
    device.kernels.matmul(other, q, small, false, false, 1, 0);
    device.release(mark);
    [q, other] = [other, q];
    r = r === null ? factor : upperProduct(factor, r, width);
  }
  return { q, r: r! };
}

async function gramOf(device: Device, y: Tensor, width: number): Promise<Float64Array> {
  const mark = device.mark();
  const gram = device.allocate([width, width]);
  device.kernels.matmul(gram, y, y, true, false, 1, 0);
  const found = Float64Array.from(await readFloats(device, gram));
  device.release(mark);
  return found;
}

/** Whether every diagonal element is 1 (or 0, for a column of zeros) and every other one 0. */
function isIdentity(gram: Float64Array, width: number): boolean {
  return gram.every((value, at) => {
    const onDiagonal = Math.floor(at / width) === at % width;
    return Math.abs(onDiagonal && value !== 0 ? value - 1 : value) <= nearIdentity;
  });
}

/** Upper triangular R with RᵀR = gram, as far as its pivots are large enough, and R⁻¹. */
function choleskyFactor(
  gram: Float64Array,
  width: number,
): { factor: Float64Array; inverse: Float64Array } {
  const length = Float64Array.from({ length: width }, (_, j) => Math.sqrt(gram[j * width + j]!));
  const largest = length.reduce((most, value) => Math.max(most, value), 0);
  // Below the smallest normal number of a 32-bit float nothing is left to scale up.
  const isZero = (j: number) => length[j]! <= largest * 1e-18;
  // Lᵀ is kept as rows of L: row j of L is column j of R.
  const lower = new Float64Array(width * width);
  for (let j = 0; j < width; j++) {
    if (isZero(j)) continue;
    const row = lower.subarray(j * width, (j + 1) * width);
    let pivot = 1;
    for (let i = 0; i < j; i++) {
      if (isZero(i)) continue;
      let sum = gram[j * width + i]! / (length[j]! * length[i]!);
      const earlier = lower.subarray(i * width, i * width + i);
      for (let k = 0; k < i; k++) sum -= row[k]! * earlier[k]!;
      const value = sum / lower[i * width + i]!;
      row[i] = value;
      pivot -= value * value;
    }
    row[j] = Math.sqrt(Math.max(pivot, leastPivot));
  }
  const factor = new Float64Array(width * width);
  const inverse = new Float64Array(width * width);
  for (let j = 0; j < width; j++) {
    if (isZero(j)) continue;
    for (let i = 0; i <= j; i++) factor[i * width + j] = lower[j * width + i]! * length[j]!;
  }
  // Rows of R⁻¹ from the last one up: R⁻¹[i, :] = (e_i − Σ_{k>i} R[i, k]·R⁻¹[k, :]) / R[i, i].
  for (let i = width - 1; i >= 0; i--) {
    if (isZero(i)) continue;
    const row = inverse.subarray(i * width, (i + 1) * width);
    row[i] = 1;
    for (let k = i + 1; k < width; k++) {
      const weight = factor[i * width + k]!;
      if (weight === 0) continue;
      const below = inverse.subarray(k * width, (k + 1) * width);
      for (let j = k; j < width; j++) row[j]! -= weight * below[j]!;
    }
    const pivot = factor[i * width + i]!;
    for (let j = i; j < width; j++) row[j]! /= pivot;
  }
  return { factor, inverse };
}

/** a·b of two upper triangular matrices. */
function upperProduct(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const product = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let k = i; k < width; k++) {
      const weight = a[i * width + k]!;
      for (let j = k; j < width; j++) product[i * width + j]! += weight * b[k * width + j]!;
    }
  }
  return product;
}
