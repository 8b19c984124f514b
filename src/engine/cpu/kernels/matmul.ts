/**
 * Dense products C = α·op(A)·op(B) + β·C, by tiles of C. Inside a tile the inner
 * dimension is taken in blocks: the block of B is packed into panels of eight
 * columns, and twelve accumulators hold six rows of C against one panel (Goto &
 * van de Geijn, "Anatomy of high-performance matrix multiplication", 2008).
 *
 * Every element of C is summed over the inner dimension in the same order,
 * whatever the tiles; units are (slice of the inner dimension, tile) pairs.
 */

import { sgemm } from "./blas";
import { at, loadPart, multiplyAdd, storePart } from "./lanes";

/** Inner dimension of a packed block: a panel of 256 × 8 floats is a quarter of the first cache. */
const INNER: i32 = 256;

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

/** The same at the right edge of C. */
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

/** Six rows of A, `stride` bytes apart, against one panel. */
function rows6(
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

/** One row of A against one panel: the rows that six does not divide. */
function row1(
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

/** Turns a 4 × 4 block on its side. */
@inline
function transpose4(source: usize, stride: usize, target: usize, targetStride: usize): void {
  const r0 = v128.load(source), r1 = v128.load(source + stride);
  const r2 = v128.load(source + 2 * stride), r3 = v128.load(source + 3 * stride);
  const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<i32>(low01, low23, 0, 1, 4, 5));
  v128.store(target + targetStride, v128.shuffle<i32>(low01, low23, 2, 3, 6, 7));
  v128.store(target + 2 * targetStride, v128.shuffle<i32>(high01, high23, 0, 1, 4, 5));
  v128.store(target + 3 * targetStride, v128.shuffle<i32>(high01, high23, 2, 3, 6, 7));
}

/** target[column][row] = source[row][column]; strides in bytes. */
function transpose(
  source: usize, stride: usize, rows: i32, columns: i32, target: usize, targetStride: usize,
): void {
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const line = source + <usize>row * stride, place = at(target, row);
    let column = 0;
    for (; column + 4 <= columns; column += 4) {
      transpose4(at(line, column), stride, place + <usize>column * targetStride, targetStride);
    }
    for (; column < columns; column++) {
      for (let lane = 0; lane < 4; lane++) {
        const value = load<f32>(at(line + <usize>lane * stride, column));
        store<f32>(at(place, lane) + <usize>column * targetStride, value);
      }
    }
  }
  for (; row < rows; row++) {
    const line = source + <usize>row * stride, place = at(target, row);
    for (let column = 0; column < columns; column++) {
      store<f32>(place + <usize>column * targetStride, load<f32>(at(line, column)));
    }
  }
}

/** Packs inner × columns of op(B) into panels [panel][k][8], zeros past the last column. */
function packB(
  b: usize, stride: usize, transposed: i32, inner: i32, columns: i32, target: usize,
): void {
  const panelBytes = (<usize>inner) << 5;
  for (let column = 0; column < columns; column += 8, target += panelBytes) {
    const count = min(8, columns - column);
    if (count < 8) memory.fill(target, 0, panelBytes);
    if (transposed) {
      transpose(b + <usize>column * stride, stride, count, inner, target, 32);
      continue;
    }
    let source = at(b, column), place = target;
    const end = target + panelBytes;
    if (count == 8) {
      for (; place < end; place += 32, source += stride) {
        v128.store(place, v128.load(source));
        v128.store(place, v128.load(source, 16), 16);
      }
    } else {
      for (; place < end; place += 32, source += stride) {
        for (let lane = 0; lane < count; lane++) {
          store<f32>(at(place, lane), load<f32>(at(source, lane)));
        }
      }
    }
  }
}

