/**
 * How the rows of a layer are cut into the pieces that threads take, one after the other, from a
 * shared counter.
 *
 * @module
 */

import { plainProduct } from "../../src/engine/kernels.ts";
import { adjacencyRows, balanceRows, pieceCount, uploadRows } from "../../src/graph/bipartite.ts";
import { inOrder } from "../../src/graph/node-order.ts";
import { width } from "../data.ts";
import { orderHere, readRows, uploadEmbedding } from "./tables.ts";
import type { Ground, Technique } from "./technique.ts";

function rowsHere(ground: Ground) {
  const rows = adjacencyRows(ground.graph, false);
  const order = orderHere(ground);
  return { order, rows: order ? inOrder(rows, order) : rows };
}

/** Boundaries of pieces with as many rows each, whatever their entries. */
export function equalRows(rowCount: number, pieces: number): Int32Array {
  const count = Math.min(rowCount, pieces);
  return Int32Array.from({ length: count + 1 }, (_, at) => Math.floor((rowCount * at) / count));
}

/** Entries of the longest row, and of the largest piece, as parts of what a thread has to do. */
export function loads(indptr: Int32Array, pieces: Int32Array, threads: number) {
  const share = indptr[indptr.length - 1]! / threads;
  const largest = (starts: Int32Array) =>
    starts.reduce(
      (most, start, at) =>
        at === 0 ? 0 : Math.max(most, indptr[start]! - indptr[starts[at - 1]!]!),
      0,
    );
  const every = Int32Array.from(indptr, (_, row) => row);
  return { row: largest(every) / share, piece: largest(pieces) / share };
}

export const pieces: Technique = {
  key: "pieces",
  title: "a layer, rows in pieces of as many edges, taken in turn",
  ways(ground) {
    const { device, graph } = ground;
    const { order, rows } = rowsHere(ground);
    const adjacency = uploadRows(device, rows, graph.nodeCount);
    const x = uploadEmbedding(ground, order);
    const out = device.allocate([graph.nodeCount, width]);
    const way = (title: string, chunks: Int32Array) => {
      const run = () => device.kernels.propagate(out, { ...adjacency, chunks }, x, plainProduct);
      const result = () => {
        device.kernels.fill(out, Number.NaN);
        run();
        return readRows(device, out, order);
      };
      return { title, run, result, tolerance: 0 };
    };
    return [
      way("", adjacency.chunks),
      way(
        "as many pieces of as many rows",
        equalRows(graph.nodeCount, adjacency.chunks.length - 1),
      ),
      way("a piece of as many edges for each thread", balanceRows(rows.indptr, device.threads)),
      way("a piece of as many rows for each thread", equalRows(graph.nodeCount, device.threads)),
      way("512 pieces of as many edges", balanceRows(rows.indptr, 512)),
    ];
  },
  notes(ground) {
    const { threads } = ground.device;
    const { indptr } = rowsHere(ground).rows;
    const count = pieceCount(indptr.at(-1)!, threads);
    const { row, piece } = loads(indptr, balanceRows(indptr, count), threads);
    const percent = (part: number) => `${(100 * part).toFixed(2)} %`;
    return [
      `The longest row is ${percent(row)} of the edges of each of ${threads} threads, the largest of the ${count} pieces ${percent(piece)}. ` +
        "A thread waits at most for another's last piece, and a piece is at least a row: splitting rows could save no more than the first figure",
    ];
  },
};
