/**
 * Products of sparse matrices: C = diag(p)·A·diag(m)·B·diag(q) of two matrices of
 * ones, such as the item-item matrix of a graph filter, and what such a matrix
 * makes of sparse and of dense rows.
 *
 * A row of C is summed in a dense row of its thread's scratch; one bit a column
 * remembers which columns were reached, so that they come out ascending and the
 * scratch is clean again without sorting.
 */

import { exponential, logarithm } from "./functions";
import { at, loadPart, multiplyAdd, storeEight, storePart } from "./lanes";

/** Rows [begin, end): counts[row] = number of columns that row of A·B reaches. */
export function countProductRows(
  begin: i32, end: i32, thread: i32,
  counts: usize, aIndptr: usize, aIndices: usize, bIndptr: usize, bIndices: usize,
  columnCount: i32, scratch: usize, scratchBytes: i32,
): void {
  const reached = scratch + <usize>thread * <usize>scratchBytes;
  const words = (columnCount + 31) >> 5;
  for (let row = begin; row < end; row++) {
    memory.fill(reached, 0, (<usize>words) << 2);
    let count = 0;
    const last = load<i32>(at(aIndptr, row), 4);
    for (let e = load<i32>(at(aIndptr, row)); e < last; e++) {
      const inner = load<i32>(at(aIndices, e));
      const to = at(bIndices, load<i32>(at(bIndptr, inner), 4));
      for (let from = at(bIndices, load<i32>(at(bIndptr, inner))); from < to; from += 4) {
        const column = load<u32>(from);
        const place = reached + ((<usize>(column >> 5)) << 2);
        const word = load<u32>(place);
        const bit: u32 = 1 << (column & 31);
        count += (word & bit) ? 0 : 1;
        store<u32>(place, word | bit);
      }
    }
    store<i32>(at(counts, row), count);
  }
}

/** values ← values^power for positive numbers. */
function raise(values: usize, count: i32, power: f32): void {
  const s = f32x4.splat(power);
  let n = 0;
  for (; n + 4 <= count; n += 4) {
    const place = at(values, n);
    v128.store(place, exponential(f32x4.mul(s, logarithm(v128.load(place)))));
  }
  if (n < count) {
    const place = at(values, n);
    const part = loadPart(place, count - n);
    storePart(place, exponential(f32x4.mul(s, logarithm(part))), count - n);
  }
}

/**
 * Rows [begin, end) of C = (diag(p)·A·diag(m)·B·diag(q))^∘power, into places that
 * outIndptr gives. Scratch of a thread: columnCount floats, then the bits.
 */
export function fillProductRows(
  begin: i32, end: i32, thread: i32,
  outIndptr: usize, outIndices: usize, outValues: usize,
  aIndptr: usize, aIndices: usize, bIndptr: usize, bIndices: usize, columnCount: i32,
  rowScale: usize, middleScale: usize, columnScale: usize, power: f32,
  scratch: usize, scratchBytes: i32,
): void {
  const sums = scratch + <usize>thread * <usize>scratchBytes;
  const reached = at(sums, columnCount);
  const words = (columnCount + 31) >> 5;
  memory.fill(sums, 0, at(reached, words) - sums);
  for (let row = begin; row < end; row++) {
    const last = load<i32>(at(aIndptr, row), 4);
    for (let e = load<i32>(at(aIndptr, row)); e < last; e++) {
      const inner = load<i32>(at(aIndices, e));
      const weight = load<f32>(at(middleScale, inner));
      const to = at(bIndices, load<i32>(at(bIndptr, inner), 4));
      for (let from = at(bIndices, load<i32>(at(bIndptr, inner))); from < to; from += 4) {
        const column = load<u32>(from);
        const sum = at(sums, column);
        store<f32>(sum, load<f32>(sum) + weight);
        const place = reached + ((<usize>(column >> 5)) << 2);
        store<u32>(place, load<u32>(place) | (<u32>1 << (column & 31)));
      }
    }
    const scale = load<f32>(at(rowScale, row));
    const first = load<i32>(at(outIndptr, row));
    let n = first;
    for (let word = 0; word < words; word++) {
      const place = at(reached, word);
      let bits = load<u32>(place);
      if (bits == 0) continue;
      store<u32>(place, 0);
      for (; bits != 0; bits &= bits - 1) {
        const column = (word << 5) + <i32>ctz(bits);
        const sum = at(sums, column);
        store<i32>(at(outIndices, n), column);
        store<f32>(at(outValues, n), scale * load<f32>(at(columnScale, column)) * load<f32>(sum));
        store<f32>(sum, 0);
        n++;
      }
    }
    if (power != 1) raise(at(outValues, first), n - first, power);
  }
}

/**
 * Rows [begin, end) of out = X·(scale·M + diagonal·I), X a sparse matrix of ones;
 * adds where `accumulate`. Without M (indptr 0) only the diagonal counts.
 */
