/**
 * Operators that put matrices side by side, cut them, and give them another shape.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { Variable } from "../tape.ts";
import { shapeText, sizeOf } from "../tensor.ts";
import { matrix } from "./shapes.ts";

/** [x₀ | x₁ | …], matrices of as many rows. */
export function concatColumns(first: Variable, ...others: readonly Variable[]): Variable {
  const parts = [first, ...others];
  const { device } = first.tape;
  const [rows] = matrix("concatColumns", first);
  let width = 0;
  const placed = parts.map((part) => {
    const [partRows, partWidth] = matrix("concatColumns", part);
    if (partRows !== rows) {
      throw new ShapeError(
        `concatColumns: ${shapeText(first.value.shape)} against ${shapeText(part.value.shape)}, ` +
          "expected as many rows",
      );
    }
    width += partWidth;
    return { part, from: width - partWidth };
  });
  const out = device.allocate([rows, width]);
  for (const { part, from } of placed) device.kernels.putColumns(out, part.value, from);
  return first.tape.record(out, parts, (gradient, sink) => {
    for (const { part, from } of placed) {
      sink.write(part, (into, adds) => device.kernels.takeColumns(into, gradient, from, adds));
    }
  });
}

/** Columns [from, to) of a matrix. */
export function sliceColumns(x: Variable, from: number, to: number): Variable {
  const { device } = x.tape;
  const [rows, width] = matrix("sliceColumns", x);
  if (!(from >= 0 && from < to && to <= width)) {
    throw new ShapeError(
      `sliceColumns: columns ${from} … ${to} of ${shapeText(x.value.shape)}, ` +
        `expected 0 ≤ from < to ≤ ${width}`,
    );
  }
  const out = device.allocate([rows, to - from]);
  device.kernels.takeColumns(out, x.value, from, false);
  return x.tape.record(out, [x], (gradient, sink) => {
    const into = sink.addTo(x);
    if (!into) return;
    const sum = device.allocate(out.shape);
    device.kernels.takeColumns(sum, into, from, false);
    device.kernels.scaleAdd(sum, gradient, 1, 1);
    device.kernels.putColumns(into, sum, from);
  });
}

/** The same numbers in another shape; shares their memory. */
export function reshape(x: Variable, shape: readonly number[]): Variable {
  if (sizeOf(shape) !== x.value.size) {
    throw new ShapeError(
      `reshape: ${shapeText(x.value.shape)} into ${shapeText(shape)}, expected as many elements`,
    );
  }
  const { kernels } = x.tape.device;
  return x.tape.record({ ...x.value, shape }, [x], (gradient, sink) => {
    sink.write(x, (into, adds) => kernels.scaleAdd(into, gradient, 1, adds ? 1 : 0));
  });
}
