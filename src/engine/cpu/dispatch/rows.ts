/**
 * Dispatch of the kernels on rows: bias, sums, scales, softmax.
 *
 * @module
 */

import type { Kernels } from "../../kernels.ts";
import type { Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireSameSize, requireSize, rowWidth } from "./checks.ts";

type RowKernels = Pick<
  Kernels,
  | "addBias"
  | "columnSums"
  | "rowSums"
  | "scaleRows"
  | "rowDot"
  | "softmaxRows"
  | "logSoftmaxRows"
  | "softmaxRowsGradient"
  | "logSoftmaxRowsGradient"
>;

/** Elements that are worth waking another thread for. */
const lightGrain = 16384;
const softmaxGrain = 2048;
/** Columns of a chunk of `columnSums`: at least a cache line of each row. */
const columnGrain = 16;

/** Rows of a matrix cut into chunks of about `elements` elements. */
export function rowChunks(rows: number, width: number, elements: number) {
  return { units: rows, grain: Math.max(1, Math.ceil(elements / Math.max(1, width))) };
}

/**
 * Rows of a set, whose work differs widely: a dozen chunks a thread even it out, and none is too small
 * to be worth handing out.
 */
export function listChunks(count: number, threads: number) {
  const [leastRows, chunksOfThread] = [32, 12];
  return {
    units: count,
    grain: Math.max(leastRows, Math.ceil(count / (chunksOfThread * threads))),
  };
}

export function rowKernels(host: CpuHost): RowKernels {
  const { pool } = host;

  /** Runs one of the softmax kernels, whose tensors all have the same shape. */
  const softmax = (name: string, out: Tensor, ...others: readonly Tensor[]) => {
    requireSameSize(name, out, ...others);
    const width = rowWidth(out);
    const places = [out, ...others].map(({ handle }) => handle);
    pool.run(name, rowChunks(out.shape[0]!, width, softmaxGrain), ...places, width);
  };

  return {
    addBias(out, x, bias) {
      requireSameSize("addBias", out, x);
      const width = rowWidth(x);
      requireSize("addBias", "bias", bias, width);
      const places = [out.handle, x.handle, bias.handle];
      if (width === 1) pool.run("addNumber", { units: x.size, grain: lightGrain }, ...places);
      else pool.run("addBias", rowChunks(x.shape[0]!, width, lightGrain), ...places, width);
    },
    columnSums(out, x, accumulate) {
      const width = rowWidth(x);
      const rows = x.shape[0]!;
      requireSize("columnSums", "output", out, width);
      const grain = Math.max(columnGrain, Math.ceil(lightGrain / rows));
      const sizes = [rows, width, accumulate ? 1 : 0];
      pool.run("columnSums", { units: width, grain }, out.handle, x.handle, ...sizes);
    },
    rowSums(out, x) {
      const rows = x.shape[0]!;
      const width = rowWidth(x);
      requireSize("rowSums", "output", out, rows);
      pool.run("rowSums", rowChunks(rows, width, lightGrain), out.handle, x.handle, width);
    },
    scaleRows(out, x, s, accumulate) {
      requireSameSize("scaleRows", out, x);
      requireSize("scaleRows", "scales", s, x.shape[0]!);
      const places = [out.handle, x.handle, s.handle];
      const adds = accumulate ? 1 : 0;
      const width = rowWidth(x);
      if (s.size === 1) {
        pool.run("scaleByNumber", { units: x.size, grain: lightGrain }, ...places, adds);
      } else {
        pool.run("scaleRows", rowChunks(s.size, width, lightGrain), ...places, width, adds);
      }
    },
    rowDot(out, a, b) {
      requireSameSize("rowDot", a, b);
      const rows = a.shape[0]!;
      const width = rowWidth(a);
      requireSize("rowDot", "output", out, rows);
      const places = [out.handle, a.handle, b.handle];
      pool.run("rowDot", rowChunks(rows, width, lightGrain), ...places, width);
    },
    softmaxRows: (out, x) => softmax("softmaxRows", out, x),
    logSoftmaxRows: (out, x) => softmax("logSoftmaxRows", out, x),
    softmaxRowsGradient: (gradX, gradY, y) => softmax("softmaxRowsGradient", gradX, gradY, y),
    logSoftmaxRowsGradient: (gradX, gradY, y) => softmax("logSoftmaxRowsGradient", gradX, gradY, y),
  };
}
