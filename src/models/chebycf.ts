/**
 * ChebyCF — Kim, Sung, Han & Lee, "Graph Spectral Filtering with Chebyshev
 * Interpolation for Recommendation", SIGIR 2025.
 *
 *   s_u = r_u·D_I^−β·(Σ_k c_k·T_k(L̃) + α·Ū·Ūᵀ)·D_I^β,   k = 0 … K
 *   L̃ = I − 2·P,   P = R̃ᵀR̃,   R̃ = D_U^−½·R·D_I^−½
 *   c_k = (2 − [k = 0])/(K + 1)·Σ_j h(x_j)·T_k(z_j)
 *   h(x) = ½·(1 − sgn(x)·|x|^φ)                        a plateau between a peak and a dip
 *
 * T_k are Chebyshev's polynomials of the Laplacian, whose frequencies lie from
 * −1 (what everybody likes) to 1; Ū are the η right singular vectors of R̃ with
 * the largest singular values. A sum of polynomials is a polynomial in P, so that
 * the whole is one linear filter of r_u (`spectral-filter.ts`). Nothing is trained.
 *
 * As in the official code, z_j are the roots of T_(K+1) but h is read at the K + 1
 * extrema x_j of T_K, which reach both ends. Different from it: neither x_j nor h is
 * rounded to three decimals, and the SVD is randomised. The order ends at 8, because
 * coefficients of higher powers of P are too large for float32.
 *
 * @module
 */

import { z } from "zod";
import { type Polynomial, productOf, scaled, sumOf } from "./polynomials.ts";
import type { ClosedFormDefinition } from "./recommender.ts";
import { searchRange } from "./search-range.ts";
import { svdFields, svdWidth } from "./singular-vectors.ts";
import { spectralModel } from "./spectral-filter.ts";

const schema = z.strictObject({
  order: z
    .int()
    .min(1)
    .max(8)
    .meta(searchRange(2, 8))
    .default(8)
    .describe("K: order of the Chebyshev polynomials"),
  flatness: z
    .number()
    .positive()
    .max(100)
    .meta(searchRange(1, 20, { log: true }))
    .default(1.5)
    .describe("φ: how flat the filter is between its two ends"),
  width: svdWidth(512, "η: singular vectors of the ideal low-pass filter"),
  alpha: z
    .number()
    .min(0)
    .max(100)
    .meta(searchRange(0, 0.5))
    .default(0.2)
    .describe("α: weight of the ideal low-pass filter beside the polynomial"),
  beta: z
    .number()
    .min(0)
    .max(2)
    .meta(searchRange(0, 0.6))
    .default(0.4)
    .describe(
      "β: items of a history are damped by their degree to this power, and scores raised by it",
    ),
  ...svdFields,
});

/** A flexible polynomial filter of each history between degrees; nothing is trained. */
export const chebyCf: ClosedFormDefinition = {
  kind: "closed-form",
  name: "chebycf",
  title: "ChebyCF",
  paper:
    "Kim, Sung, Han & Lee. Graph Spectral Filtering with Chebyshev Interpolation for Recommendation. SIGIR 2025",
  summary: "A plateau-shaped graph filter of each history between item degrees, without training.",
  hyperparameters: schema,
  ...spectralModel(schema, ({ order, flatness, alpha, beta }) => ({
    polynomial: plateau(order, flatness),
    signalExponent: beta,
    alpha,
    lowPassExponent: beta,
  })),
};

/** Σ_k c_k·T_k(1 − 2p) as a polynomial in p. */
export function plateau(order: number, flatness: number): Polynomial {
  const nodes = Array.from({ length: order + 1 }, (_, j) => j);
  const targets = nodes.map((j) => {
    const x = Math.cos(((order - j) / order) * Math.PI);
    return (1 - Math.sign(x) * Math.abs(x) ** flatness) / 2;
  });
  const laplacian = [1, -2];
  let [before, current]: [Polynomial, Polynomial] = [[1], laplacian];
  let sum: Polynomial = [0];
  for (const k of nodes) {
    // T_k at the root z_j = cos θ_j is cos(k·θ_j).
    const values = nodes.map((j) => Math.cos(k * ((order - j + 0.5) / (order + 1)) * Math.PI));
    const total = values.reduce((to, value, j) => to + value * targets[j]!, 0);
    sum = sumOf(sum, scaled(before, ((k === 0 ? 1 : 2) / (order + 1)) * total));
    [before, current] = [
      current,
      sumOf(scaled(productOf(laplacian, current), 2), scaled(before, -1)),
    ];
  }
  return sum;
}
