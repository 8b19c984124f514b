/**
 * Dispatch of the kernels on listed pairs.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { ListedPairKernels } from "../../listed-pair-kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireSameSize, requireSize, rowWidth } from "./checks.ts";
import { rowChunks } from "./rows.ts";

/** Elements that are worth waking another thread for. */
const grain = 16384;
/** Columns of a block of `sumListedRows`, fixed in `kernels/listed-pairs.ts`. */
const blockColumns = 16;

export function listedPairKernels({ pool }: CpuHost): ListedPairKernels {
  const onOneThread = (units: number) => ({ units, grain: units });
  /** Rows of the table, in pieces that hold about the grain's elements of pairs. */
  const tableChunks = (rows: number, pairs: number, width: number) =>
    rowChunks(rows, (pairs * width) / rows, grain);

  return {
    listPairs({ ends, places }, index) {
      requireSameSize("listPairs", places, index);
      const whole = onOneThread(index.size);
      pool.run("countListed", whole, ends.handle, ends.size, index.handle);
      pool.run("placeListed", onOneThread(ends.size), ends.handle);
      pool.run("enterListed", whole, ends.handle, places.handle, index.handle);
    },
    listedDots(out, a, table, { ends, places }) {
      const width = requireTable("listedDots", a, table, ends);
      requireSameSize("listedDots", out, places);
      const chunks = tableChunks(ends.size, places.size, width);
      const tables = [out.handle, a.handle, table.handle, width];
      pool.run("listedDots", chunks, ...tables, ends.handle, places.handle, rowWidth(places));
    },
    takeSlopes({ entries, places }, slopes) {
      requireSameSize("takeSlopes", slopes, places);
      requireSize("takeSlopes", "entries", entries, 2 * places.size);
      const list = [entries.handle, places.handle, slopes.handle, rowWidth(places)];
      pool.run("takeSlopes", { units: slopes.size, grain }, ...list);
    },
    sumListedRows(out, table, { ends, entries }, accumulate) {
      const width = requireTable("sumListedRows", out, table, ends);
      const blocks = { units: Math.ceil(width / blockColumns), grain: 1 };
      const tables = [out.handle, out.shape[0]!, table.handle, ends.size, width];
      pool.run("sumListedRows", blocks, ...tables, ends.handle, entries.handle, accumulate ? 1 : 0);
    },
    addListedRows(out, a, { ends, entries, places }, accumulate) {
      const width = requireTable("addListedRows", a, out, ends);
      const chunks = tableChunks(ends.size, places.size, width);
      const [everyRow, adds] = [0, accumulate ? 1 : 0];
      const parameters = [out.handle, a.handle, width, everyRow, ends.handle, entries.handle, adds];
      pool.run("sumPairs", chunks, ...parameters);
    },
  };
}

/** The width of both, the table having as many rows as the list is about. */
function requireTable(name: string, a: Tensor, table: Tensor, ends: Tensor): number {
  const width = rowWidth(a);
  if (table.shape[0] === ends.size && rowWidth(table) === width) return width;
  throw new ShapeError(
    `${name}: ${shapeText(a.shape)} against ${shapeText(table.shape)}, expected ${ends.size}×${width}`,
  );
}
