/**
 * Operators of contrastive losses: each row of a matrix holds the scores of the
 * items beside one positive.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { Variable } from "../tape.ts";
import { shapeText, type Tensor } from "../tensor.ts";
import { addConstant, multiply, sigmoid } from "./elementwise.ts";
import { matrix, oneForEach } from "./shapes.ts";

/** So low that no exponential, hinge or logistic function of it is other than 0, yet finite. */
const HIDDEN = -1e9;

/**
 * Gives x a very low score where rowKeys[r] = columnKeys[c] (or = c, without columnKeys), in place:
 * for an x that its own operator does not read again. A loss that compares them with
 * another score has no gradient there, so that there is nothing to note on the tape; one that takes
 * their sum alone goes through `whereVisible`.
 * @param x rows × columns
 */
export function hideEqual(x: Variable, rowKeys: Tensor, columnKeys: Tensor | null): void {
  x.tape.device.kernels.maskEqual(x.value, rowKeys, columnKeys, HIDDEN);
}

/**
 * Gives the columns of x from `count` on a very low score, in place, as `hideEqual` does.
 * @param x rows × columns
 * @param count one integer
 */
export function hideBeyond(x: Variable, count: Tensor): void {
  x.tape.device.kernels.maskBeyond(x.value, count, HIDDEN);
}

/**
 * out[r] = ln Σ_c e^(factor·x[r, c])
 * @param x rows × columns
 * @param factor above zero: the inverse of a softmax's temperature
 */
export function logSumExpRows(x: Variable, factor: number): Variable {
  const { device } = x.tape;
  const [rows] = matrix("logSumExpRows", x);
  const out = device.allocate([rows]);
  device.kernels.logSumExpRows(out, x.value, factor);
  return x.tape.record(out, [x], (gradient, sink) => {
    sink.write(x, (into, adds) => {
      device.kernels.logSumExpRowsGradient(into, gradient, x.value, out, factor, adds);
    });
  });
}

/**
 * `logSumExpRows` of rows that may be hidden whole: 0 for those, and no gradient into them; the others
 * as they are, bit for bit.
 * @param sums [rows], from `logSumExpRows` with that factor
 */
export function whereVisible(sums: Variable, factor: number): Variable {
  // So far from 0 on either side that σ is 0 or 1 to the last bit, and flat.
  return multiply(sums, sigmoid(addConstant(sums, (-HIDDEN * factor) / 2)));
}

/**
 * out[r] = max_c x[r, c]; the gradient goes to the first column that has it
 * @param x rows × columns
 */
export function rowMaxima(x: Variable): Variable {
  const { device } = x.tape;
  const [rows] = matrix("rowMaxima", x);
  const out = device.allocate([rows]);
  const index = device.allocate([rows], "i32");
  device.kernels.rowMaxima(out, index, x.value);
  return x.tape.record(out, [x], (gradient, sink) => {
    const into = sink.addTo(x);
    if (into) device.kernels.addAtColumns(into, index, gradient);
  });
}

/**
 * out[r, c] = x[r, c] + factor·s[r]
 * @param x rows × columns
 * @param s rows numbers
 */
export function addToRows(x: Variable, s: Variable, factor: number): Variable {
  const { device } = x.tape;
  const [rows] = matrix("addToRows", x);
  oneForEach("addToRows", "numbers", s, x, rows);
  const out = device.allocate(x.value.shape);
  device.kernels.addToRows(out, x.value, s.value, factor);
  return x.tape.record(out, [x, s], (gradient, sink) => {
    sink.write(x, (into, adds) => device.kernels.scaleAdd(into, gradient, 1, adds ? 1 : 0));
    const sums = device.allocate([rows]);
    device.kernels.rowSums(sums, gradient);
    sink.write(s, (into, adds) => device.kernels.scaleAdd(into, sums, factor, adds ? 1 : 0));
  });
}

/**
 * out[r, j] = a[r]·b[r·n + j]: the inner products of each row with its own n rows
 * @param a rows × width
 * @param b rows·n × width
 */
export function groupDot(a: Variable, b: Variable): Variable {
  const { device } = a.tape;
  const [rows, width] = matrix("groupDot", a);
  const [members, memberWidth] = matrix("groupDot", b);
  if (memberWidth !== width || members % rows !== 0) {
    throw new ShapeError(
      `groupDot: ${shapeText(a.value.shape)} against ${shapeText(b.value.shape)}, ` +
        `expected n·${rows}×${width}`,
    );
  }
  const out = device.allocate([rows, members / rows]);
  device.kernels.groupDot(out, a.value, b.value);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    sink.write(a, (into, adds) => device.kernels.groupSum(into, b.value, gradient, adds));
    sink.write(b, (into, adds) => device.kernels.groupScale(into, a.value, gradient, adds));
  });
}
