/**
 * Models that are one filter of each history, a polynomial in P = R̃ᵀR̃ beside an ideal low-pass
 * filter, and so are given by the graph and its leading singular vectors:
 *
 *   s_u = r_u·(D_I^−b·p(P)·D_I^b + α·D_I^−d·Ū·Ūᵀ·D_I^d),   R̃ = D_U^−½·R·D_I^−½
 *
 * Fitting finds Ū, loading reads it.
 *
 * @module
 */

import type { z } from "zod";
import { type BipartiteGraph, buildGraph, graphOfRows } from "../graph/bipartite.ts";
import { degreeScale, InteractionMatrix } from "../graph/interaction-matrix.ts";
import { ItemFilter } from "./item-filter.ts";
import type { Polynomial } from "./polynomials.ts";
import type { ClosedFormDefinition } from "./recommender.ts";
import { type SvdSettings, scaledRows, singularVectors } from "./singular-vectors.ts";
import { floatTensor } from "./tensors.ts";

/** p, b, α and d. */
export interface SpectralFilter {
  readonly polynomial: Polynomial;
  readonly signalExponent: number;
  readonly alpha: number;
  readonly lowPassExponent: number;
}

const symmetric = { users: 0.5, items: 0.5 };

/** How a model of this kind is fitted and loaded. */
export function spectralModel<Settings extends SvdSettings>(
  schema: z.ZodType<Settings>,
  filterOf: (settings: Settings) => SpectralFilter,
): Pick<ClosedFormDefinition, "fit" | "load"> {
  return {
    async fit(hyperparameters, context) {
      const settings = schema.parse(hyperparameters);
      const { dataset, train, device } = context;
      const graph = buildGraph(train, dataset.users.size, dataset.items.size);
      const matrix = new InteractionMatrix(device, graph, symmetric);
      const { right } = await singularVectors(matrix, settings, context);
      return itemFilter(graph, right, settings.width, filterOf(settings));
    },
    load(tensors, hyperparameters, { itemCount, seen }) {
      const settings = schema.parse(hyperparameters);
      const { width } = settings;
      const vectors = floatTensor(tensors, "item.vector", [itemCount, width]);
      return itemFilter(graphOfRows(seen, itemCount), vectors, width, filterOf(settings));
    },
  };
}

function itemFilter(
  graph: BipartiteGraph,
  vectors: Float32Array,
  width: number,
  { polynomial, signalExponent, alpha, lowPassExponent }: SpectralFilter,
): ItemFilter {
  const degrees = graph.itemUsers.indptr;
  const raised = degreeScale(degrees, lowPassExponent).map((scale) => alpha * scale);
  return new ItemFilter({
    graph,
    exponents: symmetric,
    signalExponent,
    power: 1,
    polynomial,
    lowRank: {
      width,
      left: scaledRows(vectors, raised),
      right: scaledRows(vectors, degreeScale(degrees, -lowPassExponent)),
    },
    saved: { "item.vector": { shape: [graph.itemCount, width], data: vectors } },
  });
}