/** One tile of C, rows × columns, over `inner` of the inner dimension. */
function multiplyTile(
  c: usize, strideC: usize, a: usize, strideA: usize, transposedA: i32,
  b: usize, strideB: usize, transposedB: i32,
  rows: i32, columns: i32, inner: i32, alpha: f32, beta: f32, scratch: usize,
): void {
  const packedA = scratch + <usize>(((columns + 7) >> 3) << 3) * (<usize>INNER << 2);
  let keep = beta != 0;
  let weight = beta;
  for (let first = 0; first < inner; first += INNER) {
    const depth = min(INNER, inner - first);
    packB(
      transposedB ? at(b, first) : b + <usize>first * strideB,
      strideB, transposedB, depth, columns, scratch,
    );
    let left = at(a, first), leftStride = strideA;
    if (transposedA) {
      left = packedA;
      leftStride = (<usize>depth) << 2;
      transpose(a + <usize>first * strideA, strideA, depth, rows, packedA, leftStride);
    }
    const panelBytes = (<usize>depth) << 5;
    let panel = scratch;
    for (let column = 0; column < columns; column += 8, panel += panelBytes) {
      const count = columns - column;
      let target = at(c, column), source = left;
      let rest = rows;
      for (; rest >= 6; rest -= 6, target += 6 * strideC, source += 6 * leftStride) {
        rows6(source, leftStride, panel, depth, target, strideC, alpha, weight, count, keep);
      }
      for (; rest > 0; rest--, target += strideC, source += leftStride) {
        row1(source, panel, depth, target, alpha, weight, count, keep);
      }
    }
    keep = true;
    weight = 1;
  }
}

/**
 * Tiles of the product by this kernel (`useBlas` 0) or by OpenBLAS. With several
 * slices, slice s of the inner dimension goes to C + s·rows·columns.
 * @param tileRows, tileColumns rows and columns of a tile
 * @param slice inner dimension of a slice
 * @param scratchBytes per thread: a packed block of B, then of A
 */
export function matmulTiles(
  begin: i32, end: i32, thread: i32,
  c: usize, a: usize, b: usize, rows: i32, columns: i32, inner: i32,
  transposedA: i32, transposedB: i32, alpha: f32, beta: f32,
  tileRows: i32, tileColumns: i32, slice: i32, scratch: usize, scratchBytes: i32, useBlas: i32,
): void {
  const widthA = transposedA ? rows : inner, widthB = transposedB ? inner : columns;
  const strideA = (<usize>widthA) << 2, strideB = (<usize>widthB) << 2;
  const strideC = (<usize>columns) << 2;
  const across = (columns + tileColumns - 1) / tileColumns;
  const down = (rows + tileRows - 1) / tileRows;
  const own = scratch + <usize>thread * <usize>scratchBytes;
  for (let unit = begin; unit < end; unit++) {
    const part = unit / (across * down), tile = unit - part * (across * down);
    const row = (tile / across) * tileRows, column = (tile % across) * tileColumns;
    const first = part * slice;
    const depth = min(slice, inner - first);
    const height = min(tileRows, rows - row), width = min(tileColumns, columns - column);
    const left = transposedA ? at(a + <usize>first * strideA, row) : at(a + <usize>row * strideA, first);
    const right = transposedB ? at(b + <usize>column * strideB, first) : at(b + <usize>first * strideB, column);
    const target = at(c + <usize>(part * rows + row) * strideC, column);
    if (useBlas) {
      sgemm(
        transposedA, transposedB, height, width, depth,
        alpha, left, widthA, right, widthB, beta, target, columns,
      );
    } else {
      multiplyTile(
        target, strideC, left, strideA, transposedA, right, strideB, transposedB,
        height, width, depth, alpha, beta, own,
      );
    }
  }
}

/** Elements [begin, end): out = α·Σ_s partials[s] + β·out, slice after slice. */
export function addSlices(
  begin: i32, end: i32, thread: i32,
  out: usize, partials: usize, size: i32, slices: i32, alpha: f32, beta: f32,
): void {
  for (let n = begin; n < end; n++) {
    let sum: f32 = 0;
    for (let slice = 0; slice < slices; slice++) sum += load<f32>(at(partials, slice * size + n));
    const place = at(out, n);
    store<f32>(place, beta != 0 ? alpha * sum + beta * load<f32>(place) : alpha * sum);
  }
}
