/**
 * Dispatch of the graph kernels.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { Kernels, RowSet, SparseRows } from "../../kernels.ts";
import { shapeText, type Tensor, wordsOfRow } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireMatrix, requireSameSize, requireSize } from "./checks.ts";
import { listChunks, rowChunks } from "./rows.ts";

type SparseKernels = Pick<
  Kernels,
  "propagate" | "roundRows" | "collectRows" | "shareRows" | "clearRows" | "zeroRows"
>;

/** Elements that are worth waking another thread for. */
const grain = 16384;

export function sparseKernels(host: CpuHost): SparseKernels {
  const { pool } = host;
  const handle = (tensor: Tensor | null) => tensor?.handle ?? 0;
  const countOf = (set: RowSet) => host.integers(set.count)[0]!;
  return {
    propagate(out, graph, x, options) {
      if (x.type === "bf16" && options.columnScale) {
        throw new TypeError(
          "propagate: x is bf16 and has a column scale; scale it when it is rounded",
        );
      }
      checkShapes("propagate", out, graph, x, options.base);
      const { outputRows, inputRows } = options;
      const [words, outWords] = [bfloatWords(x), bfloatWords(out)];
      const mark = host.mark();
      const sums = outWords && host.allocate(4 * 2 * outWords * pool.threads);
      const chunks = outputRows ? listChunks(countOf(outputRows), pool.threads) : graph.chunks;
      pool.run(
        "propagate",
        chunks,
        ...[out.handle, x.handle, x.shape[1]!, graph.indptr.handle, graph.indices.handle],
        ...[handle(options.columnScale), handle(options.rowScale), options.factor],
        ...[handle(options.base), options.bias, handle(options.baseRows?.mask ?? null)],
        ...[handle(options.outScale), handle(outputRows?.list ?? null)],
        ...[handle(inputRows?.mask ?? null), graph.scratch.handle, graph.scratch.shape[1]!],
        ...[words, outWords, sums],
      );
      host.release(mark);
    },
    roundRows(out, x, { scale, rows }) {
      requireSameSize("roundRows", out, x);
      const [count, width] = requireMatrix("roundRows", x);
      if (out.type !== "bf16") throw new TypeError(`roundRows: out is ${out.type}, expected bf16`);
      if (scale) requireSize("roundRows", "scales", scale, count);
      const units = rows ? countOf(rows) : count;
      pool.run(
        "roundRows",
        rowChunks(units, width, grain),
        ...[out.handle, bfloatWords(out), x.handle, width],
        ...[handle(scale), handle(rows?.list ?? null)],
      );
    },
    collectRows(set, indices) {
      for (const { index, offset } of indices) {
        pool.run(
          "collectRows",
          { units: index.size, grain: index.size },
          ...[index.handle, offset, set.mask.handle, set.list.handle, set.count.handle],
          set.times.handle,
        );
      }
    },
    shareRows(set, shares) {
      const places = [shares.handle, set.list.handle, set.count.handle];
      pool.run("shareRows", { units: shares.size, grain: 2048 }, ...places);
    },
    clearRows(set) {
      const units = countOf(set);
      const places = [set.mask.handle, set.list.handle, set.times.handle];
      pool.run("clearRows", { units, grain: units }, ...places);
      host.integers(set.count)[0] = 0;
    },
    zeroRows(table, set) {
      const parameters = [table.handle, table.size / table.shape[0]!, set.list.handle];
      pool.run("zeroRows", { units: countOf(set), grain: 2048 }, ...parameters);
    },
  };
}

/** Words of a row in bfloat16; 0 of a float32 matrix. */
export function bfloatWords({ type, shape }: Tensor): number {
  return type === "bf16" ? wordsOfRow(shape[1]!) : 0;
}

/** Whether x goes through the graph into tables like `out`. */
export function checkShapes(
  kernel: string,
  out: Tensor,
  graph: SparseRows,
  x: Tensor,
  base: Tensor | null,
): void {
  const width = x.shape[1];
  for (const [name, tensor] of Object.entries({ out, x, base })) {
    const rows = name === "x" ? graph.columnCount : graph.rowCount;
    if (tensor && (tensor.shape[0] !== rows || tensor.shape[1] !== width)) {
      throw new ShapeError(
        `${kernel}: ${name} is ${shapeText(tensor.shape)}, expected ${rows}×${width}`,
      );
    }
  }
}
