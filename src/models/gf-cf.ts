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
import { type BipartiteGraph, buildGraph, graphOfRows } from "../graph/bipartite.ts";
import { degreeScale, InteractionMatrix } from "../graph/interaction-matrix.ts";
import { ItemFilter } from "./item-filter.ts";
import type { ClosedFormDefinition } from "./recommender.ts";
import { searchRange } from "./search-range.ts";
import { scaledRows, singularVectors, svdFields, svdWidth } from "./singular-vectors.ts";
import { floatTensor } from "./tensors.ts";

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

const symmetric = { users: 0.5, items: 0.5 };

/** A linear and an ideal low-pass filter of each person's history; nothing is trained. */
export const gfCf: ClosedFormDefinition = {
  kind: "closed-form",
  name: "gf-cf",
  title: "GF-CF",
  paper:
    "Shen, Wu, Zhang, Shan, Zhang, Letaief & Li. How Powerful is Graph Convolution for Recommendation? CIKM 2021",
  summary: "A linear and an ideal low-pass graph filter of each history, without training.",
  hyperparameters: schema,
  async fit(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    const { dataset, train, device } = context;
    const graph = buildGraph(train, dataset.users.size, dataset.items.size);
    const matrix = new InteractionMatrix(device, graph, symmetric);
    const { right } = await singularVectors(matrix, settings, context);
    return graphFilter(graph, right, settings);
  },
  load(tensors, hyperparameters, { itemCount, seen }) {
    const settings = schema.parse(hyperparameters);
    const vectors = floatTensor(tensors, "item.vector", [itemCount, settings.width]);
    return graphFilter(graphOfRows(seen, itemCount), vectors, settings);
  },
};

function graphFilter(
  graph: BipartiteGraph,
  vectors: Float32Array,
  { width, alpha }: z.infer<typeof schema>,
): ItemFilter {
  const degrees = graph.itemUsers.indptr;
  return new ItemFilter({
    graph,
    exponents: symmetric,
    signalExponent: 0,
    power: 1,
    polynomial: [0, 1],
    lowRank: {
      width,
      left: scaledRows(
        vectors,
        degreeScale(degrees, 0.5).map((scale) => alpha * scale),
      ),
      right: scaledRows(vectors, degreeScale(degrees, -0.5)),
    },
    saved: { "item.vector": { shape: [graph.itemCount, width], data: vectors } },
  });
}
