/**
 * Dispatch of the kernels on products of the rows of sparse matrices.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { RowProductKernels } from "../../row-product-kernels.ts";
import type { SparsePattern } from "../../sparse-kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireMatrix, requireSize } from "./checks.ts";

/** Rows handled at once: few, because their work differs widely. */
const grain = 16;

export function rowProductKernels(host: CpuHost): RowProductKernels {
  const { pool } = host;
  const handle = (tensor: Tensor | null | undefined) => tensor?.handle ?? 0;
  const places = ({ indptr, indices }: SparsePattern) => [indptr.handle, indices.handle];
  /** Zeros for each thread, given to `work` as an address and the bytes of a thread's part. */
  const withScratch = (bytes: number, work: (scratch: number, bytes: number) => void) => {
    const mark = host.mark();
    const aligned = 64 * Math.ceil(bytes / 64);
    const scratch = host.allocate(aligned * pool.threads);
    pool.run("fill", { units: (aligned / 4) * pool.threads, grain: 65536 }, scratch, 0);
    work(scratch, aligned);
    host.release(mark);
  };
  return {
    productTopRows(outColumns, outValues, firstRow, left, right, options) {
      const [rows, k] = requireMatrix("productTopRows", outColumns);
      requireSize("productTopRows", "values", outValues, rows * k);
      requireRows("productTopRows", firstRow + rows, left);
      requireInner("productTopRows", left, right);
      const { columnCount } = right;
      const { inner, factor, shift, norm } = options;
      withScratch(12 * columnCount + 4, (scratch, bytes) => {
        pool.run(
          "productTopRows",
          { units: rows, grain },
          ...[outColumns.handle, outValues.handle, k, firstRow],
          ...[...places(left), handle(inner), ...places(right)],
          ...[factor, shift, norm].flatMap((sides) => [
            handle(sides?.rows),
            handle(sides?.columns),
          ]),
          ...[options.shrinkage, options.skipDiagonal ? 1 : 0, columnCount, scratch, bytes],
        );
      });
    },
    gramRows(out, firstRow, columns, rows) {
      const [count, width] = requireMatrix("gramRows", out);
      requireRows("gramRows", firstRow + count, columns);
      const parameters = [out.handle, firstRow, width, ...places(columns), ...places(rows)];
      pool.run("gramRows", { units: count, grain }, ...parameters);
    },
    elasticNetColumns(outItems, outWeights, firstColumn, columns, rows, options) {
      const [count, k] = requireMatrix("elasticNetColumns", outItems);
      requireSize("elasticNetColumns", "weights", outWeights, count * k);
      requireRows("elasticNetColumns", firstColumn + count, columns);
      const [users, items] = [rows.rowCount, columns.rowCount];
      withScratch(8 * users + 24 * items + 8, (scratch, bytes) => {
        pool.run(
          "elasticNetColumns",
          { units: count, grain: 4 },
          ...[outItems.handle, outWeights.handle, k, firstColumn, ...places(columns)],
          ...[...places(rows), users, items, options.l1, options.l2],
          ...[options.nonNegative ? 1 : 0, options.sweeps, options.tolerance, scratch, bytes],
        );
      });
    },
    multiplyRows(out, left, right) {
      requireInner("multiplyRows", left, right);
      requireSize("multiplyRows", "output", out, left.rowCount * right.columnCount);
      const factors = [left, right].flatMap((x) => [...places(x), handle(x.values)]);
      const parameters = [out.handle, right.columnCount, ...factors];
      pool.run("multiplyRows", { units: left.rowCount, grain: 4 }, ...parameters);
    },
  };
}

function requireRows(name: string, needed: number, { rowCount, indptr }: SparsePattern): void {
  if (needed <= rowCount && indptr.size === rowCount + 1) return;
  throw new ShapeError(
    `${name}: ${needed} rows of ${rowCount} asked for, row ends are ${shapeText(indptr.shape)}`,
  );
}

function requireInner(name: string, left: SparsePattern, right: SparsePattern): void {
  if (left.columnCount === right.rowCount) return;
  throw new ShapeError(
    `${name}: ${left.rowCount}×${left.columnCount} · ${right.rowCount}×${right.columnCount}; expected m×k · k×n`,
  );
}
