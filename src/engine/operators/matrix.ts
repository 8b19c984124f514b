/**
 * The dense product, and a layer made of it.
 *
 * @module
 */

import { ShapeError } from "../../base/errors.ts";
import type { Variable } from "../tape.ts";
import { shapeText } from "../tensor.ts";
import { matrix, oneForEach } from "./shapes.ts";

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
  return product(a, b, null, transposes);
}

/**
 * x·W + b, a layer of a network, without a second matrix of the size of the output
 * @param x m×k
 * @param weights k×n, or n×k to transpose
 * @param bias n numbers
 */
export function affine(
  x: Variable,
  weights: Variable,
  bias: Variable,
  { transpose = false }: { readonly transpose?: boolean } = {},
): Variable {
  return product(x, weights, bias, { transposeB: transpose });
}

function product(
  a: Variable,
  b: Variable,
  bias: Variable | null,
  transposes: Transposes,
): Variable {
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
  if (bias) {
    oneForEach("affine", "bias", bias, { ...a, value: out }, columns);
    device.kernels.addBias(out, out, bias.value);
  }
  const inputs = bias ? [a, b, bias] : [a, b];
  return a.tape.record(out, inputs, (gradient, sink) => {
    const { kernels } = device;
    if (bias) sink.write(bias, (into, adds) => kernels.columnSums(into, gradient, adds));
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

/**
 * Σ_k X_k·W_k, without the summands in between
 * @param products pairs of X, m×k, and W, k×n; k may differ
 */
export function sumOfProducts(
  products: readonly (readonly [x: Variable, w: Variable])[],
): Variable {
  const [first] = products;
  if (!first) throw new ShapeError("sumOfProducts: no products");
  const { device } = first[0].tape;
  const shape = [first[0].value.shape[0]!, first[1].value.shape[1]!];
  for (const [x, w] of products) {
    const [rows, inner] = matrix("sumOfProducts", x);
    const [innerB, columns] = matrix("sumOfProducts", w);
    if (rows === shape[0] && columns === shape[1] && inner === innerB) continue;
    throw new ShapeError(
      `sumOfProducts: ${shapeText(x.value.shape)} · ${shapeText(w.value.shape)}, ` +
        `expected ${shape[0]}×k · k×${shape[1]}`,
    );
  }
  const out = device.allocate(shape);
  products.forEach(([x, w], at) => {
    device.kernels.matmul(out, x.value, w.value, false, false, 1, at === 0 ? 0 : 1);
  });
  return first[0].tape.record(out, products.flat(), (gradient, sink) => {
    const { kernels } = device;
    for (const [x, w] of products) {
      sink.write(x, (into, adds) =>
        kernels.matmul(into, gradient, w.value, false, true, 1, adds ? 1 : 0),
      );
      sink.write(w, (into, adds) =>
        kernels.matmul(into, x.value, gradient, true, false, 1, adds ? 1 : 0),
      );
    }
  });
}
