/**
 * Dispatch of the kernels of contrastive losses.
 *
 * @module
 */

import type { Kernels } from "../../kernels.ts";
import type { CpuHost } from "../host.ts";
import { requireMatrix, requireSameSize, requireSize } from "./checks.ts";
import { rowChunks } from "./rows.ts";

type ContrastKernels = Pick<
  Kernels,
  | "maskEqual"
  | "maskBeyond"
  | "logSumExpRows"
  | "logSumExpRowsGradient"
  | "rowMaxima"
  | "addAtColumns"
  | "addToRows"
>;

/** Elements that are worth waking another thread for. */
const lightGrain = 16384;
const exponentialGrain = 2048;

export function contrastKernels({ pool }: CpuHost): ContrastKernels {
  return {
    maskEqual(x, rowKeys, columnKeys, value) {
      const [rows, width] = requireMatrix("maskEqual", x);
      requireSize("maskEqual", "row keys", rowKeys, rows);
      if (columnKeys) requireSize("maskEqual", "column keys", columnKeys, width);
      const places = [x.handle, rowKeys.handle, columnKeys?.handle ?? 0];
      pool.run("maskEqual", rowChunks(rows, width, lightGrain), ...places, width, value);
    },
    maskBeyond(x, count, value) {
      const [rows, width] = requireMatrix("maskBeyond", x);
      requireSize("maskBeyond", "count", count, 1);
      const chunks = rowChunks(rows, width, lightGrain);
      pool.run("maskBeyond", chunks, x.handle, count.handle, width, value);
    },
    logSumExpRows(out, x, factor) {
      const [rows, width] = requireMatrix("logSumExpRows", x);
      requireSize("logSumExpRows", "output", out, rows);
      const chunks = rowChunks(rows, width, exponentialGrain);
      pool.run("logSumExpRows", chunks, out.handle, x.handle, factor, width);
    },
    logSumExpRowsGradient(gradX, gradY, x, y, factor, accumulate) {
      const [rows, width] = requireMatrix("logSumExpRowsGradient", x);
      requireSameSize("logSumExpRowsGradient", gradX, x);
      requireSize("logSumExpRowsGradient", "gradient", gradY, rows);
      requireSize("logSumExpRowsGradient", "output", y, rows);
      const places = [gradX.handle, gradY.handle, x.handle, y.handle];
      const chunks = rowChunks(rows, width, exponentialGrain);
      const adds = accumulate ? 1 : 0;
      pool.run("logSumExpRowsGradient", chunks, ...places, factor, width, adds);
    },
    rowMaxima(out, index, x) {
      const [rows, width] = requireMatrix("rowMaxima", x);
      requireSize("rowMaxima", "output", out, rows);
      requireSize("rowMaxima", "index", index, rows);
      const places = [out.handle, index.handle, x.handle];
      pool.run("rowMaxima", rowChunks(rows, width, lightGrain), ...places, width);
    },
    addAtColumns(out, index, s) {
      const [rows, width] = requireMatrix("addAtColumns", out);
      requireSize("addAtColumns", "index", index, rows);
      requireSize("addAtColumns", "numbers", s, rows);
      const places = [out.handle, index.handle, s.handle];
      pool.run("addAtColumns", { units: rows, grain: lightGrain }, ...places, width);
    },
    addToRows(out, x, s, factor) {
      const [rows, width] = requireMatrix("addToRows", x);
      requireSameSize("addToRows", out, x);
      requireSize("addToRows", "numbers", s, rows);
      const places = [out.handle, x.handle, s.handle];
      pool.run("addToRows", rowChunks(rows, width, lightGrain), ...places, factor, width);
    },
  };
}
