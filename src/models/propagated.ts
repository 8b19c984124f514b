/**
 * Linear propagation as an operator on the tape.
 *
 * @module
 */

import type { RowSet } from "../engine/kernels.ts";
import type { Variable } from "../engine/tape.ts";
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
  const { device } = x.tape;
  const out = device.allocate(x.value.shape);
  propagation.forward(weights, out, x.value, rows);
  return x.tape.record(
    out,
    [x],
    (gradient, sink) => {
      sink.overwrite(x, (target) => propagation.adjoint(weights, target, gradient, rows));
    },
    rows,
  );
}
