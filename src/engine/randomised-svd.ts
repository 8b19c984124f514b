/**
 * Singular values and right singular vectors of a large matrix that is known
 * only by its products — Halko, Martinsson & Tropp, "Finding structure with
 * randomness: probabilistic algorithms for constructing approximate matrix
 * decompositions", SIAM Review 2011, algorithms 4.4 (range finder by subspace
 * iteration, with QR after every iteration) and 5.1.
 *
 *   Q ← orth(A·(AᵀA)^q·Ω),   B = QᵀA,   B = X·Σ·Vᵀ
 *
 * Ω is Gaussian from the run's seed; every sum has a fixed order, so the result
 * does not depend on the number of threads.
 *
 * @module
 */

import { purposeKey } from "../base/random.ts";
import { type Device, readFloats } from "./device.ts";
import { orthonormalise } from "./orthonormal.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";
import type { Tensor } from "./tensor.ts";

/** A matrix that can be multiplied with dense columns on a device. */
export interface LinearMap {
  readonly device: Device;
  readonly rowCount: number;
  readonly columnCount: number;
  /** out = A·x; rows × width from columns × width */
  multiply(out: Tensor, x: Tensor): void;
  /** out = Aᵀ·x; columns × width from rows × width */
  multiplyTransposed(out: Tensor, x: Tensor): void;
}

export interface SvdOptions {
  /** k: how many singular values are wanted */
  readonly width: number;
  /** q: more give sharper vectors where singular values lie close together */
  readonly powerIterations: number;
  /** Columns of Ω beyond k; more do what more iterations do. */
  readonly oversampling: number;
  readonly seed: number;
  /** Called after each pass over the matrix, 2q + 2 times; throws to stop. */
  readonly afterPass?: (done: number, total: number) => void | Promise<void>;
}

export interface SingularVectors {
  /** k, descending; zeros beyond the numerical rank */
  readonly values: Float64Array;
  /** V: columns × k, row-major; columns of zeros beyond the numerical rank */
  readonly right: Float32Array;
}

/** Singular values below this part of the first are rounding noise of 32-bit floats. */
const rankTolerance = 1e-5;

/** The leading singular values and right singular vectors of A. */
export async function randomisedSvd(a: LinearMap, options: SvdOptions): Promise<SingularVectors> {
  const mark = a.device.mark();
  try {
    return await decompose(a, options);
  } finally {
    a.device.release(mark);
  }
}

async function decompose(a: LinearMap, options: SvdOptions): Promise<SingularVectors> {
  const { device, rowCount, columnCount } = a;
  const { width, powerIterations, oversampling, seed, afterPass = () => {} } = options;
  const most = Math.min(rowCount, columnCount);
  // Sixteen columns are gathered at once.
  const sampled = Math.min(most, Math.ceil((width + oversampling) / 16) * 16);
  const [tall, tallSpare] = pair(device, rowCount, sampled);
  const [wide, wideSpare] = pair(device, columnCount, sampled);
  device.kernels.fillNormal(wide, 1, seed >>> 0, purposeKey("randomised SVD"));
  const total = 2 * powerIterations + 2;
  let basis = wide;
  for (let iteration = 0; iteration < powerIterations; iteration++) {
    // One QR for AᵀA: single precision bears the square of the singular values' spread.
    a.multiply(tall, basis);
    await afterPass(2 * iteration + 1, total);
    a.multiplyTransposed(wide, tall);
    ({ q: basis } = await orthonormalise(device, wide, wideSpare, "one"));
    await afterPass(2 * iteration + 2, total);
  }
  a.multiply(tall, basis);
  const { q } = await orthonormalise(device, tall, tallSpare, "all");
  await afterPass(total - 1, total);
  // Bᵀ = AᵀQ = W·R; with R = X·Σ·Yᵀ, and so R·Rᵀ = X·Σ²·Xᵀ, the vectors are V = W·X.
  a.multiplyTransposed(wide, q);
  const { q: w, r } = await orthonormalise(device, wide, wideSpare, "all");
  await afterPass(total, total);
  const { values: squares, vectors } = symmetricEigen(rowGram(r, sampled), sampled);
  const values = new Float64Array(width);
  const chosen = new Float32Array(sampled * width);
  const first = Math.sqrt(Math.max(0, squares[0] ?? 0));
  for (let k = 0; k < Math.min(width, sampled); k++) {
    const value = Math.sqrt(Math.max(0, squares[k]!));
    if (value <= rankTolerance * first) break;
    values[k] = value;
    for (let row = 0; row < sampled; row++) {
      chosen[row * width + k] = vectors[k * sampled + row]!;
    }
  }
  const right = device.allocate([columnCount, width]);
  const rotation = device.upload([sampled, width], chosen);
  device.kernels.matmul(right, w, rotation, false, false, 1, 0);
  return { values, right: await readFloats(device, right) };
}

function pair(device: Device, rows: number, width: number): [Tensor, Tensor] {
  return [device.allocate([rows, width]), device.allocate([rows, width])];
}

/** R·Rᵀ for an upper triangular R. */
function rowGram(r: Float64Array, n: number): Float64Array {
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = 0;
      for (let k = j; k < n; k++) sum += r[i * n + k]! * r[j * n + k]!;
      gram[i * n + j] = sum;
      gram[j * n + i] = sum;
    }
  }
  return gram;
}
