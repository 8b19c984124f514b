/**
 * Dispatch of the kernels over rows.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { Kernels } from "../../kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";

type RowKernels = Pick<
  Kernels,
  "rowSums" | "rowDot" | "scaleRows" | "gatherRows" | "scatterAddRows"
>;

/** Elements that are worth waking a second thread for. */
const grainElements = 8192;

export function rowKernels(host: CpuHost): RowKernels {
  const { pool } = host;
  const rowsOf = (rows: number, width: number) => ({
    units: rows,
    grain: Math.max(1, Math.ceil(grainElements / width)),
  });
  return {
    rowSums(out, x) {
      const width = widthOf(x);
      expect("rowSums", out.size === rowCount(x), out, x);
      pool.run("rowSums", rowsOf(out.size, width), out.handle, x.handle, width);
    },
    rowDot(out, a, b) {
      const width = widthOf(a);
      expect("rowDot", a.size === b.size && width === widthOf(b), a, b);
      expect("rowDot", out.size === rowCount(a), out, a);
      pool.run("rowDot", rowsOf(out.size, width), out.handle, a.handle, b.handle, width);
    },
    scaleRows(out, x, s, accumulate) {
      const width = widthOf(x);
      expect("scaleRows", out.size === x.size, out, x);
      expect("scaleRows", s.size === rowCount(x), s, x);
      const places = [out.handle, x.handle, s.handle];
      pool.run("scaleRows", rowsOf(s.size, width), ...places, width, accumulate ? 1 : 0);
    },
    gatherRows(out, table, index, offset) {
      const width = widthOf(table);
      expect("gatherRows", out.size === index.size * width, out, table);
      const places = [out.handle, table.handle, index.handle];
      pool.run("gatherRows", rowsOf(index.size, width), ...places, offset, width);
    },
    scatterAddRows(table, index, offset, source, scale) {
      const width = widthOf(table);
      expect("scatterAddRows", source.size === index.size * width, table, source);
      const mark = host.mark();
      const last = host.allocate(4 * rowCount(table));
      const heads = host.allocate(4 * index.size);
      const next = host.allocate(4 * index.size);
      const count = host.allocate(4);
      new Int32Array(host.memory.buffer, last, rowCount(table)).fill(-1);
      const once = { units: index.size, grain: index.size };
      pool.run("chainRows", once, index.handle, offset, last, heads, next, count);
      const [distinct] = new Int32Array(host.memory.buffer, count, 1);
      const places = [table.handle, index.handle, offset, source.handle, scale, width];
      pool.run("scatterAddRows", rowsOf(distinct!, width), ...places, heads, next);
      host.release(mark);
    },
  };
}

/** Columns of a matrix; a vector has one. */
function widthOf(tensor: Tensor): number {
  return tensor.size / tensor.shape[0]!;
}

function rowCount(tensor: Tensor): number {
  return tensor.shape[0]!;
}

function expect(name: string, holds: boolean, a: Tensor, b: Tensor): void {
  if (!holds) throw new ShapeError(`${name}: ${shapeText(a.shape)} against ${shapeText(b.shape)}`);
}
