/**
 * SLIM — Ning & Karypis, "SLIM: Sparse Linear Methods for Top-N Recommender Systems",
 * ICDM 2011. Every item's column of X is fitted from the other columns:
 *
 *   min_w  1/(2n)·‖x_j − X·w‖² + α·ρ·‖w‖₁ + α·(1 − ρ)/2·‖w‖²,   w_j = 0, w ≥ 0        (equation 4)
 *   ŷ_uj = Σ_{i ∈ N_u} W_ij
 *
 * with n users in training. The penalties are those of scikit-learn's ElasticNet (α = `alpha`, ρ = `l1Ratio`),
 * so that published settings can be used as they are; the paper's λ is n·α·ρ and its β n·α·(1 − ρ).
 * Columns are solved one by one, as the paper notes they can be, by coordinate descent. Beyond the
 * paper: weights below zero on request, and of each item only the k largest weights are kept.
 *
 * @module
 */

import { z } from "zod";
import { rowsByUser, trainedUsers } from "../data/interactions.ts";
import type { Tensor } from "../engine/tensor.ts";
import { transposeRows } from "../graph/bipartite.ts";
import { collectRows, transposeWeighted, uploadPattern } from "../graph/weighted-rows.ts";
import { itemWeightRecommender, loadItemWeights, SparseItemWeights } from "./item-weights.ts";
import type { ClosedFormDefinition } from "./recommender.ts";
import { searchRange } from "./search-range.ts";

const schema = z.object({
  alpha: z
    .number()
    .positive()
    .meta(searchRange(1e-4, 0.1, { log: true }))
    .default(0.001)
    .describe("α: strength of both penalties, as scikit-learn's ElasticNet counts it"),
  l1Ratio: z
    .number()
    .min(0)
    .max(1)
    .meta(searchRange(1e-3, 1, { log: true }))
    .default(0.1)
    .describe("ρ: share of the absolute penalty; the rest is squared"),
  nonNegative: z
    .boolean()
    .default(true)
    .describe("Whether weights stay at or above zero, as in the paper"),
  weights: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe("k: weights kept of each item, the largest"),
  sweeps: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe("Sweeps of coordinate descent over an item's weights at most"),
  tolerance: z
    .number()
    .positive()
    .default(1e-4)
    .describe("Descent ends when no weight moves by more than this part of the largest"),
});

/** Items between two looks at the signal: seconds of work at most. */
const itemsAtOnce = 256;

export const slim: ClosedFormDefinition = {
  kind: "closed-form",
  name: "slim",
  title: "SLIM",
  paper: "Ning & Karypis. SLIM: Sparse Linear Methods for Top-N Recommender Systems. ICDM 2011",
  summary: "Learns for each item a few others that tell who will like it.",
  hyperparameters: schema,
  async fit(hyperparameters, context) {
    const { alpha, l1Ratio, weights, ...descent } = schema.parse(hyperparameters);
    const { device, dataset } = context;
    const { users, items } = dataset;
    const seen = rowsByUser(context.train, users.size);
    const rows = uploadPattern(device, seen, items.size);
    const columns = uploadPattern(device, transposeRows(seen, items.size), users.size);
    const n = trainedUsers(seen).length;
    const options = { ...descent, l1: n * alpha * l1Ratio, l2: n * alpha * (1 - l1Ratio) };
    const kept = Math.min(weights, items.size);
    const fit = (outItems: Tensor, outWeights: Tensor, first: number) => {
      device.kernels.elasticNetColumns(outItems, outWeights, first, columns, rows, options);
    };
    const byTarget = await collectRows(context, items.size, kept, fit, itemsAtOnce);
    return itemWeightRecommender(
      new SparseItemWeights(transposeWeighted(byTarget, items.size)),
      seen,
    );
  },
  load: (tensors, _hyperparameters, context) => loadItemWeights(tensors, context),
};
