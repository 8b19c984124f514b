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

/** Largest tile of the output: our kernel's stays in the second-level cache, OpenBLAS has its own blocks. */
const largestTile = {
  kernel: { rows: 192, columns: 256 },
  blas: { rows: 512, columns: 1024 },
} as const;
/** A tile is not cut below this to make more of them. */
const smallestTile = { rows: 48, columns: 64 } as const;
/** Multiplications that are worth a piece of their own: about 20 µs. */
const pieceWork = 500_000;
/** Pieces that are enough for an even share, whatever the number of threads. */
const enoughPieces = 16;

/** Inner dimension of a packed block, fixed in `kernels/matmul.ts`. */
const packedInner = 256;
/** A slice of the inner dimension is at least this long. */
const shortestSlice = 1024;

/** Multiplications below which calling OpenBLAS costs more than it saves; `bench/matmul.ts` finds it. */
const blasThreshold = 32_768;

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
      const grain = Math.max(1, Math.ceil((pieceWork * plan.units) / work));
      pool.run(
        "matmulTiles",
        { units: plan.units, grain },
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
  const most = useBlas ? largestTile.blas : largestTile.kernel;
  const wanted = Math.min(enoughPieces, Math.floor((rows * columns * inner) / pieceWork));
  let down = Math.ceil(rows / most.rows);
  let across = Math.ceil(columns / most.columns);
  while (down * across < wanted) {
    const canCutRows = rows / (down + 1) >= smallestTile.rows;
    const canCutColumns = columns / (across + 1) >= smallestTile.columns;
    if (canCutRows && (!canCutColumns || rows / down >= columns / across)) down++;
    else if (canCutColumns) across++;
    else break;
  }
  const tileRows = evenPart(rows, down, 6);
  const tileColumns = evenPart(columns, across, 8);
  const tiles = Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns);
  const cuts = Math.min(Math.floor(wanted / tiles), Math.floor(inner / shortestSlice));
  const slice = cuts > 1 ? evenPart(inner, cuts, packedInner) : Math.max(1, inner);
  const slices = Math.max(1, Math.ceil(inner / slice));
  return { tileRows, tileColumns, slice, slices, units: tiles * slices };
}

/** One of `parts` even parts of a length, rounded up to a multiple of `unit`. */
function evenPart(length: number, parts: number, unit: number): number {
  return Math.max(unit, Math.ceil(length / Math.max(1, parts) / unit) * unit);
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
