/**
 * Dispatch of the kernels that move rows and columns.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { Kernels } from "../../kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireSize, rowWidth } from "./checks.ts";
import { rowChunks } from "./rows.ts";

type IndexingKernels = Pick<
  Kernels,
  "gatherRows" | "scatterAddRows" | "putColumns" | "takeColumns"
>;

/** Elements that are worth waking another thread for. */
const grain = 16384;

export function indexingKernels(host: CpuHost): IndexingKernels {
  const { pool } = host;
  return {
    gatherRows(out, table, index, offset) {
      const width = rowWidth(table);
      requireSize("gatherRows", "output", out, index.size * width);
      const places = [out.handle, table.handle, index.handle];
      pool.run("gatherRows", rowChunks(index.size, width, grain), ...places, offset, width);
    },
    scatterAddRows(table, index, offset, source, scale) {
      const width = rowWidth(table);
      requireSize("scatterAddRows", "source", source, index.size * width);
      const count = index.size;
      const parameters = [table.handle, index.handle, offset, source.handle, scale, width];
      if (pool.threads === 1 || count * width < 2 * grain) {
        pool.run("scatterAddInOrder", { units: count, grain: count }, ...parameters);
        return;
      }
      const mark = host.mark();
      const { heads, next, chains } = chainEqualRows(host, index, table.shape[0]!);
      pool.run("scatterAddChains", rowChunks(chains, width, grain), ...parameters, heads, next);
      host.release(mark);
    },
    putColumns(out, x, from) {
      const width = rowWidth(x);
      requireColumns("putColumns", out, x, from);
      const rows = rowChunks(x.shape[0]!, width, grain);
      pool.run("putColumns", rows, out.handle, rowWidth(out), x.handle, width, from);
    },
    takeColumns(out, x, from, accumulate) {
      const width = rowWidth(out);
      requireColumns("takeColumns", x, out, from);
      const rows = rowChunks(out.shape[0]!, width, grain);
      const parameters = [out.handle, width, x.handle, rowWidth(x), from, accumulate ? 1 : 0];
      pool.run("takeColumns", rows, ...parameters);
    },
  };
}

/**
 * Links equal entries of an index so that each row of a table is added to by one
 * thread, in the order of the index. Takes scratch memory that the caller releases.
 */
function chainEqualRows(host: CpuHost, index: Tensor, tableRows: number) {
  const distinct = Math.min(index.size, tableRows);
  const slotCount = 2 ** Math.ceil(Math.log2(2 * distinct + 1));
  const slots = host.allocate(4 * slotCount);
  const heads = host.allocate(4 * distinct);
  const tails = host.allocate(4 * distinct);
  const next = host.allocate(4 * index.size);
  const count: Tensor = { shape: [1], type: "i32", size: 1, handle: host.allocate(4) };
  host.pool.run(
    "chainRows",
    { units: index.size, grain: index.size },
    ...[index.handle, slots, slotCount - 1, heads, tails, next, count.handle],
  );
  return { heads, next, chains: host.integers(count)[0]! };
}

/** `narrow` is as high as `wide` and fits into its columns from `from` on. */
function requireColumns(name: string, wide: Tensor, narrow: Tensor, from: number): void {
  const fits = from >= 0 && from + rowWidth(narrow) <= rowWidth(wide);
  if (wide.shape[0] === narrow.shape[0] && fits) return;
  throw new ShapeError(
    `${name}: ${shapeText(narrow.shape)} does not fit into ${shapeText(wide.shape)} from column ${from}`,
  );
}