export function multiplySparseRows(
  begin: i32, end: i32, thread: i32,
  out: usize, width: i32, xIndptr: usize, xIndices: usize,
  indptr: usize, indices: usize, values: usize,
  scale: f32, diagonal: f32, accumulate: i32,
): void {
  for (let row = begin; row < end; row++) {
    const line = out + <usize>row * ((<usize>width) << 2);
    if (!accumulate) memory.fill(line, 0, (<usize>width) << 2);
    const last = load<i32>(at(xIndptr, row), 4);
    for (let e = load<i32>(at(xIndptr, row)); e < last; e++) {
      const item = load<i32>(at(xIndices, e));
      if (indptr) {
        let n = load<i32>(at(indptr, item));
        const to = load<i32>(at(indptr, item), 4);
        for (; n < to; n++) {
          const place = at(line, load<i32>(at(indices, n)));
          store<f32>(place, load<f32>(place) + scale * load<f32>(at(values, n)));
        }
      }
      if (diagonal != 0) {
        const place = at(line, item);
        store<f32>(place, load<f32>(place) + diagonal);
      }
    }
  }
}

/** Rows [begin, end) of out = M·x for a sparse M with values and a dense x of `width` columns. */
export function multiplyWeighted(
  begin: i32, end: i32, thread: i32,
  out: usize, x: usize, width: i32, indptr: usize, indices: usize, values: usize,
): void {
  const stride = (<usize>width) << 2;
  for (let row = begin; row < end; row++) {
    const first = load<i32>(at(indptr, row));
    const count = load<i32>(at(indptr, row), 4) - first;
    const columns = at(indices, first);
    const weights = at(values, first);
    let target = out + <usize>row * stride;
    let source = x;
    let rest = width;
    for (; rest >= 32; rest -= 32) {
      gatherWeighted32(columns, weights, count, source, stride, target);
      source += 128;
      target += 128;
    }
    for (; rest >= 4; rest -= 4) {
      gatherWeighted4(columns, weights, count, source, stride, target, 4);
      source += 16;
      target += 16;
    }
    if (rest > 0) gatherWeighted4(columns, weights, count, source, stride, target, rest);
  }
}

/** 32 columns of one row. */
function gatherWeighted32(
  columns: usize, weights: usize, count: i32, x: usize, stride: usize, out: usize,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4, weights += 4) {
    const source = x + <usize>load<i32>(columns) * stride;
    const w = v128.load32_splat(weights);
    a0 = multiplyAdd(w, v128.load(source, 0), a0);
    a1 = multiplyAdd(w, v128.load(source, 16), a1);
    a2 = multiplyAdd(w, v128.load(source, 32), a2);
    a3 = multiplyAdd(w, v128.load(source, 48), a3);
    a4 = multiplyAdd(w, v128.load(source, 64), a4);
    a5 = multiplyAdd(w, v128.load(source, 80), a5);
    a6 = multiplyAdd(w, v128.load(source, 96), a6);
    a7 = multiplyAdd(w, v128.load(source, 112), a7);
  }
  storeEight(out, a0, a1, a2, a3, a4, a5, a6, a7);
}

/** The last columns of one row, at most four. */
function gatherWeighted4(
  columns: usize, weights: usize, count: i32, x: usize, stride: usize, out: usize, lanes: i32,
): void {
  let sums = f32x4.splat(0);
  const end = columns + ((<usize>count) << 2);
  for (; columns < end; columns += 4, weights += 4) {
    const source = x + <usize>load<i32>(columns) * stride;
    const value = lanes == 4 ? v128.load(source) : loadPart(source, lanes);
    sums = multiplyAdd(v128.load32_splat(weights), value, sums);
  }
  if (lanes == 4) v128.store(out, sums);
  else storePart(out, sums, lanes);
}

/** Rows [begin, end) of out = xᵀ, x being rows × columns; a row of out is a column of x. */
export function transposeRows(
  begin: i32, end: i32, thread: i32, out: usize, x: usize, rows: i32, columns: i32,
): void {
  const outStride = (<usize>rows) << 2;
  const stride = (<usize>columns) << 2;
  let column = begin;
  for (; column + 4 <= end; column += 4) {
    const target = out + <usize>column * outStride;
    let row = 0;
    for (; row + 4 <= rows; row += 4) {
      const source = at(x + <usize>row * stride, column);
      const a = v128.load(source), b = v128.load(source + stride);
      const c = v128.load(source + 2 * stride), d = v128.load(source + 3 * stride);
      const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
      const ef = i32x4.shuffle(a, b, 2, 6, 3, 7), gh = i32x4.shuffle(c, d, 2, 6, 3, 7);
      const place = at(target, row);
      v128.store(place, i64x2.shuffle(ab, cd, 0, 2));
      v128.store(place + outStride, i64x2.shuffle(ab, cd, 1, 3));
      v128.store(place + 2 * outStride, i64x2.shuffle(ef, gh, 0, 2));
      v128.store(place + 3 * outStride, i64x2.shuffle(ef, gh, 1, 3));
    }
    for (; row < rows; row++) {
      for (let n = 0; n < 4; n++) {
        const value = load<f32>(at(x + <usize>row * stride, column + n));
        store<f32>(at(target + <usize>n * outStride, row), value);
      }
    }
  }
  for (; column < end; column++) {
    const target = out + <usize>column * outStride;
    for (let row = 0; row < rows; row++) {
      store<f32>(at(target, row), load<f32>(at(x + <usize>row * stride, column)));
    }
  }
}
