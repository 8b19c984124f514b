/**
 * Dispatch of the kernels on sparse matrices. Rows cost very different amounts,
 * so they are handed out a few at a time.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { IndexLists, SparseMatrixKernels, SparsePattern } from "../../sparse-kernels.ts";
import { shapeText } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireMatrix, requireSize } from "./checks.ts";

/** Rows of a product handed out at once. */
const productGrain = 16;

export function sparseProductKernels(host: CpuHost): SparseMatrixKernels {
  const { pool } = host;
  return {
    countSparseProduct(counts, a, b) {
      requireInner("countSparseProduct", a, b);
      requireSize("countSparseProduct", "counts", counts, a.rowCount);
      const mark = host.mark();
      const bytes = 4 * bitWords(b.columnCount);
      const scratch = host.allocate(bytes * pool.threads);
      pool.run(
        "countProductRows",
        { units: a.rowCount, grain: productGrain },
        ...[counts.handle, ...places(a), ...places(b), b.columnCount, scratch, bytes],
      );
      host.release(mark);
    },
    sparseProduct(out, a, b, { rowScale, middleScale, columnScale, power }) {
      requireInner("sparseProduct", a, b);
      requireSize("sparseProduct", "rowScale", rowScale, a.rowCount);
      requireSize("sparseProduct", "middleScale", middleScale, a.columnCount);
      requireSize("sparseProduct", "columnScale", columnScale, b.columnCount);
      requireSize("sparseProduct", "indptr of the output", out.indptr, a.rowCount + 1);
      const mark = host.mark();
      const bytes = 4 * (b.columnCount + bitWords(b.columnCount));
      const scratch = host.allocate(bytes * pool.threads);
      pool.run(
        "fillProductRows",
        { units: a.rowCount, grain: productGrain },
        ...[...places(out), out.values.handle, ...places(a), ...places(b), b.columnCount],
        ...[rowScale.handle, middleScale.handle, columnScale.handle, power, scratch, bytes],
      );
      host.release(mark);
    },
    multiplySparseRows(out, x, matrix, { scale, diagonal, accumulate }) {
      const { rowCount, columnCount } = x;
      requireSize("multiplySparseRows", "output", out, rowCount * columnCount);
      if (matrix && (matrix.rowCount !== columnCount || matrix.columnCount !== columnCount)) {
        throw new ShapeError(
          `multiplySparseRows: rows of ${columnCount} columns, matrix ${matrix.rowCount}×${matrix.columnCount}; expected it square`,
        );
      }
      const m = matrix ? [...places(matrix), matrix.values.handle] : [0, 0, 0];
      pool.run(
        "multiplySparseRows",
        { units: rowCount, grain: 4 },
        ...[out.handle, columnCount, ...places(x), ...m, scale, diagonal, accumulate ? 1 : 0],
      );
    },
    multiplyWeighted(out, matrix, x) {
      const [rows, width] = requireMatrix("multiplyWeighted", x);
      if (rows !== matrix.columnCount) {
        throw new ShapeError(
          `multiplyWeighted: matrix ${matrix.rowCount}×${matrix.columnCount}, x is ${shapeText(x.shape)}`,
        );
      }
      requireSize("multiplyWeighted", "output", out, matrix.rowCount * width);
      pool.run(
        "multiplyWeighted",
        { units: matrix.rowCount, grain: productGrain },
        ...[out.handle, x.handle, width, ...places(matrix), matrix.values.handle],
      );
    },
    takeRows(out, x, index, { rate, normalise, key0, key1, draw }) {
      requireSize("takeRows", "indptr", out.indptr, out.rowCount + 1);
      if (index) requireSize("takeRows", "index", index, out.rowCount);
      if (!(rate >= 0 && rate < 1)) throw new RangeError(`takeRows: rate ${rate} is not in [0, 1)`);
      const threshold = Math.min(65535, Math.round(rate * 65536));
      pool.run(
        "takeRows",
        { units: out.rowCount, grain: out.rowCount },
        ...[...places(out), out.values.handle, ...places(x), index?.handle ?? 0],
        ...[normalise ? 1 : 0, threshold, 65536 / (65536 - threshold), key0, key1, draw],
      );
    },
    transposeSparse(out, matrix) {
      const { rowCount, columnCount } = matrix;
      requireSize("transposeSparse", "indptr", out.indptr, columnCount + 1);
      pool.run(
        "transposeSparse",
        { units: rowCount, grain: rowCount },
        ...[...places(out), out.values.handle, columnCount],
        ...[...places(matrix), matrix.values.handle],
      );
    },
    transpose(out, x) {
      const [rows, columns] = requireMatrix("transpose", x);
      const [outRows, outColumns] = requireMatrix("transpose", out);
      if (outRows !== columns || outColumns !== rows) {
        throw new ShapeError(
          `transpose: ${shapeText(x.shape)} into ${shapeText(out.shape)}; expected ${columns}×${rows}`,
        );
      }
      const grain = 4 * Math.max(1, Math.ceil(4096 / rows));
      pool.run("transposeRows", { units: columns, grain }, out.handle, x.handle, rows, columns);
    },
  };
}

function places({ indptr, indices }: IndexLists): [number, number] {
  return [indptr.handle, indices.handle];
}

/** 32-bit words that hold one bit a column. */
function bitWords(columnCount: number): number {
  return Math.ceil(columnCount / 32);
}

function requireInner(name: string, a: SparsePattern, b: SparsePattern): void {
  if (a.columnCount === b.rowCount) return;
  throw new ShapeError(
    `${name}: ${a.rowCount}×${a.columnCount} · ${b.rowCount}×${b.columnCount}; expected m×k · k×n`,
  );
}
