/**
 * Operators that add numbers up.
 *
 * @module
 */

import type { Variable } from "../tape.ts";
import { matrix } from "./rows.ts";

/** Σ x, a scalar */
export function sum(x: Variable): Variable {
  return scaledSum(x, 1);
}

/** Σ x / n, a scalar */
export function mean(x: Variable): Variable {
  return scaledSum(x, 1 / x.value.size);
}

function scaledSum(x: Variable, factor: number): Variable {
  const { device } = x.tape;
  const out = device.allocate([1]);
  device.kernels.sum(out, x.value, factor);
  return x.tape.record(out, [x], (gradient, sink) => {
    const target = sink.addTo(x);
    if (!target) return;
    // As a column times the scalar: every element receives factor·gradient.
    const ones = device.allocate([1, x.value.size]);
    device.kernels.fill(ones, factor);
    const row = { ...target, shape: [1, x.value.size] };
    device.kernels.scaleRows(row, ones, gradient, true);
  });
}

/** Σ x², a scalar */
export function squaredNorm(x: Variable): Variable {
  const { device } = x.tape;
  const mark = device.allocate(x.value.shape);
  device.kernels.unary("square", mark, x.value);
  const out = device.allocate([1]);
  device.kernels.sum(out, mark, 1);
  return x.tape.record(out, [x], (gradient, sink) => {
    const target = sink.addTo(x);
    if (!target) return;
    const flat = [1, x.value.size];
    const twice = device.allocate([1]);
    device.kernels.scaleAdd(twice, gradient, 2, 0);
    const row = { ...target, shape: flat };
    device.kernels.scaleRows(row, { ...x.value, shape: flat }, twice, true);
  });
}

/** out[r] = Σ_c x[r, c] */
export function rowSums(x: Variable): Variable {
  const { device } = x.tape;
  const [rows, width] = matrix("rowSums", x);
  const out = device.allocate([rows]);
  device.kernels.rowSums(out, x.value);
  return x.tape.record(out, [x], (gradient, sink) => {
    const target = sink.addTo(x);
    if (!target) return;
    const ones = device.allocate([rows, width]);
    device.kernels.fill(ones, 1);
    device.kernels.scaleRows(target, ones, gradient, true);
  });
}
