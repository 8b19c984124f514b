/**
 * Dispatch of the kernels on groups of rows.
 *
 * @module
 */

import { ShapeError } from "../../../base/errors.ts";
import type { Kernels } from "../../kernels.ts";
import { shapeText, type Tensor } from "../../tensor.ts";
import type { CpuHost } from "../host.ts";
import { requireSize, rowWidth } from "./checks.ts";
import { rowChunks } from "./rows.ts";

type GroupKernels = Pick<Kernels, "groupDot" | "groupSum" | "groupScale">;

/** Elements that are worth waking another thread for. */
const grain = 16384;

export function groupKernels({ pool }: CpuHost): GroupKernels {
  return {
    groupDot(out, a, b) {
      const { rows, width, count } = groups("groupDot", a, b);
      requireSize("groupDot", "output", out, rows * count);
      const places = [out.handle, a.handle, b.handle];
      pool.run("groupDot", rowChunks(rows, width * count, grain), ...places, width, count);
    },
    groupSum(out, b, s, accumulate) {
      const { rows, width, count } = groups("groupSum", out, b);
      requireSize("groupSum", "scales", s, rows * count);
      const places = [out.handle, b.handle, s.handle];
      const sizes = [width, count, accumulate ? 1 : 0];
      pool.run("groupSum", rowChunks(rows, width * count, grain), ...places, ...sizes);
    },
    groupScale(out, a, s, accumulate) {
      const { rows, width, count } = groups("groupScale", a, out);
      requireSize("groupScale", "scales", s, rows * count);
      const places = [out.handle, a.handle, s.handle];
      const sizes = [width, count, accumulate ? 1 : 0];
      pool.run("groupScale", rowChunks(rows, width * count, grain), ...places, ...sizes);
    },
  };
}

function groups(name: string, a: Tensor, b: Tensor) {
  const rows = a.shape[0]!;
  const width = rowWidth(a);
  const count = b.size / (rows * width);
  if (Number.isInteger(count)) return { rows, width, count };
  throw new ShapeError(
    `${name}: ${shapeText(b.shape)} against ${shapeText(a.shape)}, ` +
      "expected as many rows for each row",
  );
}
