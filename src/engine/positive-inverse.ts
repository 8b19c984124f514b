/**
 * The inverse of a symmetric positive definite matrix that may be far larger than the
 * device's arena. One sweep of pivot blocks, as Bientinesi, Gunter & van de Geijn, "Families
 * of Algorithms Related to the Inversion of a Symmetric Positive Definite Matrix", ACM TOMS
 * 2008, have it; with D the pivot block and C its column of blocks
 *
 *   D ← −D⁻¹,   C ← C·D⁻¹,   M ← M − C·D⁻¹·Cᵀ elsewhere
 *
 * and when every block has been the pivot, M is −M⁻¹. As many operations as by a Cholesky factor, nearly
 * all of them in products of large blocks, which go through `matmul` and so through OpenBLAS
 * where it is there. Blocks are cut by the matrix's size alone: the bits do not depend on threads.
 *
 * @module
 */

import { LumiereError, StoppedError } from "../base/errors.ts";
import type { ProgressReporter } from "../base/progress.ts";
import { type Device, readFloats } from "./device.ts";

/** Width of a pivot block: wide blocks are worth moving to the device. */
function pivotWidth(size: number): number {
  if (size <= smallest) return size;
  if (size <= 1024) return smallest;
  return size <= 16_384 ? 512 : 2048;
}

/** Size that is inverted in plain loops, in double precision. */
const smallest = 48;

/** Rows that are updated at once. */
const stripeHeight = 1024;

