/**
 * Symmetric matrices in panels of eight rows, and their Cholesky factor. Panel p
 * holds rows 8p … 8p + 7, entry (row, column) at [column][row − 8p]; of a panel
 * the columns up to its own diagonal count. A panel lies `size` columns after the
 * one before, so that both operands of a product are read in the order of memory
 * (the packing of Goto & van de Geijn 2008; Golub & Van Loan, "Matrix Computations",
 * section 4.2, for the factorisation by columns of blocks).
 */

import { at, multiplyAdd } from "./lanes";

/** target[c][r] ±= Σ_k a[k][r]·b[k][c] for eight r and four c; a and b move 8 floats a step. */
function tile4(a: usize, b: usize, count: i32, target: usize, subtract: bool): void {
  let c0 = f32x4.splat(0), d0 = c0, c1 = c0, d1 = c0, c2 = c0, d2 = c0, c3 = c0, d3 = c0;
  const end = a + ((<usize>count) << 5);
  for (; a < end; a += 32, b += 32) {
    const low = v128.load(a), high = v128.load(a, 16);
    let s = v128.load32_splat(b);
    c0 = multiplyAdd(s, low, c0);
    d0 = multiplyAdd(s, high, d0);
    s = v128.load32_splat(b, 4);
    c1 = multiplyAdd(s, low, c1);
    d1 = multiplyAdd(s, high, d1);
    s = v128.load32_splat(b, 8);
    c2 = multiplyAdd(s, low, c2);
    d2 = multiplyAdd(s, high, d2);
    s = v128.load32_splat(b, 12);
    c3 = multiplyAdd(s, low, c3);
    d3 = multiplyAdd(s, high, d3);
  }
  if (subtract) {
    v128.store(target, f32x4.sub(v128.load(target), c0));
    v128.store(target, f32x4.sub(v128.load(target, 16), d0), 16);
    v128.store(target, f32x4.sub(v128.load(target, 32), c1), 32);
    v128.store(target, f32x4.sub(v128.load(target, 48), d1), 48);
    v128.store(target, f32x4.sub(v128.load(target, 64), c2), 64);
    v128.store(target, f32x4.sub(v128.load(target, 80), d2), 80);
    v128.store(target, f32x4.sub(v128.load(target, 96), c3), 96);
    v128.store(target, f32x4.sub(v128.load(target, 112), d3), 112);
  } else {
    v128.store(target, f32x4.add(v128.load(target), c0));
    v128.store(target, f32x4.add(v128.load(target, 16), d0), 16);
    v128.store(target, f32x4.add(v128.load(target, 32), c1), 32);
    v128.store(target, f32x4.add(v128.load(target, 48), d1), 48);
    v128.store(target, f32x4.add(v128.load(target, 64), c2), 64);
    v128.store(target, f32x4.add(v128.load(target, 80), d2), 80);
    v128.store(target, f32x4.add(v128.load(target, 96), c3), 96);
    v128.store(target, f32x4.add(v128.load(target, 112), d3), 112);
  }
}

/** target[c][r] ±= Σ_k a[k][r]·b[k][c] for eight r and eight c. */
@inline
function tile8(a: usize, b: usize, count: i32, target: usize, subtract: bool): void {
  tile4(a, b, count, target, subtract);
  tile4(a, b + 16, count, target + 128, subtract);
}

/** Bytes from one panel of a matrix of `size` rows to the next. */
@inline
function panelBytes(size: i32): usize {
  return (<usize>size) << 5;
}

/** matrix = identity; `size` is a multiple of eight. */
export function setIdentity(matrix: usize, size: i32): void {
  const step = panelBytes(size);
  for (let first = 0; first < size; first += 8, matrix += step) {
    memory.fill(matrix, 0, (<usize>(first + 8)) << 5);
    for (let row = 0; row < 8; row++) {
      store<f32>(at(matrix, (first + row) * 8 + row), 1);
    }
  }
}

/** matrix += Σ_k z[k]·z[k]ᵀ, where z lies in panels too: row r at panel r/8, [k][r mod 8]. */
export function addProducts(matrix: usize, size: i32, panels: usize, bytes: usize, count: i32): void {
  const step = panelBytes(size);
  let left = panels;
  for (let row = 0; row < size; row += 8, left += bytes, matrix += step) {
    let right = panels, target = matrix;
    for (let column = 0; column <= row; column += 8, right += bytes, target += 256) {
      tile8(left, right, count, target, false);
    }
  }
}

