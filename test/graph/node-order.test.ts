import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildGraph } from "../../src/graph/bipartite.ts";
import {
  inOrder,
  inverseOrder,
  localOrder,
  rowsInOrder,
  tableOrder,
} from "../../src/graph/node-order.ts";
import { randomGraph } from "./random-graph.ts";

const rowsOf = (lists: readonly (readonly number[])[]) => {
  const indptr = [0];
  for (const list of lists) indptr.push(indptr.at(-1)! + list.length);
  return { indptr: Int32Array.from(indptr), indices: Int32Array.from(lists.flat()) };
};

describe("local order", () => {
  it("walks breadth first from the lowest degree, users before items", () => {
    // Users 0 … 3, items 4 … 6: 2 – 5 – 0 – 4 – 3 – 6, and user 1 alone.
    const path = rowsOf([[4, 5], [], [5], [4, 6], [0, 3], [0, 2], [3]]);
    assert.deepEqual([...localOrder(path, 4)], [1, 2, 0, 3, 5, 4, 6]);
  });

  it("takes the neighbours of a node by degree", () => {
    // From user 2 to item 3, whose other users have degrees 3 and 2; the latter brings item 5.
    const star = rowsOf([[3, 4, 5], [3, 5], [3], [0, 1, 2], [0], [0, 1]]);
    assert.deepEqual([...localOrder(star, 3)], [2, 1, 0, 3, 5, 4]);
  });

  it("is an order of all nodes, with the sides apart", () => {
    const graph = randomGraph(40, 60, 0.03, 5);
    const lists = Array.from({ length: 100 }, (_, node) => {
      const { indptr, indices } = node < 40 ? graph.userItems : graph.itemUsers;
      const row = node < 40 ? node : node - 40;
      return [...indices.subarray(indptr[row]!, indptr[row + 1]!)].map((other) =>
        node < 40 ? other + 40 : other,
      );
    });
    const order = localOrder(rowsOf(lists), 40);
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      Array.from(order, (_, node) => node),
    );
    assert.ok(order.subarray(0, 40).every((node) => node < 40));
    // The same matrix: entry (places[a], places[b]) where there was (a, b).
    const places = inverseOrder(order);
    const moved = inOrder(rowsOf(lists), order);
    lists.forEach((list, node) => {
      const place = places[node]!;
      assert.deepEqual(
        [...moved.indices.subarray(moved.indptr[place]!, moved.indptr[place + 1]!)],
        list.map((other) => places[other]!).sort((a, b) => a - b),
      );
    });
  });

  it("is used for tables that a cache does not hold", () => {
    const pair = { users: Int32Array.of(0), items: Int32Array.of(0), values: null, times: null };
    const graph = buildGraph(pair, 1, 4095);
    assert.equal(tableOrder(graph, 64), null);
    assert.equal(tableOrder(graph, 65)?.length, 4096);
  });

  it("moves the rows of a table there and back", () => {
    const order = Int32Array.of(2, 0, 1);
    const table = Float32Array.of(1, 2, 3, 4, 5, 6);
    const moved = rowsInOrder(table, order);
    assert.deepEqual([...moved], [5, 6, 1, 2, 3, 4]);
    assert.deepEqual(rowsInOrder(moved, inverseOrder(order)), table);
  });
});
