/**
 * P3α — Cooper, Lee, Radzik & Siantos, "Random Walks in Recommender Systems: Exact
 * Computation and Simulations", WWW 2014 companion; and RP3β — Paudel, Christoffel,
 * Newell & Bernstein, "Updatable, Accurate, Diverse, and Scalable Recommendations for
 * Interactive Applications", TiiS 2016.
 *
 * A walk from an item of the user over somebody else to another item, with transition
 * probabilities raised to α, and the walk's bias towards popular items divided out:
 *
 *   W_ij = Σ_{v ∈ N_i ∩ N_j} (1/|N_i|)^α · (1/|N_v|)^α / |N_j|^β,   ŷ_uj = Σ_{i ∈ N_u} W_ij
 *
 * P3α is β = 0. Of each row i the k largest weights are kept, then of those the k largest of each
 * column j. Differs from the papers: the first step's (1/|N_u|)^α is left out, because it
 * changes no user's order; and with `normalise` the rows are divided by their sums between the two cuts.
 *
 * @module
 */

import { z } from "zod";
import { rowsByUser } from "../data/interactions.ts";
import { degreePowers, transposeRows } from "../graph/bipartite.ts";
import {
  largestOfRows,
  strongestProducts,
  transposeWeighted,
  unitSumRows,
} from "../graph/weighted-rows.ts";
import { itemWeightRecommender, loadItemWeights, SparseItemWeights } from "./item-weights.ts";
import type { ClosedFormDefinition, FitContext, Recommender } from "./recommender.ts";
import { searchRange } from "./search-range.ts";

const p3alphaSchema = z.object({
  neighbours: z
    .int()
    .min(1)
    .max(100_000)
    .meta(searchRange(10, 1000, { log: true }))
    .default(100)
    .describe("k: weights kept of each item"),
  alpha: z
    .number()
    .min(0)
    .max(4)
    .meta(searchRange(0.1, 2))
    .default(1)
    .describe("α: the power of the transition probabilities"),
  normalise: z
    .boolean()
    .default(true)
    .describe("Whether the weights kept of an item are made to sum to 1"),
});

const rp3betaSchema = p3alphaSchema.extend({
  beta: z
    .number()
    .min(0)
    .max(4)
    .meta(searchRange(0, 1))
    .default(0.6)
    .describe("β: how strongly popular items are held back; 0 = P3α"),
});

export const p3alpha: ClosedFormDefinition = {
  kind: "closed-form",
  name: "p3alpha",
  title: "P3α",
  paper:
    "Cooper, Lee, Radzik & Siantos. Random Walks in Recommender Systems: Exact Computation and Simulations. WWW 2014",
  summary: "Walks from one's own items over other people to what they liked.",
  hyperparameters: p3alphaSchema,
  fit: (hyperparameters, context) =>
    walk({ ...p3alphaSchema.parse(hyperparameters), beta: 0 }, context),
  load: (tensors, _hyperparameters, context) => loadItemWeights(tensors, context),
};

export const rp3beta: ClosedFormDefinition = {
  kind: "closed-form",
  name: "rp3beta",
  title: "RP3β",
  paper:
    "Paudel, Christoffel, Newell & Bernstein. Updatable, Accurate, Diverse, and Scalable Recommendations for Interactive Applications. TiiS 2016",
  summary: "The walks of P3α, with popular items held back.",
  hyperparameters: rp3betaSchema,
  fit: (hyperparameters, context) => walk(rp3betaSchema.parse(hyperparameters), context),
  load: (tensors, _hyperparameters, context) => loadItemWeights(tensors, context),
};

async function walk(
  { neighbours, alpha, beta, normalise }: z.infer<typeof rp3betaSchema>,
  context: FitContext,
): Promise<Recommender> {
  const { users, items } = context.dataset;
  const userItems = rowsByUser(context.train, users.size);
  const itemUsers = transposeRows(userItems, items.size);
  const strongest = await strongestProducts(
    context,
    itemUsers,
    userItems,
    {
      inner: degreePowers(userItems, -alpha),
      factor: null,
      shift: null,
      norm: { rows: degreePowers(itemUsers, alpha), columns: degreePowers(itemUsers, beta) },
      shrinkage: 0,
    },
    neighbours,
  );
  const byTarget = transposeWeighted(normalise ? unitSumRows(strongest) : strongest, items.size);
  return itemWeightRecommender(
    new SparseItemWeights(transposeWeighted(largestOfRows(byTarget, neighbours), items.size)),
    userItems,
  );
}
