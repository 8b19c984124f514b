/**
 * How smooth embeddings are over the graph, as LightGCN measures it (He et al.
 * 2020, sections 3.3.1 and 4.4.3, table 6).
 *
 * @module
 */

import { rowLength } from "../data/rows.ts";
import { type BipartiteGraph, degrees } from "./bipartite.ts";

/**
 * The second-order smoothness coefficient of two users (equation 14): what a user
 * hears of another after two layers,
 *
 *   c_{v→u} = 1/(√|N_u|·√|N_v|) · Σ_{i ∈ N_u ∩ N_v} 1/|N_i|
 *
 * @param u user
 * @param v user
 */
export function smoothnessCoefficient(graph: BipartiteGraph, u: number, v: number): number {
  const { userItems, userCount } = graph;
  const degree = degrees(graph);
  const row = (user: number) =>
    userItems.indices.subarray(userItems.indptr[user]!, userItems.indptr[user + 1]!);
  const other = new Set(row(v));
  let shared = 0;
  for (const item of row(u)) if (other.has(item)) shared += 1 / degree[userCount + item]!;
  return shared === 0 ? 0 : shared / Math.sqrt(degree[u]! * degree[v]!);
}

/**
 * The smoothness loss of a side's embeddings (equation 17; table 6):
 *
 *   S = Σ_u Σ_v c_{v→u}·‖e_u/‖e_u‖² − e_v/‖e_v‖²‖²
 *
 * Small where those who share neighbours have like embeddings. Nodes whose
 * embedding is zero have no direction, and are left out.
 * @param side whose embeddings
 * @param embeddings nodes of the side × width, row-major
 */
export function smoothnessLoss(
  graph: BipartiteGraph,
  side: "users" | "items",
  embeddings: Float32Array,
): number {
  const [own, across] =
    side === "users" ? [graph.userItems, graph.itemUsers] : [graph.itemUsers, graph.userItems];
  const count = own.indptr.length - 1;
  const width = embeddings.length / count;
  const unit = inverted(embeddings, width);
  const coefficient = new Float64Array(count);
  let total = 0;
  for (let u = 0; u < count; u++) {
    const reached: number[] = [];
    for (let at = own.indptr[u]!; at < own.indptr[u + 1]!; at++) {
      const between = own.indices[at]!;
      const share = 1 / rowLength(across, between);
      for (let to = across.indptr[between]!; to < across.indptr[between + 1]!; to++) {
        const v = across.indices[to]!;
        if (coefficient[v] === 0) reached.push(v);
        coefficient[v]! += share;
      }
    }
    for (const v of reached) {
      const c = coefficient[v]! / Math.sqrt(rowLength(own, u) * rowLength(own, v));
      coefficient[v] = 0;
      total += c * squaredDistance(unit, u, v, width);
    }
  }
  return total;
}

/** e/‖e‖² row by row; NaN where the row is zero. */
function inverted(embeddings: Float32Array, width: number): Float64Array {
  const rows = Float64Array.from(embeddings);
  for (let from = 0; from < rows.length; from += width) {
    let norm = 0;
    for (let at = from; at < from + width; at++) norm += rows[at]! ** 2;
    for (let at = from; at < from + width; at++) rows[at]! /= norm;
  }
  return rows;
}

function squaredDistance(rows: Float64Array, u: number, v: number, width: number): number {
  let sum = 0;
  for (let column = 0; column < width; column++) {
    sum += (rows[u * width + column]! - rows[v * width + column]!) ** 2;
  }
  return Number.isNaN(sum) ? 0 : sum;
}
