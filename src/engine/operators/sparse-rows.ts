/**
 * The product of a batch's sparse rows with a dense table: a first layer whose
 * input is never laid out.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { Device } from "../device.ts";
import type { SparseMatrix, SparsePattern, TakeRowsOptions } from "../sparse-kernels.ts";
import type { Variable } from "../tape.ts";
import { shapeText, type Tensor } from "../tensor.ts";
import { matrix } from "./shapes.ts";

/** A batch's rows of a larger matrix, on the device for as long as the step lasts. */
export interface SparseBatch {
  readonly matrix: SparseMatrix;
  /** Most entries that its rows can have. */
  readonly capacity: number;
}

/** Room for a sparse matrix. */
export function emptySparse(
  device: Device,
  rowCount: number,
  columnCount: number,
  capacity: number,
): SparseMatrix {
  return {
    rowCount,
    columnCount,
    indptr: device.allocate([rowCount + 1], "i32"),
    indices: device.allocate([Math.max(1, capacity)], "i32"),
    values: device.allocate([Math.max(1, capacity)]),
  };
}

/**
 * Rows of a matrix of ones, some of their entries left out.
 * @param longest entries of the longest row
 * @param index [B]: which rows, none of them twice; null = all
 */
export function takeRows(
  device: Device,
  rows: SparsePattern,
  longest: number,
  index: Tensor | null,
  options: TakeRowsOptions,
): SparseBatch {
  const count = index?.size ?? rows.rowCount;
  const capacity = Math.min(count * longest, rows.indices.size);
  const taken = emptySparse(device, count, rows.columnCount, capacity);
  device.kernels.takeRows(taken, rows, index, options);
  return { matrix: taken, capacity };
}

/**
 * X·table for the rows X of a batch; the gradient goes to the rows of the table that X has
 * entries for, in the order of the batch, and is zero elsewhere.
 * @param table columns of X × width
 */
export function multiplySparse({ matrix: x, capacity }: SparseBatch, table: Variable): Variable {
  const { device } = table.tape;
  const [columns, width] = matrix("multiplySparse", table);
  if (columns !== x.columnCount) {
    throw new ShapeError(
      `multiplySparse: ${x.rowCount}×${x.columnCount} · ${shapeText(table.value.shape)}`,
    );
  }
  const out = device.allocate([x.rowCount, width]);
  device.kernels.multiplyWeighted(out, x, table.value);
  return table.tape.record(out, [table], (gradient, sink) => {
    sink.overwrite(table, (into) => {
      const turned = emptySparse(device, columns, x.rowCount, capacity);
      device.kernels.transposeSparse(turned, x);
      device.kernels.multiplyWeighted(into, turned, gradient);
    });
  });
}