export interface InverseContext {
  readonly device: Device;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

/**
 * Inverts in place.
 * @param matrix size × size, row-major; only its lower half is read, and all of it is written
 * @throws LumiereError("not-positive-definite")
 * @throws StoppedError on abort, the matrix being neither one nor the other
 */
export async function invertPositive(
  context: InverseContext,
  matrix: Float32Array,
  size: number,
): Promise<void> {
  if (size <= smallest) {
    invertSmall(matrix, size);
    return;
  }
  const width = pivotWidth(size);
  for (let first = 0; first < size; first += width) {
    if (context.signal.aborted) throw new StoppedError(`inverse stopped at ${first} of ${size}`);
    await sweep(context, matrix, size, first, Math.min(width, size - first));
    context.progress({
      stage: "fit",
      done: Math.min(size, first + width),
      total: size,
      unit: "columns",
    });
    await new Promise(setImmediate);
  }
  negateAndMirror(matrix, size);
}

/** Makes the block of `width` columns from `first` on the pivot. */
async function sweep(
  context: InverseContext,
  matrix: Float32Array,
  size: number,
  first: number,
  width: number,
): Promise<void> {
  const { device } = context;
  const { kernels } = device;
  const mark = device.mark();
  const end = first + width;
  const pivot = takeBlock(matrix, size, first, end, first, end);
  const quiet = { ...context, progress: () => {} };
  await invertPositive(quiet, pivot, width);
  // The pivot's own rows stay zero, so that the products leave them alone.
  const columns = takeColumns(matrix, size, first, width);
  const c = device.upload([size, width], columns);
  const product = device.allocate([size, width]);
  kernels.matmul(product, c, device.upload([width, width], pivot), false, false, 1, 0);
  const scaled = await readFloats(device, product);
  for (let top = 0; top < size; top += stripeHeight) {
    const bottom = Math.min(size, top + stripeHeight);
    const inner = device.mark();
    const stripe = takeBlock(matrix, size, top, bottom, 0, bottom);
    const target = device.upload([bottom - top, bottom], stripe);
    const left = device.upload([bottom - top, width], scaled.subarray(top * width, bottom * width));
    const right = { ...c, shape: [bottom, width], size: bottom * width };
    kernels.matmul(target, left, right, false, true, -1, 1);
    putBlock(matrix, size, top, 0, bottom, await readFloats(device, target));
    device.release(inner);
    await new Promise(setImmediate);
  }
  putColumns(matrix, size, first, width, scaled);
  for (let row = 0; row < width; row++) {
    for (let column = 0; column <= row; column++) {
      matrix[(first + row) * size + first + column] = -pivot[row * width + column]!;
    }
  }
  device.release(mark);
}

/** Rows [top, bottom), columns [left, right). */
function takeBlock(
  matrix: Float32Array,
  size: number,
  top: number,
  bottom: number,
  left: number,
  right: number,
): Float32Array {
  const width = right - left;
  const block = new Float32Array((bottom - top) * width);
  for (let row = top; row < bottom; row++) {
    block.set(matrix.subarray(row * size + left, row * size + right), (row - top) * width);
  }
  return block;
}

/** Writes rows from `top` on, columns [left, right). */
function putBlock(
  matrix: Float32Array,
  size: number,
  top: number,
  left: number,
  right: number,
  block: Float32Array,
): void {
  const width = right - left;
  for (let row = 0; row * width < block.length; row++) {
    const line = block.subarray(row * width, (row + 1) * width);
    matrix.set(line, (top + row) * size + left);
  }
}

/** Columns [first, first + width) of the whole symmetric matrix; zeros in their own rows. */
function takeColumns(matrix: Float32Array, size: number, first: number, width: number) {
  const columns = new Float32Array(size * width);
  for (let column = 0; column < width; column++) {
    const line = matrix.subarray((first + column) * size, (first + column) * size + first);
    for (let row = 0; row < first; row++) columns[row * width + column] = line[row]!;
  }
  for (let row = first + width; row < size; row++) {
    const from = row * size + first;
    columns.set(matrix.subarray(from, from + width), row * width);
  }
  return columns;
}

/** The same way back, but for the pivot's own rows. */
function putColumns(
  matrix: Float32Array,
  size: number,
  first: number,
  width: number,
  columns: Float32Array,
): void {
  for (let column = 0; column < width; column++) {
    const line = matrix.subarray((first + column) * size, (first + column) * size + first);
    for (let row = 0; row < first; row++) line[row] = columns[row * width + column]!;
  }
  for (let row = first + width; row < size; row++) {
    matrix.set(columns.subarray(row * width, (row + 1) * width), row * size + first);
  }
}

/** The sweep with pivots of one column, in double precision. */
function invertSmall(matrix: Float32Array, size: number): void {
  const m = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      m[row * size + column] = matrix[row * size + column]!;
      m[column * size + row] = matrix[row * size + column]!;
    }
  }
  for (let k = 0; k < size; k++) {
    const pivot = m[k * size + k]!;
    if (!(pivot > 0)) {
      throw new LumiereError(
        "not-positive-definite",
        `pivot ${pivot} of the matrix to invert is not above zero; raise the regularisation`,
      );
    }
    const column = Float64Array.from({ length: size }, (_, row) => m[row * size + k]!);
    for (let row = 0; row < size; row++) {
      const factor = column[row]! / pivot;
      if (row === k) continue;
      for (let other = 0; other < size; other++) m[row * size + other]! -= factor * column[other]!;
      m[row * size + k] = factor;
      m[k * size + row] = factor;
    }
    m[k * size + k] = -1 / pivot;
  }
  for (let at = 0; at < m.length; at++) matrix[at] = -m[at]!;
}

/** M ← −M, the lower half copied to the upper one. */
function negateAndMirror(matrix: Float32Array, size: number): void {
  const tile = 64;
  for (let top = 0; top < size; top += tile) {
    const bottom = Math.min(size, top + tile);
    for (let left = 0; left <= top; left += tile) {
      for (let row = top; row < bottom; row++) {
        const right = Math.min(left + tile, row + 1);
        for (let column = left; column < right; column++) {
          const value = -matrix[row * size + column]!;
          matrix[row * size + column] = value;
          matrix[column * size + row] = value;
        }
      }
    }
  }
}