/** Factor of an 8 × 8 block, below its diagonal; the diagonal holds reciprocals. */
function factorBlock(block: usize): void {
  for (let c = 0; c < 8; c++) {
    const place = block + ((<usize>c) << 5);
    const inverse: f32 = 1 / sqrt(load<f32>(at(place, c)));
    const s = f32x4.splat(inverse);
    const low = f32x4.mul(s, v128.load(place)), high = f32x4.mul(s, v128.load(place, 16));
    v128.store(place, low);
    v128.store(place, high, 16);
    for (let d = c + 1; d < 8; d++) {
      const other = block + ((<usize>d) << 5);
      const t = f32x4.neg(v128.load32_splat(at(place, d)));
      v128.store(other, multiplyAdd(t, low, v128.load(other)));
      v128.store(other, multiplyAdd(t, high, v128.load(other, 16)), 16);
    }
    store<f32>(at(place, c), inverse);
  }
}

/** tile ← tile·block⁻ᵀ, the block as `factorBlock` leaves it. */
function solveTile(tile: usize, block: usize): void {
  for (let c = 0; c < 8; c++) {
    const place = tile + ((<usize>c) << 5), column = block + ((<usize>c) << 5);
    const s = v128.load32_splat(at(column, c));
    const low = f32x4.mul(s, v128.load(place)), high = f32x4.mul(s, v128.load(place, 16));
    v128.store(place, low);
    v128.store(place, high, 16);
    for (let d = c + 1; d < 8; d++) {
      const other = tile + ((<usize>d) << 5);
      const t = f32x4.neg(v128.load32_splat(at(column, d)));
      v128.store(other, multiplyAdd(t, low, v128.load(other)));
      v128.store(other, multiplyAdd(t, high, v128.load(other, 16)), 16);
    }
  }
}

/** Overwrites a positive definite matrix by its Cholesky factor, reciprocals on the diagonal. */
export function factor(matrix: usize, size: i32): void {
  const step = panelBytes(size);
  for (let column = 0; column < size; column += 8) {
    const own = matrix + (<usize>(column >> 3)) * step;
    const offset = (<usize>column) << 5;
    const block = own + offset;
    if (column > 0) tile8(own, own, column, block, true);
    factorBlock(block);
    for (let row = column + 8, panel = own + step; row < size; row += 8, panel += step) {
      if (column > 0) tile8(panel, own, column, panel + offset, true);
      solveTile(panel + offset, block);
    }
  }
}

/** x ← L⁻ᵀ·L⁻¹·x with the factor that `factor` left. */
export function substitute(matrix: usize, size: i32, x: usize): void {
  const step = panelBytes(size);
  let panel = matrix;
  for (let row = 0; row < size; row += 8, panel += step) {
    const place = at(x, row);
    let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0;
    let entry = panel;
    for (let k = 0; k < row; k += 2, entry += 64) {
      const s = v128.load32_splat(at(x, k)), t = v128.load32_splat(at(x, k), 4);
      a0 = multiplyAdd(s, v128.load(entry), a0);
      b0 = multiplyAdd(s, v128.load(entry, 16), b0);
      a1 = multiplyAdd(t, v128.load(entry, 32), a1);
      b1 = multiplyAdd(t, v128.load(entry, 48), b1);
    }
    v128.store(place, f32x4.sub(v128.load(place), f32x4.add(a0, a1)));
    v128.store(place, f32x4.sub(v128.load(place, 16), f32x4.add(b0, b1)), 16);
    for (let c = 0; c < 8; c++, entry += 32) {
      const value = load<f32>(at(place, c)) * load<f32>(at(entry, c));
      store<f32>(at(place, c), value);
      for (let r = c + 1; r < 8; r++) {
        store<f32>(at(place, r), load<f32>(at(place, r)) - value * load<f32>(at(entry, r)));
      }
    }
  }
  for (let row = size - 8; row >= 0; row -= 8) {
    panel -= step;
    const place = at(x, row);
    const block = panel + ((<usize>row) << 5);
    for (let c = 7; c >= 0; c--) {
      const column = block + ((<usize>c) << 5);
      let value = load<f32>(at(place, c));
      for (let r = c + 1; r < 8; r++) value -= load<f32>(at(column, r)) * load<f32>(at(place, r));
      store<f32>(at(place, c), value * load<f32>(at(column, c)));
    }
    const low = v128.load(place), high = v128.load(place, 16);
    let entry = panel;
    for (let k = 0; k < row; k += 4, entry += 128) {
      const p0 = multiplyAdd(high, v128.load(entry, 16), f32x4.mul(low, v128.load(entry)));
      const p1 = multiplyAdd(high, v128.load(entry, 48), f32x4.mul(low, v128.load(entry, 32)));
      const p2 = multiplyAdd(high, v128.load(entry, 80), f32x4.mul(low, v128.load(entry, 64)));
      const p3 = multiplyAdd(high, v128.load(entry, 112), f32x4.mul(low, v128.load(entry, 96)));
      const target = at(x, k);
      v128.store(target, f32x4.sub(v128.load(target), sumsOfFour(p0, p1, p2, p3)));
    }
  }
}

/** The sums of the lanes of four vectors, as the lanes of one. */
@inline
export function sumsOfFour(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}
