/**
 * The bipartite graph of users and items as one symmetric adjacency matrix
 * A = (0 R; Rᵀ 0) in compressed rows: nodes 0 … users−1 are users, then items.
 * Entries carry no values; a normalisation is a scale of rows and of columns.
 *
 * @module
 */

import { compressRows, type Interactions, type Rows } from "../data/interactions.ts";
import { placeInRow, rowLength, rowLengths } from "../data/rows.ts";
import type { Device } from "../engine/device.ts";
import type { RowSet, SparseRows } from "../engine/kernels.ts";

export interface BipartiteGraph {
  readonly userCount: number;
  readonly itemCount: number;
  readonly nodeCount: number;
  /** Number of distinct (user, item) pairs. */
  readonly edgeCount: number;
  /** R: each user's items, ascending. */
  readonly userItems: Rows;
  /** Rᵀ: each item's users, ascending. */
  readonly itemUsers: Rows;
  /** Rating of each pair, in the order of `userItems`; null where there are none. */
  readonly values: Float32Array | null;
}

/** Builds the graph of distinct pairs; of a pair's several ratings the last counts. */
export function buildGraph(
  interactions: Interactions,
  userCount: number,
  itemCount: number,
): BipartiteGraph {
  const { users, items, values } = interactions;
  const rows = compressRows(users, items, userCount);
  return graphOfRows(rows, itemCount, values && alignValues(interactions, values, rows));
}

/** The same from each user's items, with the values of its entries where there are any. */
export function graphOfRows(
  userItems: Rows,
  itemCount: number,
  values: Float32Array | null = null,
): BipartiteGraph {
  const userCount = userItems.indptr.length - 1;
  return {
    userCount,
    itemCount,
    nodeCount: userCount + itemCount,
    edgeCount: userItems.indices.length,
    userItems,
    itemUsers: transposeRows(userItems, itemCount),
    values,
  };
}

/** Values of the interactions in the order of the rows' entries. */
function alignValues({ users, items }: Interactions, values: Float32Array, rows: Rows) {
  const aligned = new Float32Array(rows.indices.length);
  for (let at = 0; at < values.length; at++) {
    aligned[placeInRow(rows, users[at]!, items[at]!)] = values[at]!;
  }
  return aligned;
}

/** Transpose of compressed rows; the result's rows come out ascending. */
export function transposeRows(rows: Rows, columnCount: number): Rows {
  const indptr = new Int32Array(columnCount + 1);
  for (const column of rows.indices) indptr[column + 1]!++;
  for (let column = 0; column < columnCount; column++) indptr[column + 1]! += indptr[column]!;
  const next = indptr.slice(0, columnCount);
  const indices = new Int32Array(rows.indices.length);
  for (let row = 0; row + 1 < rows.indptr.length; row++) {
    for (let at = rows.indptr[row]!; at < rows.indptr[row + 1]!; at++) {
      indices[next[rows.indices[at]!]!++] = row;
    }
  }
  return { indptr, indices };
}

/** Degrees of all nodes, users first. */
export function degrees(graph: BipartiteGraph): Int32Array {
  const { userCount, nodeCount, userItems, itemUsers } = graph;
  const all = new Int32Array(nodeCount);
  all.set(rowLengths(userItems));
  all.set(rowLengths(itemUsers), userCount);
  return all;
}

/** Degrees of rows to a power, an empty row's as if it had one neighbour. */
export function degreePowers(rows: Rows, exponent: number): Float32Array {
  return Float32Array.from(rowLengths(rows), (degree) => Math.max(1, degree) ** exponent);
}

/** A on a device, or A + I with self-connections; rows cut into pieces of about equal work. */
export function uploadAdjacency(
  device: Device,
  graph: BipartiteGraph,
  selfConnections = false,
): SparseRows {
  return uploadRows(device, adjacencyRows(graph, selfConnections), graph.nodeCount);
}

/** A, or A + I with self-connections. */
export function adjacencyRows(graph: BipartiteGraph, selfConnections: boolean): Rows {
  const { userCount, nodeCount, edgeCount, userItems, itemUsers } = graph;
  const indptr = new Int32Array(nodeCount + 1);
  indptr.set(userItems.indptr);
  for (let item = 0; item <= graph.itemCount; item++) {
    indptr[userCount + item] = edgeCount + itemUsers.indptr[item]!;
  }
  const indices = new Int32Array(2 * edgeCount);
  for (let at = 0; at < edgeCount; at++) indices[at] = userItems.indices[at]! + userCount;
  indices.set(itemUsers.indices, edgeCount);
  const rows = { indptr, indices };
  return selfConnections ? withDiagonal(rows) : rows;
}

/** Rows whose first column is the row itself; the order of the others stays. */
function withDiagonal({ indptr, indices }: Rows): Rows {
  const wider = indptr.map((from, row) => from + row);
  const columns = new Int32Array(indices.length + indptr.length - 1);
  for (let row = 0; row + 1 < indptr.length; row++) {
    columns[wider[row]!] = row;
    columns.set(indices.subarray(indptr[row]!, indptr[row + 1]!), wider[row]! + 1);
  }
  return { indptr: wider, indices: columns };
}

/** Compressed rows of a matrix with that many columns on a device. */
export function uploadRows(device: Device, rows: Rows, columnCount: number): SparseRows {
  const { indptr, indices } = rows;
  const rowCount = indptr.length - 1;
  let longest = 1;
  for (let row = 0; row < rowCount; row++) {
    longest = Math.max(longest, rowLength(rows, row));
  }
  return {
    rowCount,
    columnCount,
    indptr: device.upload([rowCount + 1], indptr),
    indices: device.upload([indices.length], indices),
    chunks: balanceRows(indptr, pieceCount(indices.length, device.threads)),
    scratch: device.allocate([device.threads, longest], "i32"),
  };
}

/**
 * Pieces that rows with so many entries are cut into: four a thread at least, so that one that is held up
 * leaves work to the others; more, up to 64, as long as a piece is far more work than being handed out,
 * which takes about a microsecond: 8192 entries of 64 columns take about 40.
 */
export function pieceCount(entries: number, threads: number): number {
  const leastEntries = 8192;
  return Math.max(4 * threads, Math.min(64, Math.ceil(entries / leastEntries)));
}

/**
 * Cuts rows into at most `pieces` runs of about equal work, a row costing its
 * entries plus a constant.
 * @returns ascending boundaries, first 0, last the number of rows
 */
export function balanceRows(indptr: Int32Array, pieces: number): Int32Array {
  const rowCount = indptr.length - 1;
  const rowCost = 4;
  const work = (row: number) => indptr[row]! + rowCost * row;
  const boundaries = [0];
  const share = work(rowCount) / pieces;
  for (let row = 1; row < rowCount; row++) {
    if (work(row) >= share * boundaries.length) boundaries.push(row);
  }
  boundaries.push(rowCount);
  return Int32Array.from(boundaries);
}

/** An empty row set over the nodes of a table, for at most `capacity` rows. */
export function emptyRowSet(device: Device, rowCount: number, capacity: number): RowSet {
  // One more place than rows: the kernel writes before it knows whether a row is new.
  const places = Math.min(capacity, rowCount) + 1;
  const set = {
    mask: device.upload([rowCount], new Int32Array(rowCount)),
    list: device.allocate([places], "i32"),
    count: device.upload([1], new Int32Array(1)),
    times: device.upload([rowCount], new Int32Array(rowCount)),
  };
  return set;
}
