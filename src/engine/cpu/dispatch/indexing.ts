/**
 * Dispatch of the kernels that move rows and columns.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { IndexedRows } from "../../dense-kernels.ts";
import type { Kernels } from "../../kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireSameSize, requireSize, rowWidth } from "./checks.ts";
import { rowChunks } from "./rows.ts";

type IndexingKernels = Pick<
  Kernels,
  | "gatherRows"
  | "scatterAddRows"
  | "indexedDot"
  | "indexedDotGradient"
  | "putColumns"
  | "takeColumns"
>;

/** Elements that are worth waking another thread for. */
const grain = 16384;
/** Columns of a block of `indexedDotGradient`, fixed in `kernels/indexing.ts`. */
const columnBlock = 16;

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
    indexedDot(out, a, b) {
      const { width, count, places } = pairsOf("indexedDot", out, a, b);
      const rows = rowChunks(a.index.size, width * count, grain);
      pool.run("indexedDot", rows, out.handle, ...places, width, count);
    },
    indexedDotGradient(gradA, gradB, slopes, a, b) {
      const { width, count, places } = pairsOf("indexedDotGradient", slopes, a, b);
      if (gradA) requireSameSize("indexedDotGradient", gradA, a.table);
      if (gradB) requireSameSize("indexedDotGradient", gradB, b.table);
      pool.run(
        "indexedDotGradient",
        rowChunks(Math.ceil(width / columnBlock), 2 * columnBlock * slopes.size, grain),
        ...[gradA?.handle ?? 0, gradB?.handle ?? 0, slopes.handle],
        ...[...places, width, count, slopes.size],
      );
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

/** Rows of a that each meet as many rows of b. */
function pairsOf(name: string, out: Tensor, a: IndexedRows, b: IndexedRows) {
  const width = rowWidth(a.table);
  const count = b.index.size / a.index.size;
  if (rowWidth(b.table) !== width || !Number.isInteger(count)) {
    throw new ShapeError(
      `${name}: ${a.index.size} rows of ${shapeText(a.table.shape)} against ` +
        `${b.index.size} of ${shapeText(b.table.shape)}, expected as many for each row, as wide`,
    );
  }
  requireSize(name, "scores", out, b.index.size);
  const places = [a, b].flatMap(({ table, index, offset }) => [table.handle, index.handle, offset]);
  return { width, count, places };
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
