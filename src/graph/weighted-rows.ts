/**
 * Sparse matrices with values, and the ones that are made from a binary matrix R of who
 * liked what: its rows' products with each other, cut to the strongest entries of a row.
 *
 * @module
 */

import { StoppedError } from "../base/errors.ts";
import type { ProgressReporter } from "../base/progress.ts";
import type { Rows } from "../data/interactions.ts";
import { type Device, readFloats, readIntegers } from "../engine/device.ts";
import type { ValuedPattern } from "../engine/row-product-kernels.ts";
import type { Tensor } from "../engine/tensor.ts";

/** Compressed sparse rows with one value per entry; columns in any order, unique in a row. */
export interface WeightedRows extends Rows {
  readonly values: Float32Array;
}

/** One row on its own. */
export type WeightedRow = Omit<WeightedRows, "indptr">;

/** Entry (r, c) of the product of R and Rᵀ; see `ProductOptions`. Arrays are per row of R. */
export interface RowProduct {
  /** one per column of R; null = 1 */
  readonly inner: Float32Array | null;
  readonly factor: Float32Array | null;
  readonly shift: Float32Array | null;
  /** norm of r as the row of the product, norm of c as its column */
  readonly norm: { readonly rows: Float32Array; readonly columns: Float32Array } | null;
  readonly shrinkage: number;
}

