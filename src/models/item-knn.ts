/**
 * Item-kNN — Sarwar, Karypis, Konstan & Riedl, "Item-Based Collaborative Filtering
 * Recommendation Algorithms", WWW 2001; for lists of implicit data, Deshpande &
 * Karypis, "Item-Based Top-N Recommendation Algorithms", TOIS 2004.
 *
 *   ŷ_uj = Σ_{i ∈ N_u ∩ K_j} s_ij,   K_j = the k items most like item j
 *
 * s is a cosine or a Pearson correlation of the items' columns of users (`similarity.ts`).
 * With `normalise` each s_ij is divided by Σ_{i ∈ K_j} s_ij, Sarwar's weighted mean. With `means`
 * what is averaged is how far a user is above the item's mean m_i = |N_i| / n of the n
 * users in training:
 *
 *   ŷ_uj = m_j + Σ_{i ∈ K_j} s_ij·([i ∈ N_u] − m_i)
 *
 * Both together are what BARS calls ItemKNN.
 *
 * @module
 */

import { z } from "zod";
import { type Rows, rowsByUser, trainedUsers } from "../data/interactions.ts";
import { rowLength } from "../data/rows.ts";
import { transposeRows } from "../graph/bipartite.ts";
import {
  strongestProducts,
  transposeWeighted,
  unitSumRows,
  type WeightedRows,
} from "../graph/weighted-rows.ts";
import { itemWeightRecommender, loadItemWeights, SparseItemWeights } from "./item-weights.ts";
import type { ClosedFormDefinition } from "./recommender.ts";
import { neighbourSchema, Similarity } from "./similarity.ts";

const schema = neighbourSchema("an item").extend({
  means: z
    .boolean()
    .default(false)
    .describe("Whether what is summed is how far a user is above each item's mean"),
});

/** b_j = m_j − Σ_i s_ij·m_i, m_i = |N_i| / n. */
function meanBias(byTarget: WeightedRows, columns: Rows, n: number): Float32Array {
  const mean = (item: number) => rowLength(columns, item) / Math.max(1, n);
  return Float32Array.from({ length: columns.indptr.length - 1 }, (_, item) => {
    let bias = mean(item);
    for (let at = byTarget.indptr[item]!; at < byTarget.indptr[item + 1]!; at++) {
      bias -= byTarget.values[at]! * mean(byTarget.indices[at]!);
    }
    return bias;
  });
}

export const itemKnn: ClosedFormDefinition = {
  kind: "closed-form",
  name: "item-knn",
  title: "Item-kNN",
  paper:
    "Sarwar, Karypis, Konstan & Riedl. Item-Based Collaborative Filtering Recommendation Algorithms. WWW 2001",
  summary: "Recommends items that the users of one's own items liked too.",
  hyperparameters: schema,
  async fit(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    const { users, items } = context.dataset;
    const seen = rowsByUser(context.train, users.size);
    const columns = transposeRows(seen, items.size);
    const trained = trainedUsers(seen).length;
    const counted = { rows: items.size, columns: trained };
    const product = new Similarity(columns, users.size, counted, settings).product(columns);
    const near = await strongestProducts(context, columns, seen, product, settings.neighbours);
    const byTarget = settings.normalise ? unitSumRows(near) : near;
    return itemWeightRecommender(
      new SparseItemWeights(transposeWeighted(byTarget, items.size)),
      seen,
      settings.means ? meanBias(byTarget, columns, trained) : null,
    );
  },
  load(tensors, _hyperparameters, context) {
    return loadItemWeights(tensors, context);
  },
};
