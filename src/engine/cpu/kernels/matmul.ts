/**
 * Dense products C = α·op(A)·op(B) + β·C, by tiles of C. Inside a tile the inner
 * dimension is taken in blocks: the block of B is packed into panels of eight
 * columns, and six rows of A go against one panel at a time (`panels.ts`).
 *
 * Every element of C is summed over the inner dimension in the same order,
 * whatever the tiles; units are (slice of the inner dimension, tile) pairs.
 */

import { sgemm } from "./blas";
import { at, storeTransposed } from "./lanes";
import { row1, rows6 } from "./panels";

/** Inner dimension of a packed block: a panel of 256 × 8 floats is a quarter of the first cache. */
const INNER: i32 = 256;

/** Turns a 4 × 4 block on its side. */
@inline
function transpose4(source: usize, stride: usize, target: usize, targetStride: usize): void {
  const r0 = v128.load(source), r1 = v128.load(source + stride);
  const r2 = v128.load(source + 2 * stride), r3 = v128.load(source + 3 * stride);
  storeTransposed(target, targetStride, r0, r1, r2, r3);
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
