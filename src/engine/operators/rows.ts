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

/**
 * out[r, c] = s[c]·x[r, c]
 * @param x rows × width
 * @param s width numbers
 */
export function scaleColumns(x: Variable, s: Variable): Variable {
  const { device } = x.tape;
  const { kernels } = device;
  const [, width] = matrix("scaleColumns", x);
  oneForEach("scaleColumns", "scales", s, x, width);
  const timesScales = (out: Tensor, factor: Tensor) => {
    kernels.fill(out, 0);
    kernels.addBias(out, out, s.value);
    kernels.binary("multiply", out, out, factor);
  };
  const out = device.allocate(x.value.shape);
  timesScales(out, x.value);
  return x.tape.record(out, [x, s], (gradient, sink) => {
    sink.overwrite(x, (into) => timesScales(into, gradient));
    const products = device.allocate(out.shape);
    kernels.binary("multiply", products, gradient, x.value);
    sink.write(s, (into, adds) => kernels.columnSums(into, products, adds));
  });
}

/**
 * out[r·n + j] = a[r] + b[r·n + j]: each row added to its own n rows
 * @param a rows × width
 * @param b rows·n × width
 */
export function groupAdd(a: Variable, b: Variable): Variable {
  const { device } = a.tape;
  const { kernels } = device;
  const [rows, width] = matrix("groupAdd", a);
  const [members, memberWidth] = matrix("groupAdd", b);
  if (memberWidth !== width || members % rows !== 0) {
    throw new ShapeError(
      `groupAdd: ${shapeText(a.value.shape)} against ${shapeText(b.value.shape)}, ` +
        `expected n·${rows}×${width}`,
    );
  }
  const ones = () => {
    const factors = device.allocate([members]);
    kernels.fill(factors, 1);
    return factors;
  };
  const out = device.allocate(b.value.shape);
  const mark = device.mark();
  kernels.scaleAdd(out, b.value, 1, 0);
  kernels.groupScale(out, a.value, ones(), true);
  device.release(mark);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    sink.write(a, (into, adds) => kernels.groupSum(into, gradient, ones(), adds));
    sink.write(b, (into, adds) => kernels.scaleAdd(into, gradient, 1, adds ? 1 : 0));
  });
}