/** What long work needs of its surroundings. */
export interface WorkContext {
  readonly device: Device;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

/** Rows computed at a time: at most this many entries come out, and the signal is looked at between. */
const entriesAtOnce = 1 << 22;

/** Rows on a device; those without values count 1 an entry. */
export function uploadPattern(
  device: Device,
  rows: Rows | WeightedRows,
  columnCount: number,
): ValuedPattern {
  const { indptr, indices } = rows;
  return {
    rowCount: indptr.length - 1,
    columnCount,
    indptr: device.upload([indptr.length], indptr),
    indices: device.upload([indices.length], indices),
    values: "values" in rows ? device.upload([rows.values.length], rows.values) : null,
  };
}

/**
 * The k largest positive entries of each row of a product of R with Rᵀ, without the diagonal as a rule.
 * @param rows R
 * @param columns Rᵀ
 * @throws StoppedError on abort
 */
export async function strongestProducts(
  context: WorkContext,
  rows: Rows,
  columns: Rows,
  product: RowProduct,
  k: number,
  skipDiagonal = true,
): Promise<WeightedRows> {
  const { device } = context;
  const mark = device.mark();
  const left = uploadPattern(device, rows, columns.indptr.length - 1);
  const right = uploadPattern(device, columns, rows.indptr.length - 1);
  const upload = (x: Float32Array | null) => x && device.upload([x.length], x);
  const sides = (x: RowProduct["norm"]) =>
    x && {
      rows: device.upload([x.rows.length], x.rows),
      columns: device.upload([x.columns.length], x.columns),
    };
  const both = (x: Tensor | null) => x && { rows: x, columns: x };
  const options = {
    inner: upload(product.inner),
    factor: both(upload(product.factor)),
    shift: both(upload(product.shift)),
    norm: sides(product.norm),
    shrinkage: product.shrinkage,
    skipDiagonal,
  };
  const found = await collectRows(context, left.rowCount, k, (outColumns, outValues, first) => {
    const { kernels } = device;
    kernels.productTopRows(outColumns, outValues, first, left, right, options);
  });
  device.release(mark);
  return found;
}

/**
 * Runs a kernel that fills blocks of rows × k entries, −1 where a row has fewer, and joins them.
 * @param fill writes the rows from `first` on
 * @param rowsAtOnce rows of a block at most
 * @throws StoppedError on abort
 */
export async function collectRows(
  { device, progress, signal }: WorkContext,
  rowCount: number,
  k: number,
  fill: (columns: Tensor, values: Tensor, first: number) => void | Promise<void>,
  rowsAtOnce = 2048,
): Promise<WeightedRows> {
  const block = Math.max(1, Math.min(rowsAtOnce, Math.floor(entriesAtOnce / k)));
  const indptr = new Int32Array(rowCount + 1);
  const parts: { indices: Int32Array; values: Float32Array }[] = [];
  for (let first = 0; first < rowCount; first += block) {
    if (signal.aborted) throw new StoppedError(`stopped after ${first} of ${rowCount} rows`);
    const count = Math.min(block, rowCount - first);
    const mark = device.mark();
    const columns = device.allocate([count, k], "i32");
    const values = device.allocate([count, k]);
    await fill(columns, values, first);
    parts.push(
      withoutGaps(
        await readIntegers(device, columns),
        await readFloats(device, values),
        k,
        (row, end) => {
          indptr[first + row + 1] = indptr[first]! + end;
        },
      ),
    );
    device.release(mark);
    progress({ stage: "fit", done: first + count, total: rowCount, unit: "rows" });
    await new Promise(setImmediate);
  }
  const total = indptr[rowCount]!;
  const joined = { indptr, indices: new Int32Array(total), values: new Float32Array(total) };
  let at = 0;
  for (const { indices, values } of parts) {
    joined.indices.set(indices, at);
    joined.values.set(values, at);
    at += indices.length;
  }
  return joined;
}

/** The entries before each row's first −1, packed; tells where each row ends. */
function withoutGaps(
  columns: Int32Array,
  values: Float32Array,
  k: number,
  ends: (row: number, end: number) => void,
) {
  let kept = 0;
  for (let row = 0; row * k < columns.length; row++) {
    for (let at = row * k; at < (row + 1) * k && columns[at]! >= 0; at++) {
      columns[kept] = columns[at]!;
      values[kept++] = values[at]!;
    }
    ends(row, kept);
  }
  return { indices: columns.slice(0, kept), values: values.slice(0, kept) };
}

/** Transpose; the result's rows come out ascending. */
export function transposeWeighted(rows: WeightedRows, columnCount: number): WeightedRows {
  const indptr = new Int32Array(columnCount + 1);
  for (const column of rows.indices) indptr[column + 1]!++;
  for (let column = 0; column < columnCount; column++) indptr[column + 1]! += indptr[column]!;
  const next = indptr.slice(0, columnCount);
  const indices = new Int32Array(rows.indices.length);
  const values = new Float32Array(rows.indices.length);
  for (let row = 0; row + 1 < rows.indptr.length; row++) {
    for (let at = rows.indptr[row]!; at < rows.indptr[row + 1]!; at++) {
      const place = next[rows.indices[at]!]!++;
      indices[place] = row;
      values[place] = rows.values[at]!;
    }
  }
  return { indptr, indices, values };
}

/** Each row divided by the sum of its values' sizes; rows of zeros stay. */
export function unitSumRows(rows: WeightedRows): WeightedRows {
  const values = rows.values.slice();
  for (let row = 0; row + 1 < rows.indptr.length; row++) {
    const line = values.subarray(rows.indptr[row], rows.indptr[row + 1]);
    const sum = line.reduce((total, value) => total + Math.abs(value), 0);
    if (sum > 0) for (let at = 0; at < line.length; at++) line[at]! /= sum;
  }
  return { ...rows, values };
}

/** The named rows, in that order, with the values where there are some. */
export function selectRows<R extends Rows | WeightedRows>(rows: R, wanted: Int32Array): R;
export function selectRows(rows: Rows | WeightedRows, wanted: Int32Array): Rows | WeightedRows {
  const indptr = new Int32Array(wanted.length + 1);
  wanted.forEach((row, at) => {
    indptr[at + 1] = indptr[at]! + rows.indptr[row + 1]! - rows.indptr[row]!;
  });
  const indices = new Int32Array(indptr[wanted.length]!);
  const values = "values" in rows ? new Float32Array(indices.length) : null;
  wanted.forEach((row, at) => {
    const [from, to] = [rows.indptr[row]!, rows.indptr[row + 1]!];
    indices.set(rows.indices.subarray(from, to), indptr[at]!);
    if (values && "values" in rows) values.set(rows.values.subarray(from, to), indptr[at]!);
  });
  return values ? { indptr, indices, values } : { indptr, indices };
}

/** Of each row the k entries of the largest value, equal ones by column; rows must ascend, and do after. */
export function largestOfRows(rows: WeightedRows, k: number): WeightedRows {
  const indptr = new Int32Array(rows.indptr.length);
  const indices = rows.indices.slice();
  const values = rows.values.slice();
  let kept = 0;
  for (let row = 0; row + 1 < indptr.length; row++) {
    const [from, to] = [rows.indptr[row]!, rows.indptr[row + 1]!];
    const sorted = to - from > k ? rows.values.slice(from, to).sort() : null;
    const least = sorted ? sorted[sorted.length - k]! : -Infinity;
    // Entries equal to the least that fits come in by column, as many as there is room for.
    let room = k;
    for (let at = from; at < to; at++) if (rows.values[at]! > least) room--;
    for (let at = from; at < to; at++) {
      const value = rows.values[at]!;
      if (value < least || (value === least && room-- <= 0)) continue;
      indices[kept] = rows.indices[at]!;
      values[kept++] = value;
    }
    indptr[row + 1] = kept;
  }
  return { indptr, indices: indices.slice(0, kept), values: values.slice(0, kept) };
}

/** Rows one below the other. */
export function joinRows(rows: readonly WeightedRow[]): WeightedRows {
  const indptr = new Int32Array(rows.length + 1);
  rows.forEach(({ indices }, row) => {
    indptr[row + 1] = indptr[row]! + indices.length;
  });
  const indices = new Int32Array(indptr[rows.length]!);
  const values = new Float32Array(indptr[rows.length]!);
  rows.forEach((row, at) => {
    indices.set(row.indices, indptr[at]!);
    values.set(row.values, indptr[at]!);
  });
  return { indptr, indices, values };
}

/** The same with one row more at the end. */
export function appendRow(rows: WeightedRows, row: WeightedRow): WeightedRows {
  const entries = rows.indices.length;
  const indptr = new Int32Array(rows.indptr.length + 1);
  const indices = new Int32Array(entries + row.indices.length);
  const values = new Float32Array(indices.length);
  indptr.set(rows.indptr);
  indptr[rows.indptr.length] = indices.length;
  indices.set(rows.indices);
  indices.set(row.indices, entries);
  values.set(rows.values);
  values.set(row.values, entries);
  return { indptr, indices, values };
}
