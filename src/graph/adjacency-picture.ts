/**
 * The sparsity of A = (0 R; Rᵀ 0), small enough to look at: the nodes of each
 * side are gathered into cells, and a cell counts its entries.
 *
 * @module
 */

import { countByKey } from "../data/grouping.ts";
import type { Interactions } from "../data/interactions.ts";

/** How users and items are laid out: as the data have them, or those with most interactions first. */
export type NodeOrder = "id" | "degree";

/** R in cells. Rᵀ is the same mirrored, and the two other blocks are empty. */
export interface AdjacencyPicture {
  /** Cells along the users, and along the items. */
  readonly rows: number;
  readonly columns: number;
  /** rows × columns, row-major: entries of R in the cell. */
  readonly counts: Int32Array;
}

/** Neither side gets less of the picture than this share, or it could not be seen. */
const LEAST_SHARE = 0.2;

/**
 * Cells of the two sides in proportion to their nodes, as far as both can be seen.
 * @returns rows + columns ≤ side, and no more of either than there are nodes
 */
export function pictureSize(
  userCount: number,
  itemCount: number,
  side: number,
): { readonly rows: number; readonly columns: number } {
  const share = userCount / Math.max(1, userCount + itemCount);
  const shown = Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, share));
  const rows = Math.min(userCount, Math.round(side * shown));
  return { rows, columns: Math.min(itemCount, side - Math.round(side * shown)) };
}

/** Node n of the order lies in cell ⌊n · cells / nodes⌋. */
export function adjacencyPicture(
  interactions: Interactions,
  userCount: number,
  itemCount: number,
  { side, order }: { readonly side: number; readonly order: NodeOrder },
): AdjacencyPicture {
  const { users, items } = interactions;
  const { rows, columns } = pictureSize(userCount, itemCount, side);
  const rowOf = cellOf(users, userCount, rows, order);
  const columnOf = cellOf(items, itemCount, columns, order);
  const counts = new Int32Array(rows * columns);
  for (let at = 0; at < users.length; at++) {
    counts[rowOf[users[at]!]! * columns + columnOf[items[at]!]!]!++;
  }
  return { rows, columns, counts };
}

function cellOf(keys: Int32Array, nodes: number, cells: number, order: NodeOrder): Int32Array {
  const place = new Int32Array(nodes);
  const nodeAt = order === "id" ? null : byDegree(countByKey(keys, nodes));
  for (let at = 0; at < nodes; at++) {
    place[nodeAt === null ? at : nodeAt[at]!] = Math.floor((at * cells) / nodes);
  }
  return place;
}

/** Nodes by descending degree, ties by smaller index. */
export function byDegree(degrees: Int32Array): Int32Array {
  const nodes = Int32Array.from(degrees, (_, node) => node);
  return nodes.sort((a, b) => degrees[b]! - degrees[a]! || a - b);
}
