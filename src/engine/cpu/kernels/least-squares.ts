/**
 * Alternating least squares, one row at a time. Row r of the output minimises
 *
 *   Σ_i w_i·(b_i/w_i − x·y_i)² + Σ_c d_c·x_c²,   d = spectrum + ridge_r
 *
 * over the neighbours i of r, so (D + YᵀWY)·x = Yᵀb. With Z = W^½·Y·D^−½ either
 *
 *   x = D^−½·(I + ZᵀZ)⁻¹·D^−½·Yᵀb                  (width × width)
 *   x = D^−½·Zᵀ·(I + ZZᵀ)⁻¹·W^−½·b                 (neighbours × neighbours)
 *
 * whichever is smaller; the two are equal by the push-through identity
 * (Golub & Van Loan, "Matrix Computations", section 2.1.4). Both matrices are the
 * identity and something positive, so that 32 bits are enough.
 */

import { at, multiplyAdd, storeTransposed } from "./lanes";
import { addProducts, factor, setIdentity, substitute } from "./packed";

/** Neighbours whose rows are packed at once. */
const BLOCK: i32 = 128;

/** Weights below this make b/√w too large for the smaller system. */
const LEAST_WEIGHT: f32 = 0.0009765625;

/** out[c] = (spectrum[c] + ridge)^−½; spectrum 0 = none. */
function inverseRoots(out: usize, spectrum: usize, ridge: f32, width: i32): void {
  const r = f32x4.splat(ridge), one = f32x4.splat(1);
  for (let c = 0; c < width; c += 4) {
    const d = spectrum ? f32x4.add(v128.load(at(spectrum, c)), r) : r;
    v128.store(at(out, c), f32x4.div(one, f32x4.sqrt(d)));
  }
}

/** out ⊙= scale */
function scaleBy(out: usize, scale: usize, width: i32): void {
  for (let c = 0; c < width; c += 4) {
    v128.store(at(out, c), f32x4.mul(v128.load(at(out, c)), v128.load(at(scale, c))));
  }
}

/** out += s·row */
function addScaled(out: usize, row: usize, s: f32, width: i32): void {
  const factor = f32x4.splat(s);
  for (let c = 0; c < width; c += 8) {
    const place = at(out, c), source = at(row, c);
    v128.store(place, multiplyAdd(factor, v128.load(source), v128.load(place)));
    v128.store(place, multiplyAdd(factor, v128.load(source, 16), v128.load(place, 16)), 16);
  }
}

/** Whether every weight allows the smaller system. */
function heavyEnough(weights: usize, count: i32): bool {
  for (let i = 0; i < count; i++) {
    if (load<f32>(at(weights, i)) < LEAST_WEIGHT) return false;
  }
  return true;
}

/** Panels over the columns: neighbour i's row, scaled, at [column / 8][i][8]. */
function packColumns(
  columns: usize, weights: usize, count: i32, table: usize, width: i32, scale: usize,
  panels: usize, bytes: usize,
): void {
  const stride = (<usize>width) << 2;
  for (let i = 0; i < count; i++) {
    const s = f32x4.splat(sqrt(load<f32>(at(weights, i))));
    const row = table + <usize>load<i32>(at(columns, i)) * stride;
    let place = panels + ((<usize>i) << 5);
    for (let c = 0; c < width; c += 8, place += bytes) {
      const low = f32x4.mul(s, v128.load(at(scale, c)));
      const high = f32x4.mul(s, v128.load(at(scale, c), 16));
      v128.store(place, f32x4.mul(low, v128.load(at(row, c))));
      v128.store(place, f32x4.mul(high, v128.load(at(row, c), 16)), 16);
    }
  }
}

/** Panels over the neighbours: their rows, scaled, at [i / 8][column][i mod 8]; zeros past the last. */
function packNeighbours(
  columns: usize, weights: usize, count: i32, table: usize, width: i32, scale: usize,
  panels: usize, bytes: usize,
): void {
  const stride = (<usize>width) << 2;
  for (let i = 0; i < count; i += 4) {
    const last = count - 1;
    const i1 = min(i + 1, last), i2 = min(i + 2, last), i3 = min(i + 3, last);
    const r0 = table + <usize>load<i32>(at(columns, i)) * stride;
    const r1 = table + <usize>load<i32>(at(columns, i1)) * stride;
    const r2 = table + <usize>load<i32>(at(columns, i2)) * stride;
    const r3 = table + <usize>load<i32>(at(columns, i3)) * stride;
    const s0 = f32x4.splat(sqrt(load<f32>(at(weights, i))));
    const s1 = f32x4.splat(i + 1 < count ? sqrt(load<f32>(at(weights, i1))) : 0);
    const s2 = f32x4.splat(i + 2 < count ? sqrt(load<f32>(at(weights, i2))) : 0);
    const s3 = f32x4.splat(i + 3 < count ? sqrt(load<f32>(at(weights, i3))) : 0);
    let place = panels + <usize>(i >> 3) * bytes + ((<usize>(i & 4)) << 2);
    for (let c = 0; c < width; c += 4, place += 128) {
      const d = v128.load(at(scale, c));
      const a0 = f32x4.mul(f32x4.mul(s0, d), v128.load(at(r0, c)));
      const a1 = f32x4.mul(f32x4.mul(s1, d), v128.load(at(r1, c)));
      const a2 = f32x4.mul(f32x4.mul(s2, d), v128.load(at(r2, c)));
      const a3 = f32x4.mul(f32x4.mul(s3, d), v128.load(at(r3, c)));
      storeTransposed(place, 32, a0, a1, a2, a3);
    }
  }
  // Four neighbours or fewer in the last panel: its other half is empty.
  if (((count - 1) & 7) < 4) {
    let place = panels + <usize>((count - 1) >> 3) * bytes + 16;
    for (let c = 0; c < width; c++, place += 32) v128.store(place, f32x4.splat(0));
  }
}

