/**
 * A matrix by pieces of its rows.
 *
 * @module
 */

import { Tape, type Variable } from "../tape.ts";
import type { Tensor } from "../tensor.ts";
import { multiply } from "./elementwise.ts";
import { sum } from "./reduce.ts";

type Variables = Readonly<Record<string, Variable>>;

/**
 * Rows of a matrix, some at a time. What a piece computes on its way is given back as soon as its
 * rows stand, and the way back computes it again, piece by piece (gradient checkpointing: Chen, Xu,
 * Zhang & Guestrin, arXiv 1604.06174, 2016): twice the work forward, in the memory of one piece.
 * @param shape of the result, rows × columns
 * @param atOnce rows of a piece
 * @param inputs everything that a piece reads, by names of the caller's
 * @param piece from the inputs and the indices of n rows to these rows, n × columns
 */
export function rowsInPieces(
  shape: readonly [rows: number, columns: number],
  atOnce: number,
  inputs: Variables,
  piece: (inputs: Variables, rows: Tensor) => Variable,
): Variable {
  const all = Object.values(inputs);
  const { tape } = all[0]!;
  const { device } = tape;
  const { kernels } = device;
  const [rowCount] = shape;
  const order = device.upload(
    [rowCount],
    Int32Array.from({ length: rowCount }, (_, row) => row),
  );

  /** Computes each piece on a tape of its own, which is given back after `use`. */
  const eachPiece = (
    use: (own: Tape, rows: Tensor, first: number, found: Variable) => void,
  ): void => {
    for (let first = 0; first < rowCount; first += atOnce) {
      const count = Math.min(atOnce, rowCount - first);
      const mark = device.mark();
      const trained = Object.entries(inputs).filter(([, input]) => input.needsGradient);
      const own = new Tape(device, Object.fromEntries(trained));
      const here = Object.fromEntries(
        Object.entries(inputs).map(([name, { value }]) => [
          name,
          own.parameters[name] ?? own.constant(value),
        ]),
      );
      const rows = device.allocate([count], "i32");
      kernels.gatherRows(rows, order, { ...order, shape: [count], size: count }, first);
      use(own, rows, first, piece(here, rows));
      device.release(mark);
    }
  };

  const out = device.allocate(shape);
  kernels.fill(out, 0);
  eachPiece((_own, rows, _first, { value }) => kernels.scatterAddRows(out, rows, 0, value, 1));
  return tape.record(out, all, (gradient, sink) => {
    eachPiece((own, rows, _first, found) => {
      const share = device.allocate(found.value.shape);
      kernels.gatherRows(share, gradient, rows, 0);
      // The sum's gradient is the share itself.
      const gradients = own.backward([sum(multiply(found, own.constant(share)))]);
      for (const [name, input] of Object.entries(inputs)) {
        const into = sink.addTo(input);
        if (into) kernels.scaleAdd(into, gradients[name]!, 1, 1);
      }
    });
  });
}
