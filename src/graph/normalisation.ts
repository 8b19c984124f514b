/**
 * Normalisations of the adjacency matrix, Ã = diag(p)·A·diag(q) with p and q
 * powers of the degrees (LightGCN, He et al. 2020, section 4.4.2 and table 5).
 *
 * @module
 */

import { type BipartiteGraph, degrees } from "./bipartite.ts";

/** Exponents a and b of p = d^−a (target node) and q = d^−b (neighbour). */
const exponents = {
  symmetric: [0.5, 0.5],
  left: [0.5, 0],
  right: [0, 0.5],
  l1: [1, 1],
  "l1-left": [1, 0],
  "l1-right": [0, 1],
} as const;

export type Normalisation = keyof typeof exponents;

export const normalisations = Object.keys(exponents) as [Normalisation, ...Normalisation[]];

/** Exponents a and b of Ã = D^−a·A·D^−b. */
export function normalisationExponents(normalisation: Normalisation): {
  readonly rows: number;
  readonly columns: number;
} {
  const [rows, columns] = exponents[normalisation];
  return { rows, columns };
}

/**
 * Scales of the rows (p) and of the columns (q), one number per node; 0 for isolated nodes.
 * @param selfConnections whether every node is its own neighbour too: degrees are one higher
 */
export function normalisationScales(
  graph: BipartiteGraph,
  normalisation: Normalisation,
  selfConnections = false,
): { readonly rows: Float32Array; readonly columns: Float32Array } {
  const [a, b] = exponents[normalisation];
  const own = selfConnections ? 1 : 0;
  const degree = degrees(graph).map((neighbours) => neighbours + own);
  const power = (exponent: number) =>
    Float32Array.from(degree, (d) => (d === 0 ? 0 : d ** -exponent));
  return { rows: power(a), columns: power(b) };
}
