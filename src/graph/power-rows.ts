/**
 * Rows of the powers of Ã = D^−a·A·D^−b, by sparse vector products: how much of every
 * node's E^(0) arrives in one node after k layers (LightGCN's equation 8). No matrix is
 * made; a step costs the neighbours of the nodes that the vector has reached.
 *
 * @module
 */

import { type BipartiteGraph, degrees } from "./bipartite.ts";
import { type Normalisation, normalisationExponents } from "./normalisation.ts";

export class PowerRows {
  readonly graph: BipartiteGraph;
  readonly #hasSelfConnections: boolean;
  /** d^−a and d^−b of every node, users first; 0 where it has no neighbour. */
  readonly #rows: Float64Array;
  readonly #columns: Float64Array;

  constructor(graph: BipartiteGraph, normalisation: Normalisation, selfConnections = false) {
    this.graph = graph;
    this.#hasSelfConnections = selfConnections;
    const degree = degrees(graph).map((neighbours) => neighbours + (selfConnections ? 1 : 0));
    const { rows, columns } = normalisationExponents(normalisation);
    const power = (exponent: number) =>
      Float64Array.from(degree, (d) => (d === 0 ? 0 : d ** -exponent));
    this.#rows = power(rows);
    this.#columns = power(columns);
  }

  /** The unit vector of a node (items come after the users): its row of Ã⁰. */
  unit(node: number): Float64Array {
    const vector = new Float64Array(this.graph.nodeCount);
    vector[node] = 1;
    return vector;
  }

  /** xᵀ·Ã, one entry a node: from a row of Ãᵏ to that of Ãᵏ⁺¹. */
  next(x: Float64Array): Float64Array {
    const { userCount, nodeCount, userItems, itemUsers } = this.graph;
    const y = new Float64Array(nodeCount);
    for (let node = 0; node < nodeCount; node++) {
      const value = x[node]! * this.#rows[node]!;
      if (value === 0) continue;
      if (this.#hasSelfConnections) y[node]! += value;
      const isUser = node < userCount;
      const { indptr, indices } = isUser ? userItems : itemUsers;
      const row = isUser ? node : node - userCount;
      const offset = isUser ? userCount : 0;
      for (let at = indptr[row]!; at < indptr[row + 1]!; at++) y[offset + indices[at]!]! += value;
    }
    for (let node = 0; node < nodeCount; node++) y[node]! *= this.#columns[node]!;
    return y;
  }

  /** A node's neighbours, as nodes, ascending. */
  neighbours(node: number): Int32Array {
    const { userCount, userItems, itemUsers } = this.graph;
    const isUser = node < userCount;
    const { indptr, indices } = isUser ? userItems : itemUsers;
    const row = isUser ? node : node - userCount;
    const own = indices.subarray(indptr[row]!, indptr[row + 1]!);
    return isUser ? own.map((item) => item + userCount) : own;
  }
}
