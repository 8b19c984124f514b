/**
 * GF-CF — Shen, Wu, Zhang, Shan, Zhang, Letaief & Li, "How Powerful is Graph
 * Convolution for Recommendation?", CIKM 2021.
 *
 *   s_u = r_u · (R̃ᵀR̃ + α·D_I^−½·Ū·Ūᵀ·D_I^½),   R̃ = D_U^−½·R·D_I^−½
 *
 * a linear filter plus an ideal low-pass filter: Ū are the k right singular
 * vectors of R̃ with the largest singular values. Nothing is trained.
 *
 * Different from the paper: the SVD is randomised.
 *
 * @module
 */

import { z } from "zod";
import type { ClosedFormDefinition } from "./recommender.ts";
import { searchRange } from "./search-range.ts";
import { svdFields, svdWidth } from "./singular-vectors.ts";
import { spectralModel } from "./spectral-filter.ts";

const schema = z.strictObject({
  width: svdWidth(256, "k: singular vectors of the ideal low-pass filter"),
  alpha: z
    .number()
    .min(0)
    .max(100)
    .meta(searchRange(0, 1))
    .default(0.3)
    .describe("α: weight of the ideal low-pass filter beside the linear one"),
  ...svdFields,
});

/** A linear and an ideal low-pass filter of each person's history; nothing is trained. */
export const gfCf: ClosedFormDefinition = {
  kind: "closed-form",
  name: "gf-cf",
  title: "GF-CF",
  paper:
    "Shen, Wu, Zhang, Shan, Zhang, Letaief & Li. How Powerful is Graph Convolution for Recommendation? CIKM 2021",
  summary: "A linear and an ideal low-pass graph filter of each history, without training.",
  hyperparameters: schema,
  ...spectralModel(schema, ({ alpha }) => ({
    polynomial: [0, 1],
    signalExponent: 0,
    alpha,
    lowPassExponent: 0.5,
  })),
};
