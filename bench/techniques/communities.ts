/**
 * An order of the nodes by community: label propagation (Raghavan, Albert & Kumara, Physical
 * Review E 2007) with a bound on the size of a community (Meyerhenke, Sanders & Schulz, SEA
 * 2014), without which graphs of interactions end as a single one.
 *
 * @module
 */

import { RandomStream } from "../../src/base/random.ts";
import type { Rows } from "../../src/data/interactions.ts";

/** Rows of 256 bytes that half of a second cache of 512 KiB holds. */
const largestCommunity = 1024;
const sweeps = 5;

/**
 * Users by community, then items by community; within one, by the nodes' own order.
 * @param rows a symmetric adjacency matrix
 * @returns the node at each place
 */
export function communityOrder(
  rows: Rows,
  userCount: number,
  limit = largestCommunity,
): Int32Array {
  const label = communities(rows, limit);
  const order = Int32Array.from(label, (_, node) => node);
  for (const side of [order.subarray(0, userCount), order.subarray(userCount)]) {
    side.sort((a, b) => label[a]! - label[b]! || a - b);
  }
  return order;
}

/**
 * Each node takes the most frequent label among its neighbours that has room, its own where
 * none is more frequent; of equals, the smallest.
 */
export function communities({ indptr, indices }: Rows, limit: number): Int32Array {
  const nodeCount = indptr.length - 1;
  const label = Int32Array.from({ length: nodeCount }, (_, node) => node);
  const size = new Int32Array(nodeCount).fill(1);
  const votes = new Int32Array(nodeCount);
  const random = new RandomStream(1, "bench communities");
  const visits = random.shuffle(label.slice());
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const node of visits) {
      const own = label[node]!;
      const neighbours = indices.subarray(indptr[node], indptr[node + 1]);
      for (const neighbour of neighbours) votes[label[neighbour]!]!++;
      let best = own;
      for (const neighbour of neighbours) {
        const found = label[neighbour]!;
        if (found === best || (found !== own && size[found]! >= limit)) continue;
        const lead = votes[found]! - votes[best]!;
        if (lead > 0 || (lead === 0 && best !== own && found < best)) best = found;
      }
      for (const neighbour of neighbours) votes[label[neighbour]!] = 0;
      size[own]!--;
      size[best]!++;
      label[node] = best;
    }
  }
  return label;
}
