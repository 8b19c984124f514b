/**
 * Dispatch of alternating least squares.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import { type Kernels, type LeastSquares, leastSquaresUnit } from "../../kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import { alignedBytes } from "../arena.ts";
import type { CpuHost } from "../host.ts";
import { requireMatrix, requireSize } from "./checks.ts";

type LeastSquaresKernels = Pick<Kernels, "solveRows" | "improveRows">;

/** Rows handled at once: few, because their numbers of neighbours differ widely. */
const grain = 8;
/** Neighbours that `kernels/least-squares.ts` packs at once, and what lies between its panels. */
const packed = { rows: 128, gapBytes: 64 } as const;

export function leastSquaresKernels(host: CpuHost): LeastSquaresKernels {
  const { pool } = host;

  /** Runs a kernel over the rows, with so many bytes for each thread. */
  function overRows(
    name: "solveRows" | "improveRows",
    out: Tensor,
    { rows, table, weights, targets, spectrum, ridge }: LeastSquares,
    [first, last]: readonly [number, number],
    bytes: number,
    ...options: readonly number[]
  ): void {
    const mark = host.mark();
    const own = alignedBytes(bytes);
    const scratch = host.allocate(own * pool.threads);
    pool.run(
      name,
      { units: last - first, grain },
      ...[out.handle, first, rows.indptr.handle, rows.indices.handle],
      ...[weights.handle, targets.handle, table.handle, table.shape[1]!],
      ...[spectrum?.handle ?? 0, ridge.handle, ...options, scratch, own],
    );
    host.release(mark);
  }

  return {
    solveRows(out, system, first, last) {
      const width = checkShapes("solveRows", out, system, first, last);
      const deepest = Math.max(packed.rows, width) * 4 * leastSquaresUnit + packed.gapBytes;
      const panels = (width / leastSquaresUnit) * deepest;
      const bytes = 4 * (width * width + 2 * width) + panels;
      overRows("solveRows", out, system, [first, last], bytes);
    },
    improveRows(out, system, steps, first, last) {
      const width = checkShapes("improveRows", out, system, first, last);
      overRows("improveRows", out, system, [first, last], 4 * 5 * width, steps);
    },
  };
}

/** Returns the width. */
function checkShapes(
  name: string,
  out: Tensor,
  { rows, table, weights, targets, spectrum, ridge }: LeastSquares,
  first: number,
  last: number,
): number {
  const [columns, width] = requireMatrix(name, table);
  if (columns !== rows.columnCount || width % leastSquaresUnit !== 0) {
    throw new ShapeError(
      `${name}: the table is ${shapeText(table.shape)}, expected ${rows.columnCount} rows ` +
        `of a multiple of ${leastSquaresUnit} columns`,
    );
  }
  if (out.shape[0] !== rows.rowCount || out.shape[1] !== width) {
    throw new ShapeError(
      `${name}: out is ${shapeText(out.shape)}, expected ${rows.rowCount}×${width}`,
    );
  }
  if (first < 0 || first > last || last > rows.rowCount) {
    throw new ShapeError(`${name}: rows ${first} … ${last} of ${rows.rowCount}`);
  }
  requireSize(name, "targets", targets, weights.size);
  requireSize(name, "ridge", ridge, rows.rowCount);
  if (spectrum) requireSize(name, "spectrum", spectrum, width);
  return width;
}
