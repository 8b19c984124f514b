/**
 * Dispatch of the kernels that do several passes in one.
 *
 * @module
 */

import type { Kernels } from "../../kernels.ts";
import type { CpuHost } from "../host.ts";
import { requireSameSize, requireSize, rowWidth } from "./checks.ts";
import { adamNumbers } from "./optimise.ts";
import { rowChunks } from "./rows.ts";
import { bfloatWords, checkShapes } from "./sparse.ts";

/** Elements that are worth waking another thread for. */
const grain = 16384;
/** Floats of a cache line: threads do not share one. */
const lineLength = 16;

type FusedKernels = Pick<Kernels, "propagateUpdate" | "addRowMultiples" | "squaredNormOfRows">;

export function fusedKernels(host: CpuHost): FusedKernels {
  const { pool } = host;
  return {
    propagateUpdate(parameter, { mean, variance, options: adam }, graph, x, options, multiples) {
      checkShapes("propagateUpdate", parameter, graph, x, options.base);
      requireSameSize("propagateUpdate", parameter, mean, variance);
      if (multiples) requireSize("propagateUpdate", "factor", multiples.factor, 1);
      const width = rowWidth(parameter);
      const lineStride = Math.ceil(width / lineLength) * lineLength;
      const mark = host.mark();
      const lines = host.allocate(4 * lineStride * pool.threads);
      pool.run(
        "propagateUpdate",
        graph.chunks,
        ...[parameter.handle, mean.handle, variance.handle, x.handle, bfloatWords(x), width],
        ...[graph.indptr.handle, graph.indices.handle, options.rowScale?.handle ?? 0],
        ...[options.factor, options.base?.handle ?? 0, options.bias],
        ...[options.baseRows?.mask.handle ?? 0, options.inputRows?.mask.handle ?? 0],
        ...[graph.scratch.handle, graph.scratch.shape[1]!, lines, lineStride],
        ...[multiples?.rows.times.handle ?? 0, multiples?.factor.handle ?? 0],
        ...adamNumbers(adam),
      );
      host.release(mark);
    },
    addRowMultiples(out, x, { rows, factor }) {
      requireSameSize("addRowMultiples", out, x);
      requireSize("addRowMultiples", "factor", factor, 1);
      const width = rowWidth(x);
      const chunks = rowChunks(host.integers(rows.count)[0]!, width, grain);
      const places = [out.handle, x.handle, width, rows.list.handle, rows.times.handle];
      pool.run("addRowMultiples", chunks, ...places, factor.handle);
    },
    squaredNormOfRows(out, x, rows) {
      requireSize("squaredNormOfRows", "output", out, 1);
      const width = rowWidth(x);
      const mark = host.mark();
      const norms = host.allocate(4 * rows.list.size);
      const units = host.integers(rows.count)[0]!;
      const places = [norms, x.handle, width, rows.list.handle, rows.times.handle];
      pool.run("rowNorms", rowChunks(units, width, grain), ...places);
      pool.run("rowSums", { units: 1, grain: 1 }, out.handle, norms, units);
      host.release(mark);
    },
  };
}
