/**
 * Linear propagation as an operator on the tape.
 *
 * @module
 */

import type { RowMultiples, RowSet } from "../engine/kernels.ts";
import type { Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Propagation } from "../graph/propagation.ts";

/**
 * P·x.
 * @param weights α_0 … α_K
 * @param x nodes × width
 * @param rows the only rows that will be read, and so the only ones with a gradient; null = all
 */
export function propagated(
  propagation: Propagation,
  weights: readonly number[],
  x: Variable,
  rows: RowSet | null,
): Variable {
  return withMultiples(propagation, weights, x, rows, () => null);
}

/**
 * P·x, and Σ_r ‖x[r]‖² over a row set: one operator, so that it alone makes the gradient of x,
 * and can hand it on to the update row by row.
 * @param weights α_0 … α_K
 * @param x nodes × width
 * @param rows the only rows of P·x that will be read; null = all
 * @param penalised the rows of x whose norm is taken, as many times as they came into the set
 */
export function propagatedWithNorm(
  propagation: Propagation,
  weights: readonly number[],
  x: Variable,
  rows: RowSet | null,
  penalised: RowSet,
): { readonly final: Variable; readonly norm: Variable } {
  const { tape } = x;
  const { device } = tape;
  let ofNorm: Tensor | null = null;
  const final = withMultiples(propagation, weights, x, rows, () => {
    if (!ofNorm) return null;
    const factor = device.allocate([1]);
    device.kernels.scaleAdd(factor, ofNorm, 2, 0);
    return { rows: penalised, factor };
  });
  const norm = device.allocate([1]);
  device.kernels.squaredNormOfRows(norm, x.value, penalised);
  // As if it read P·x, whose gradient is therefore taken after this one, and brings it to x.
  const recorded = tape.record(norm, [final], (gradient, sink) => {
    sink.addTo(final);
    ofNorm = gradient;
  });
  return { final, norm: recorded };
}

/** @param multiples of the rows of x that belong to its gradient as well, once that is made */
function withMultiples(
  propagation: Propagation,
  weights: readonly number[],
  x: Variable,
  rows: RowSet | null,
  multiples: () => RowMultiples | null,
): Variable {
  const { device } = x.tape;
  const out = device.allocate(x.value.shape);
  propagation.forward(weights, out, x.value, rows);
  return x.tape.record(
    out,
    [x],
    (gradient, sink) => {
      sink.overwrite(x, (target) => propagation.adjoint(weights, target, gradient, rows));
      const own = multiples();
      const into = own && sink.addTo(x);
      if (into) device.kernels.addRowMultiples(into, x.value, own);
    },
    {
      rows,
      update: (gradient, update) =>
        propagation.adjointUpdate(weights, x.value, gradient, rows, update, multiples()),
    },
  );
}