/** The system with a row for each column of the table. */
function solveByColumns(
  out: usize, columns: usize, weights: usize, targets: usize, count: i32,
  table: usize, width: i32, scale: usize, matrix: usize, panels: usize,
): void {
  const stride = (<usize>width) << 2;
  // A cache line more than the block, so that panels do not fall on the same sets of the cache.
  const bytes = ((<usize>BLOCK) << 5) + 64;
  setIdentity(matrix, width);
  memory.fill(out, 0, stride);
  for (let first = 0; first < count; first += BLOCK) {
    const part = min(BLOCK, count - first);
    const near = at(columns, first);
    packColumns(near, at(weights, first), part, table, width, scale, panels, bytes);
    for (let i = 0; i < part; i++) {
      const row = table + <usize>load<i32>(at(near, i)) * stride;
      addScaled(out, row, load<f32>(at(targets, first + i)), width);
    }
    addProducts(matrix, width, panels, bytes, part);
  }
  factor(matrix, width);
  scaleBy(out, scale, width);
  substitute(matrix, width, out);
  scaleBy(out, scale, width);
}

/** The system with a row for each neighbour; x is as long as the next multiple of eight. */
function solveByNeighbours(
  out: usize, columns: usize, weights: usize, targets: usize, count: i32,
  table: usize, width: i32, scale: usize, matrix: usize, panels: usize, x: usize,
): void {
  const stride = (<usize>width) << 2;
  const size = (count + 7) & ~7;
  const bytes = ((<usize>width) << 5) + 64;
  packNeighbours(columns, weights, count, table, width, scale, panels, bytes);
  setIdentity(matrix, size);
  addProducts(matrix, size, panels, bytes, width);
  factor(matrix, size);
  for (let i = 0; i < size; i++) {
    store<f32>(at(x, i), i < count ? load<f32>(at(targets, i)) / sqrt(load<f32>(at(weights, i))) : 0);
  }
  substitute(matrix, size, x);
  memory.fill(out, 0, stride);
  for (let i = 0; i < count; i++) {
    const row = table + <usize>load<i32>(at(columns, i)) * stride;
    addScaled(out, row, load<f32>(at(x, i)) * sqrt(load<f32>(at(weights, i))), width);
  }
  scaleBy(out, scale, width);
  scaleBy(out, scale, width);
}

/**
 * Rows first + [begin, end), exactly; `width` is a multiple of eight.
 * @param scratchBytes per thread: the matrix, the panels, and two vectors of `width`
 */
export function solveRows(
  begin: i32, end: i32, thread: i32,
  out: usize, first: i32, indptr: usize, indices: usize, weights: usize, targets: usize,
  table: usize, width: i32, spectrum: usize, ridge: usize, scratch: usize, scratchBytes: i32,
): void {
  const stride = (<usize>width) << 2;
  const scale = scratch + <usize>thread * <usize>scratchBytes;
  const x = scale + stride;
  const matrix = x + stride;
  const panels = matrix + (<usize>width) * stride;
  for (let unit = begin; unit < end; unit++) {
    const row = first + unit;
    const from = load<i32>(at(indptr, row));
    const count = load<i32>(at(indptr, row), 4) - from;
    const line = out + <usize>row * stride;
    if (count == 0) {
      memory.fill(line, 0, stride);
      continue;
    }
    inverseRoots(scale, spectrum, load<f32>(at(ridge, row)), width);
    const near = at(indices, from), w = at(weights, from), b = at(targets, from);
    if (count < width && heavyEnough(w, count)) {
      solveByNeighbours(line, near, w, b, count, table, width, scale, matrix, panels, x);
    } else {
      solveByColumns(line, near, w, b, count, table, width, scale, matrix, panels);
    }
  }
}
