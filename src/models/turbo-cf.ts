/**
 * Turbo-CF — Park, Shin & Shin, "Turbo-CF: Matrix Decomposition-Free Graph
 * Filtering for Fast Recommendation", SIGIR 2024.
 *
 *   s_u = r_u · f(P̄),   P̄ = (R̃ᵀR̃)^∘s,   R̃ = D_U^−α·R·D_I^(α−1)
 *
 *   f_1(P̄) = P̄                                        linear
 *   f_2(P̄) = 2P̄ − P̄²                                  second order
 *   f_3(P̄) = P̄ + 0.01·(−P̄³ + 10P̄² − 29P̄)             close to an ideal low-pass filter
 *
 * ∘s is a power of every entry. Nothing is trained and nothing decomposed, so
 * that a saved model is its settings alone.
 *
 * @module
 */

import { z } from "zod";
import { type BipartiteGraph, buildGraph, graphOfRows } from "../graph/bipartite.ts";
import { ItemFilter } from "./item-filter.ts";
import type { ClosedFormDefinition } from "./recommender.ts";
import { searchRange } from "./search-range.ts";

/** Coefficients of 1, P̄, P̄², P̄³ in f_1, f_2, f_3. */
const filters = [
  [0, 1],
  [0, 2, -1],
  [0, 1 - 0.29, 0.1, -0.01],
] as const;

const schema = z.strictObject({
  alpha: z
    .number()
    .min(0)
    .max(1)
    .meta(searchRange(0, 1))
    .default(0.6)
    .describe("α: how strongly active users, and 1 − α: how strongly popular items are damped"),
  power: z
    .number()
    .positive()
    .max(4)
    .meta(searchRange(0.5, 1.5))
    .default(0.7)
    .describe("s: power of every entry of the item-item matrix"),
  filter: z
    .int()
    .min(1)
    .max(3)
    .meta(searchRange(1, 3))
    .default(1)
    .describe("Polynomial: 1 linear, 2 second order, 3 close to an ideal low-pass filter"),
});

/** A polynomial filter of each history over similarities of items; nothing is trained. */
export const turboCf: ClosedFormDefinition = {
  kind: "closed-form",
  name: "turbo-cf",
  title: "Turbo-CF",
  paper:
    "Park, Shin & Shin. Turbo-CF: Matrix Decomposition-Free Graph Filtering for Fast Recommendation. SIGIR 2024",
  summary: "A polynomial graph filter of each history, without training or decomposition.",
  hyperparameters: schema,
  async fit(hyperparameters, { dataset, train }) {
    const graph = buildGraph(train, dataset.users.size, dataset.items.size);
    return turboFilter(graph, schema.parse(hyperparameters));
  },
  load(_tensors, hyperparameters, { itemCount, seen }) {
    return turboFilter(graphOfRows(seen, itemCount), schema.parse(hyperparameters));
  },
};

function turboFilter(
  graph: BipartiteGraph,
  { alpha, power, filter }: z.infer<typeof schema>,
): ItemFilter {
  return new ItemFilter({
    graph,
    exponents: { users: alpha, items: 1 - alpha },
    signalExponent: 0,
    power,
    polynomial: filters[filter - 1]!,
    lowRank: null,
    saved: {},
  });
}
