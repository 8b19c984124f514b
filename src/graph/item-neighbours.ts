/**
 * The item graph of UltraGCN: items that share users, weighed by the limit of
 * infinitely many message passing layers over co-occurrence.
 *
 * @module
 */

import { rowLength } from "../data/rows.ts";
import type { BipartiteGraph } from "./bipartite.ts";
import { strongestProducts, type WorkContext } from "./weighted-rows.ts";

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
 * @throws StoppedError on abort
 */
export async function itemNeighbours(
  work: WorkContext,
  graph: BipartiteGraph,
  count: number,
): Promise<ItemNeighbours> {
  const { itemCount, itemUsers, userItems } = graph;
  const g = gramRowSums(graph);
  const product = {
    ...{ inner: null, factor: null, shift: null, shrinkage: 0 },
    norm: {
      rows: Float32Array.from(g, (sum) => Math.max(1, sum) / Math.sqrt(sum + 1)),
      columns: Float32Array.from(g, (sum) => Math.sqrt(sum + 1)),
    },
  };
  const near = await strongestProducts(work, itemUsers, userItems, product, count, false);
  const items = new Int32Array(itemCount * count);
  const weights = new Float32Array(itemCount * count);
  for (let item = 0; item < itemCount; item++) {
    const [from, to] = [near.indptr[item]!, near.indptr[item + 1]!];
    items.set(near.indices.subarray(from, to), item * count);
    weights.set(near.values.subarray(from, to), item * count);
  }
  return { count, items, weights };
}

/** g_i = Σ_j G_ij: every user of an item adds all of the user's items. */
function gramRowSums({ userItems, itemUsers, itemCount }: BipartiteGraph): Float64Array {
  return Float64Array.from({ length: itemCount }, (_, item) => {
    let sum = 0;
    for (let at = itemUsers.indptr[item]!; at < itemUsers.indptr[item + 1]!; at++) {
      sum += rowLength(userItems, itemUsers.indices[at]!);
    }
    return sum;
  });
}
