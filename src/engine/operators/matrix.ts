/**
 * The dense product.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { Variable } from "../tape.ts";
import { shapeText } from "../tensor.ts";
import { matrix } from "./shapes.ts";

/** Which factors of a product to transpose. */
export interface Transposes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * op(A)·op(B)
 * @param a m×k, or k×m to transpose
 * @param b k×n, or n×k to transpose
 */
export function matmul(a: Variable, b: Variable, transposes: Transposes = {}): Variable {
  const { device } = a.tape;
  const { transposeA = false, transposeB = false } = transposes;
  const [aRows, aColumns] = matrix("matmul", a);
  const [bRows, bColumns] = matrix("matmul", b);
  const [rows, inner] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [innerB, columns] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (inner !== innerB) {
    const mark = (transposed: boolean) => (transposed ? "ᵀ" : "");
    throw new ShapeError(
      `matmul: ${shapeText(a.value.shape)}${mark(transposeA)} · ` +
        `${shapeText(b.value.shape)}${mark(transposeB)}, expected m×k · k×n`,
    );
  }
  const out = device.allocate([rows, columns]);
  device.kernels.matmul(out, a.value, b.value, transposeA, transposeB, 1, 0);
  return a.tape.record(out, [a, b], (gradient, sink) => {
    const { kernels } = device;
    // ∂A = G·op(B)ᵀ, its transpose where A is transposed; ∂B likewise.
    sink.write(a, (into, adds) => {
      const beta = adds ? 1 : 0;
      if (transposeA) kernels.matmul(into, b.value, gradient, transposeB, true, 1, beta);
      else kernels.matmul(into, gradient, b.value, false, !transposeB, 1, beta);
    });
    sink.write(b, (into, adds) => {
      const beta = adds ? 1 : 0;
      if (transposeB) kernels.matmul(into, gradient, a.value, true, transposeA, 1, beta);
      else kernels.matmul(into, a.value, gradient, !transposeA, false, 1, beta);
    });
  });
}
