/**
 * Dispatch of the graph kernels.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { Kernels, PropagateOptions, RowSet, SparseRows } from "../../kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";

type SparseKernels = Pick<Kernels, "propagate" | "collectRows" | "clearRows" | "zeroRows">;

/** Rows of a row set handled at once: small, because their degrees differ widely. */
const listGrain = 32;

export function sparseKernels(host: CpuHost): SparseKernels {
  const { pool } = host;
  const handle = (tensor: Tensor | null) => tensor?.handle ?? 0;
  const countOf = (set: RowSet) => host.integers(set.count)[0]!;
  return {
    propagate(out, graph, x, options) {
      checkShapes(out, graph, x, options);
      const { outputRows, inputRows } = options;
      const chunks = outputRows ? { units: countOf(outputRows), grain: listGrain } : graph.chunks;
      pool.run(
        "propagate",
        chunks,
        ...[out.handle, x.handle, x.shape[1]!, graph.indptr.handle, graph.indices.handle],
        ...[handle(options.columnScale), handle(options.rowScale), options.factor],
        ...[handle(options.base), options.bias, handle(options.baseRows?.mask ?? null)],
        ...[handle(options.outScale), handle(outputRows?.list ?? null)],
        ...[handle(inputRows?.mask ?? null), graph.scratch.handle, graph.scratch.shape[1]!],
      );
    },
    collectRows(set, indices) {
      for (const { index, offset } of indices) {
        pool.run(
          "collectRows",
          { units: index.size, grain: index.size },
          ...[index.handle, offset, set.mask.handle, set.list.handle, set.count.handle],
        );
      }
    },
    clearRows(set) {
      const units = countOf(set);
      pool.run("clearRows", { units, grain: units }, set.mask.handle, set.list.handle);
      host.integers(set.count)[0] = 0;
    },
    zeroRows(table, set) {
      const parameters = [table.handle, table.size / table.shape[0]!, set.list.handle];
      pool.run("zeroRows", { units: countOf(set), grain: 2048 }, ...parameters);
    },
  };
}

function checkShapes(out: Tensor, graph: SparseRows, x: Tensor, options: PropagateOptions): void {
  const width = x.shape[1];
  for (const [name, tensor] of Object.entries({ out, x, base: options.base })) {
    const rows = name === "x" ? graph.columnCount : graph.rowCount;
    if (tensor && (tensor.shape[0] !== rows || tensor.shape[1] !== width)) {
      throw new ShapeError(
        `propagate: ${name} is ${shapeText(tensor.shape)}, expected ${rows}×${width}`,
      );
    }
  }
}
