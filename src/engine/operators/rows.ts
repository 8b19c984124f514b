/**
 * Operators on the rows of matrices.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { Variable } from "../tape.ts";
import { shapeText, type Tensor } from "../tensor.ts";

/**
 * out[n] = table[index[n] + offset]
 * @param table rows × width
 * @param index integers, length n
 */
export function gatherRows(table: Variable, index: Tensor, offset = 0): Variable {
  const { device } = table.tape;
  const [, width] = matrix("gatherRows", table);
  const out = device.allocate([index.size, width]);
  device.kernels.gatherRows(out, table.value, index, offset);
  return table.tape.record(out, [table], (gradient, sink) => {
    const target = sink.addTo(table);
    if (target) device.kernels.scatterAddRows(target, index, offset, gradient, 1);
  });
}

/**
 * out[r] = a[r]·b[r]
 * @param a rows × width
 * @param b rows × width
 */
export function rowDot(a: Variable, b: Variable): Variable {
  const { device } = a.tape;
  const [rows, width] = matrix("rowDot", a);
  const [otherRows, otherWidth] = matrix("rowDot", b);
  if (rows !== otherRows || width !== otherWidth) {
    throw new ShapeError(
      `rowDot: ${shapeText(a.value.shape)} against ${shapeText(b.value.shape)}, expected the same`,
    );
  }
  const out = device.allocate([rows]);
  device.kernels.rowDot(out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    const intoA = sink.addTo(a);
    if (intoA) device.kernels.scaleRows(intoA, b.value, gradient, true);
    const intoB = sink.addTo(b);
    if (intoB) device.kernels.scaleRows(intoB, a.value, gradient, true);
  });
}

/**
 * out[r] = s[r]·x[r]
 * @param x rows × width
 * @param s length rows
 */
export function scaleRows(x: Variable, s: Variable): Variable {
  const { device } = x.tape;
  const [rows] = matrix("scaleRows", x);
  if (s.value.size !== rows) {
    throw new ShapeError(
      `scaleRows: ${shapeText(x.value.shape)} against ${shapeText(s.value.shape)} scales`,
    );
  }
  const out = device.allocate(x.value.shape);
  device.kernels.scaleRows(out, x.value, s.value, false);
  return x.tape.record(out, [x, s], (gradient, sink) => {
    const intoX = sink.addTo(x);
    if (intoX) device.kernels.scaleRows(intoX, gradient, s.value, true);
    const intoS = sink.addTo(s);
    if (intoS) {
      const products = device.allocate([rows]);
      device.kernels.rowDot(products, gradient, x.value);
      device.kernels.scaleAdd(intoS, products, 1, 1);
    }
  });
}

/** Rows and columns of a matrix. */
export function matrix(name: string, x: Variable): readonly [number, number] {
  const [rows, width] = x.value.shape;
  if (x.value.shape.length !== 2 || rows === undefined || width === undefined) {
    throw new ShapeError(`${name}: expected a matrix, found ${shapeText(x.value.shape)}`);
  }
  return [rows, width];
}
