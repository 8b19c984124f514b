/**
 * Dispatch of dense products: our own kernel for small ones, OpenBLAS for the
 * others where the machine has it. How a product is cut depends on its shape
 * alone, so that the bits do not depend on the number of threads.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { Kernels } from "../../kernels.ts";
import { shapeText } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireMatrix } from "./checks.ts";

/** Rows and columns of a tile of the output. */
const tiles = {
  kernel: { rows: 192, columns: 256 },
  blas: { rows: 256, columns: 1024 },
} as const;

/** Inner dimension of a packed block, fixed in `kernels/matmul.ts`. */
const packedInner = 256;

/** Multiplications below which calling OpenBLAS costs more than it saves. */
const blasThreshold = 4096;
/** Multiplications that are worth waking another thread for. */
const threadThreshold = 262_144;

/** A long inner dimension with few tiles is cut into at most this many slices of at least that length. */
const mostSlices = 16;
const shortestSlice = 1024;

export function matmulKernels(host: CpuHost): Pick<Kernels, "matmul"> {
  const { pool } = host;
  return {
    matmul(out, a, b, transposeA, transposeB, alpha, beta) {
      const [aRows, aColumns] = requireMatrix("matmul", a);
      const [bRows, bColumns] = requireMatrix("matmul", b);
      const [rows, inner] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
      const [innerB, columns] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
      if (inner !== innerB || out.shape[0] !== rows || rowLength(out.shape) !== columns) {
        const mark = (transposed: boolean) => (transposed ? "ᵀ" : "");
        throw new ShapeError(
          `matmul: ${shapeText(a.shape)}${mark(transposeA)} · ${shapeText(b.shape)}${mark(transposeB)} ` +
            `into ${shapeText(out.shape)}; expected m×k · k×n into m×n`,
        );
      }
      const work = rows * columns * inner;
      const useBlas = host.blas && work >= blasThreshold;
      const plan = planTiles(rows, columns, inner, useBlas);
      const mark = host.mark();
      const scratchBytes = useBlas ? 0 : packedBytes(plan, inner, transposeA);
      const scratch = host.allocate(scratchBytes * pool.threads);
      const sliced = plan.slices > 1;
      const target = sliced ? host.allocate(4 * rows * columns * plan.slices) : out.handle;
      const perUnit = work / plan.units;
      pool.run(
        "matmulTiles",
        { units: plan.units, grain: Math.max(1, Math.ceil(threadThreshold / perUnit)) },
        ...[target, a.handle, b.handle, rows, columns, inner],
        ...[transposeA ? 1 : 0, transposeB ? 1 : 0, sliced ? 1 : alpha, sliced ? 0 : beta],
        ...[plan.tileRows, plan.tileColumns, plan.slice, scratch, scratchBytes, useBlas ? 1 : 0],
      );
      if (sliced) {
        const parameters = [out.handle, target, rows * columns, plan.slices, alpha, beta];
        pool.run("addSlices", { units: rows * columns, grain: 4096 }, ...parameters);
      }
      host.release(mark);
    },
  };
}

interface Plan {
  readonly tileRows: number;
  readonly tileColumns: number;
  /** Inner dimension of a slice, and how many there are. */
  readonly slice: number;
  readonly slices: number;
  /** Tiles × slices. */
  readonly units: number;
}

/** How a product is cut; a function of its shape alone. */
function planTiles(rows: number, columns: number, inner: number, useBlas: boolean): Plan {
  const most = useBlas ? tiles.blas : tiles.kernel;
  const tileRows = evenPart(rows, most.rows, 6);
  const tileColumns = evenPart(columns, most.columns, 8);
  const count = Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns);
  const wanted = Math.min(mostSlices, Math.floor(inner / shortestSlice), Math.ceil(16 / count));
  const slice = wanted > 1 ? Math.ceil(inner / wanted / packedInner) * packedInner : inner;
  const slices = Math.max(1, Math.ceil(inner / slice));
  return { tileRows, tileColumns, slice: Math.max(1, slice), slices, units: count * slices };
}

/** Largest part of at most `most` that cuts `length` evenly, rounded up to a multiple of `unit`. */
function evenPart(length: number, most: number, unit: number): number {
  const parts = Math.max(1, Math.ceil(length / most));
  return Math.max(unit, Math.ceil(length / parts / unit) * unit);
}

/** Bytes of a thread's packed block of B, and of A where it lies sideways. */
function packedBytes(plan: Plan, inner: number, transposeA: boolean): number {
  const depth = Math.min(inner, packedInner);
  const b = Math.ceil(plan.tileColumns / 8) * 8 * 4 * packedInner;
  return b + (transposeA ? plan.tileRows * depth * 4 : 0);
}

function rowLength(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, dimension) => product * dimension, 1);
}
