/**
 * An order of the nodes in which neighbours of neighbours lie close together, so that
 * rows worked on one after the other gather largely the same rows of a table, which the
 * cache still holds: Cuthill and McKee, "Reducing the bandwidth of sparse symmetric
 * matrices", ACM 1969. Users stay before items: a layer then gathers from one side at a time.
 *
 * @module
 */

import { groupPositions } from "../data/grouping.ts";
import type { Rows } from "../data/interactions.ts";
import { rowLengths } from "../data/rows.ts";
import { adjacencyRows, type BipartiteGraph } from "./bipartite.ts";

/** Bytes of a table that a core's own cache holds anyhow, in whatever order. */
const cachedBytes = 2 ** 20;

const knownOrders = new WeakMap<BipartiteGraph, Int32Array>();

/**
 * The order in which to keep a table of the nodes' vectors while it is propagated.
 * @returns the node at each place; null where the graph's own order is as good
 */
export function tableOrder(graph: BipartiteGraph, width: number): Int32Array | null {
  if (4 * graph.nodeCount * width <= cachedBytes) return null;
  const order = knownOrders.get(graph) ?? localOrder(adjacencyRows(graph, false), graph.userCount);
  knownOrders.set(graph, order);
  return order;
}

/** The same table with row order[n] at place n. */
export function rowsInOrder(table: Float32Array, order: Int32Array): Float32Array {
  const width = table.length / order.length;
  const moved = new Float32Array(table.length);
  order.forEach((row, place) => {
    moved.set(table.subarray(row * width, (row + 1) * width), place * width);
  });
  return moved;
}

/**
 * Breadth first from the node of the lowest degree, the new neighbours of a node by
 * degree; then users before items, each in this order. Time: that of sorting the entries.
 * @param rows a symmetric adjacency matrix
 * @returns the node at each place
 */
export function localOrder({ indptr, indices }: Rows, userCount: number): Int32Array {
  const nodeCount = indptr.length - 1;
  const byDegree = nodesByDegree(indptr);
  const rank = inverseOrder(byDegree);
  // The queue holds ranks, so that sorting a piece of it sorts by degree.
  const queue = new Int32Array(nodeCount);
  const isQueued = new Uint8Array(nodeCount);
  let length = 0;
  let next = 0;
  for (let seed = 0; seed < nodeCount; seed++) {
    if (isQueued[seed]) continue;
    isQueued[seed] = 1;
    queue[length++] = seed;
    for (; next < length; next++) {
      const first = length;
      const node = byDegree[queue[next]!]!;
      for (let entry = indptr[node]!; entry < indptr[node + 1]!; entry++) {
        const neighbour = rank[indices[entry]!]!;
        if (isQueued[neighbour]) continue;
        isQueued[neighbour] = 1;
        queue[length++] = neighbour;
      }
      queue.subarray(first, length).sort();
    }
  }
  const order = new Int32Array(nodeCount);
  let [user, item] = [0, userCount];
  for (const place of queue) {
    const node = byDegree[place]!;
    if (node < userCount) order[user++] = node;
    else order[item++] = node;
  }
  return order;
}

/** The nodes by ascending degree, by counting. */
function nodesByDegree(indptr: Int32Array): Int32Array {
  const degrees = rowLengths({ indptr });
  const highest = degrees.reduce((most, degree) => Math.max(most, degree), 0);
  return groupPositions(degrees, highest + 1).positions;
}

/** The place of each node in an order of all nodes. */
export function inverseOrder(order: Int32Array): Int32Array {
  const places = new Int32Array(order.length);
  order.forEach((node, place) => {
    places[node] = place;
  });
  return places;
}

/** The same matrix with rows and columns in an order; the columns of a row ascend. */
export function inOrder({ indptr, indices }: Rows, order: Int32Array): Rows {
  const places = inverseOrder(order);
  const starts = new Int32Array(indptr.length);
  const columns = new Int32Array(indices.length);
  let length = 0;
  order.forEach((node, place) => {
    const first = length;
    for (let entry = indptr[node]!; entry < indptr[node + 1]!; entry++) {
      columns[length++] = places[indices[entry]!]!;
    }
    columns.subarray(first, length).sort();
    starts[place + 1] = length;
  });
  return { indptr: starts, indices: columns };
}
