/**
 * Operators on the rows of matrices.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { Variable } from "../tape.ts";
import { shapeText, type Tensor } from "../tensor.ts";
import { matrix, oneForEach, sameShape } from "./shapes.ts";

/**
 * out[n] = table[index[n] + offset]
 * @param table rows × width, or one number a row
 * @param index integers, length n
 */
export function gatherRows(table: Variable, index: Tensor, offset = 0): Variable {
  const { device } = table.tape;
  if (index.type !== "i32") {
    throw new ShapeError(
      `gatherRows: index ${shapeText(index.shape)} holds floats, expected integers`,
    );
  }
  const out = device.allocate([index.size, ...table.value.shape.slice(1)]);
  device.kernels.gatherRows(out, table.value, index, offset);
  return table.tape.record(out, [table], (gradient, sink) => {
    const into = sink.addTo(table);
    if (into) device.kernels.scatterAddRows(into, index, offset, gradient, 1);
  });
}

/**
 * out[r] = a[r]·b[r]
 * @param a rows × width
 * @param b rows × width
 */
export function rowDot(a: Variable, b: Variable): Variable {
  const { device } = a.tape;
  const [rows] = matrix("rowDot", a);
  sameShape("rowDot", a, b);
  const out = device.allocate([rows]);
  device.kernels.rowDot(out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    sink.write(a, (into, adds) => device.kernels.scaleRows(into, b.value, gradient, adds));
    sink.write(b, (into, adds) => device.kernels.scaleRows(into, a.value, gradient, adds));
  });
}

/**
 * out[r] = s[r]·x[r]
 * @param x rows × width
 * @param s rows numbers
 */
export function scaleRows(x: Variable, s: Variable): Variable {
  const { device } = x.tape;
  const [rows] = matrix("scaleRows", x);
  oneForEach("scaleRows", "scales", s, x, rows);
  const out = device.allocate(x.value.shape);
  device.kernels.scaleRows(out, x.value, s.value, false);
  return x.tape.record(out, [x, s], (gradient, sink) => {
    sink.write(x, (into, adds) => device.kernels.scaleRows(into, gradient, s.value, adds));
    sink.overwrite(s, (into) => device.kernels.rowDot(into, gradient, x.value));
  });
}

/**
 * out[r] = x[r] + bias
 * @param x rows × width
 * @param bias width numbers
 */
export function addBias(x: Variable, bias: Variable): Variable {
  const { device } = x.tape;
  const [, width] = matrix("addBias", x);
  oneForEach("addBias", "bias", bias, x, width);
  const out = device.allocate(x.value.shape);
  device.kernels.addBias(out, x.value, bias.value);
  return x.tape.record(out, [x, bias], (gradient, sink) => {
    sink.write(x, (into, adds) => device.kernels.scaleAdd(into, gradient, 1, adds ? 1 : 0));
    sink.write(bias, (into, adds) => device.kernels.columnSums(into, gradient, adds));
  });
}

/**
 * out[r] = Σ_c x[r, c]
 * @param x rows × width
 */
export function rowSums(x: Variable): Variable {
  const { device } = x.tape;
  const [rows, width] = matrix("rowSums", x);
  const out = device.allocate([rows]);
  device.kernels.rowSums(out, x.value);
  return x.tape.record(out, [x], (gradient, sink) => {
    const ones = device.allocate([1, width]);
    device.kernels.fill(ones, 1);
    const column = { ...gradient, shape: [rows, 1] };
    sink.write(x, (into, adds) => {
      device.kernels.matmul(into, column, ones, false, false, 1, adds ? 1 : 0);
    });
  });
}

/** Rows of eˣ / Σ eˣ. */
export function softmaxRows(x: Variable): Variable {
  const { device } = x.tape;
  matrix("softmaxRows", x);
  const out = device.allocate(x.value.shape);
  device.kernels.softmaxRows(out, x.value);
  return x.tape.record(out, [x], (gradient, sink) => {
    const into = sink.addTo(x);
    if (into) device.kernels.softmaxRowsGradient(into, gradient, out);
  });
}

/** Rows of x − ln Σ eˣ. */
export function logSoftmaxRows(x: Variable): Variable {
  const { device } = x.tape;
  matrix("logSoftmaxRows", x);
  const out = device.allocate(x.value.shape);
  device.kernels.logSoftmaxRows(out, x.value);
  return x.tape.record(out, [x], (gradient, sink) => {
    const into = sink.addTo(x);
    if (into) device.kernels.logSoftmaxRowsGradient(into, gradient, out);
  });
}
