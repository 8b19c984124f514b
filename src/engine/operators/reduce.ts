/**
 * Operators that add all numbers up.
 *
 * @module
 */

import type { RowSet } from "../kernels.ts";
import type { Variable } from "../tape.ts";

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
    const into = sink.addTo(x);
    if (!into) return;
    const share = device.allocate([1]);
    device.kernels.scaleAdd(share, gradient, factor, 0);
    const column = { ...into, shape: [into.size, 1] };
    device.kernels.addBias(column, column, share);
  });
}

/** Σ x², a scalar */
export function squaredNorm(x: Variable): Variable {
  const { device } = x.tape;
  const out = device.allocate([1]);
  const mark = device.mark();
  const squares = device.allocate([x.value.shape[0]!]);
  device.kernels.rowDot(squares, x.value, x.value);
  device.kernels.sum(out, squares, 1);
  device.release(mark);
  return x.tape.record(out, [x], (gradient, sink) => {
    const twice = device.allocate([1]);
    device.kernels.scaleAdd(twice, gradient, 2, 0);
    const shape = [1, x.value.size];
    sink.write(x, (into, adds) => {
      device.kernels.scaleRows({ ...into, shape }, { ...x.value, shape }, twice, adds);
    });
  });
}

/**
 * Σ_r ‖x[r]‖² over a row set, each row as many times as it came into the set; a scalar
 * @param x rows × width
 */
export function squaredNormOfRows(x: Variable, rows: RowSet): Variable {
  const { device } = x.tape;
  const out = device.allocate([1]);
  device.kernels.squaredNormOfRows(out, x.value, rows);
  return x.tape.record(out, [x], (gradient, sink) => {
    const into = sink.addTo(x);
    if (!into) return;
    const factor = device.allocate([1]);
    device.kernels.scaleAdd(factor, gradient, 2, 0);
    device.kernels.addRowMultiples(into, x.value, { rows, factor });
  });
}
