/**
 * Eigenvalues and eigenvectors of a small dense symmetric matrix, in double
 * precision: Householder reduction to tridiagonal form, then implicit QL with
 * Wilkinson's shift (Golub & Van Loan, "Matrix Computations", 4th edition,
 * algorithms 8.3.1 and 8.3.2–8.3.3).
 *
 * Rows, not columns, hold the vectors while they are rotated, so that memory is
 * walked in order. About 9·n³ operations.
 *
 * @module
 */

import { LumiereError } from "../base/errors.ts";

/** A = Vᵀ·diag(values)·V with the eigenvectors in the rows of V. */
export interface SymmetricEigen {
  /** n, descending */
  readonly values: Float64Array;
  /** n × n, row-major; row r belongs to values[r] */
  readonly vectors: Float64Array;
}

/**
 * Decomposes a symmetric n × n matrix (row-major), which is left alone.
 * @throws LumiereError("numerics") where the matrix has a number that is not finite
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  if (!matrix.every(Number.isFinite)) {
    throw new LumiereError("numerics", "eigenvalues: the matrix has a number that is not finite");
  }
  const a = matrix.slice();
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const vectors = tridiagonalise(a, n, diagonal, beside);
  rotateToDiagonal(diagonal, beside, vectors, n);
  const order = Array.from(diagonal.keys()).sort((x, y) => diagonal[y]! - diagonal[x]! || x - y);
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => {
    sorted.set(vectors.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (at) => diagonal[at]!), vectors: sorted };
}

/**
 * T = H·A·Hᵀ by reflections; returns H (rows). Overwrites a.
 * @param diagonal receives T's diagonal
 * @param beside receives T's off-diagonal in places 0 … n−2
 */
function tridiagonalise(
  a: Float64Array,
  n: number,
  diagonal: Float64Array,
  beside: Float64Array,
): Float64Array {
  const reflectors: (Float64Array | null)[] = [];
  const p = new Float64Array(n);
  for (let k = 0; k + 1 < n; k++) {
    diagonal[k] = a[k * n + k]!;
    const v = a.slice(k * n + k + 1, (k + 1) * n);
    const m = v.length;
    const norm = Math.hypot(...chunkNorms(v));
    const isReduced = norm === 0 || (m > 1 && v.subarray(1).every((value) => value === 0));
    beside[k] = isReduced || m === 1 ? v[0]! : v[0]! > 0 ? -norm : norm;
    if (isReduced || m === 1) {
      reflectors.push(null);
      continue;
    }
    // v = x − beside·e₁, scaled so that the reflection is I − v·vᵀ.
    v[0]! -= beside[k]!;
    const length = Math.sqrt(norm * Math.abs(v[0]!));
    for (let i = 0; i < m; i++) v[i]! /= length;
    reflectors.push(v);
    // A ← (I − vvᵀ)·A·(I − vvᵀ) = A − v·wᵀ − w·vᵀ with w = p − ½(pᵀv)·v, p = A·v.
    let half = 0;
    for (let i = 0; i < m; i++) {
      const row = (k + 1 + i) * n + k + 1;
      let sum = 0;
      for (let j = 0; j < m; j++) sum += a[row + j]! * v[j]!;
      p[i] = sum;
      half += 0.5 * sum * v[i]!;
    }
    for (let i = 0; i < m; i++) p[i]! -= half * v[i]!;
    for (let i = 0; i < m; i++) {
      const row = (k + 1 + i) * n + k + 1;
      const [vi, wi] = [v[i]!, p[i]!];
      for (let j = 0; j < m; j++) a[row + j]! -= vi * p[j]! + wi * v[j]!;
    }
  }
  if (n > 0) diagonal[n - 1] = a[n * n - 1]!;
  return accumulate(reflectors, n);
}

/** Norms of short pieces, because spreading a long array into a call overflows the stack. */
function chunkNorms(values: Float64Array): number[] {
  const norms: number[] = [];
  for (let at = 0; at < values.length; at += 1024) {
    norms.push(Math.hypot(...values.subarray(at, at + 1024)));
  }
  return norms;
}

/** H = H_{n−2} … H_0 as rows, from the last reflection back. */
function accumulate(reflectors: readonly (Float64Array | null)[], n: number): Float64Array {
  const h = new Float64Array(n * n);
  for (let i = 0; i < n; i++) h[i * n + i] = 1;
  const dots = new Float64Array(n);
  for (let k = reflectors.length - 1; k >= 0; k--) {
    const v = reflectors[k];
    if (!v) continue;
    // h ← h·(I − vvᵀ) on columns k+1 …: only rows k+1 … are not yet of the identity.
    const first = k + 1;
    for (let row = first; row < n; row++) {
      let dot = 0;
      for (let j = 0; j < v.length; j++) dot += h[row * n + first + j]! * v[j]!;
      dots[row] = dot;
    }
    for (let row = first; row < n; row++) {
      const dot = dots[row]!;
      for (let j = 0; j < v.length; j++) h[row * n + first + j]! -= dot * v[j]!;
    }
  }
  return h;
}

/** Implicit QL on a tridiagonal matrix; the rows of `vectors` are rotated along. */
function rotateToDiagonal(
  d: Float64Array,
  e: Float64Array,
  vectors: Float64Array,
  n: number,
): void {
  for (let low = 0; low < n; low++) {
    for (let round = 0; ; round++) {
      let high = low;
      for (; high + 1 < n; high++) {
        const size = Math.abs(d[high]!) + Math.abs(d[high + 1]!);
        if (Math.abs(e[high]!) <= Number.EPSILON * size) break;
      }
      if (high === low) break;
      if (round === 60) throw new LumiereError("numerics", "eigenvalues did not converge");
      let g = (d[low + 1]! - d[low]!) / (2 * e[low]!);
      let r = Math.hypot(g, 1);
      g = d[high]! - d[low]! + e[low]! / (g + (g >= 0 ? r : -r));
      let [sine, cosine, shift] = [1, 1, 0];
      let row = high - 1;
      for (; row >= low; row--) {
        let f = sine * e[row]!;
        const b = cosine * e[row]!;
        r = Math.hypot(f, g);
        e[row + 1] = r;
        if (r === 0) {
          d[row + 1]! -= shift;
          e[high] = 0;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = d[row + 1]! - shift;
        r = (d[row]! - g) * sine + 2 * cosine * b;
        shift = sine * r;
        d[row + 1] = g + shift;
        g = cosine * r - b;
        const [upper, lower] = [row * n, (row + 1) * n];
        for (let j = 0; j < n; j++) {
          f = vectors[lower + j]!;
          const above = vectors[upper + j]!;
          vectors[lower + j] = sine * above + cosine * f;
          vectors[upper + j] = cosine * above - sine * f;
        }
      }
      if (r === 0 && row >= low) continue;
      d[low]! -= shift;
      e[low] = g;
      e[high] = 0;
    }
  }
}
