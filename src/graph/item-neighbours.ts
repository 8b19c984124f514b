/**
 * The item graph of UltraGCN: items that share users, weighed by the limit of
 * infinitely many message passing layers over co-occurrence.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import type { BipartiteGraph } from "./bipartite.ts";

/** For each item its k neighbours of the largest weight, largest first; rows short of neighbours repeat weight 0. */
export interface ItemNeighbours {
  readonly count: number;
  /** items × count */
  readonly items: Int32Array;
  /** items × count */
  readonly weights: Float32Array;
}

/**
 * ω_ij = G_ij · √(g_i + 1)/g_i · 1/√(g_j + 1), G = RᵀR with g its row sums (Mao et al.,
 * UltraGCN, CIKM 2021, equation 12; degrees and diagonal as in the authors' code).
 * @param count k
 */
export function itemNeighbours(graph: BipartiteGraph, count: number): ItemNeighbours {
  const { itemCount } = graph;
  const sums = gramRowSums(graph);
  const items = new Int32Array(itemCount * count);
  const weights = new Float32Array(itemCount * count);
  const shared = new Float64Array(itemCount);
  for (let item = 0; item < itemCount; item++) {
    const own = Math.sqrt(sums[item]! + 1) / Math.max(1, sums[item]!);
    const near = countShared(graph, item, shared).map((other) => {
      const weight = (shared[other]! * own) / Math.sqrt(sums[other]! + 1);
      shared[other] = 0;
      return { other, weight };
    });
    near.sort((a, b) => b.weight - a.weight || a.other - b.other);
    for (let at = 0; at < Math.min(count, near.length); at++) {
      items[item * count + at] = near[at]!.other;
      weights[item * count + at] = near[at]!.weight;
    }
  }
  return { count, items, weights };
}

/** g_i = Σ_j G_ij: every user of an item adds all of the user's items. */
function gramRowSums({ userItems, itemUsers, itemCount }: BipartiteGraph): Float64Array {
  const degree = (rows: Rows, row: number) => rows.indptr[row + 1]! - rows.indptr[row]!;
  return Float64Array.from({ length: itemCount }, (_, item) => {
    let sum = 0;
    for (let at = itemUsers.indptr[item]!; at < itemUsers.indptr[item + 1]!; at++) {
      sum += degree(userItems, itemUsers.indices[at]!);
    }
    return sum;
  });
}

/** Writes row `item` of G into `shared`, which is zero before; returns the columns that it wrote. */
function countShared(
  { userItems, itemUsers }: BipartiteGraph,
  item: number,
  shared: Float64Array,
): number[] {
  const reached: number[] = [];
  for (let at = itemUsers.indptr[item]!; at < itemUsers.indptr[item + 1]!; at++) {
    const user = itemUsers.indices[at]!;
    for (let to = userItems.indptr[user]!; to < userItems.indptr[user + 1]!; to++) {
      const other = userItems.indices[to]!;
      if (shared[other] === 0) reached.push(other);
      shared[other]! += 1;
    }
  }
  return reached;
}
