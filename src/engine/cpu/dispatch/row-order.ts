/**
 * Dispatch of the kernels on tables in another order.
 *
 * @module
 */

import type { Kernels } from "../../kernels.ts";
import type { CpuHost } from "../host.ts";
import { requireSameSize, requireSize, rowWidth } from "./checks.ts";
import { rowChunks } from "./rows.ts";

/** Elements that are worth waking another thread for. */
const grain = 16384;

export function rowOrderKernels(host: CpuHost): Pick<Kernels, "moveRows"> {
  const { pool } = host;
  return {
    moveRows(out, x, { from, scale, rows, accumulate = false }) {
      const count = out.shape[0]!;
      const width = rowWidth(out);
      if (from) requireSize("moveRows", "map", from, count);
      else requireSameSize("moveRows", out, x);
      if (scale) requireSize("moveRows", "scales", scale, count);
      const units = rows ? host.integers(rows.count)[0]! : count;
      pool.run(
        "moveRows",
        rowChunks(units, width, grain),
        ...[out.handle, x.handle, width, from?.handle ?? 0, scale?.handle ?? 0],
        ...[rows?.list.handle ?? 0, accumulate ? 1 : 0],
      );
    },
  };
}
