/** Small random graphs for tests. */

import { RandomStream } from "../../src/base/random.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";

export function randomGraph(
  users: number,
  items: number,
  density: number,
  seed: number,
): BipartiteGraph {
  const random = new RandomStream(seed, "test graph");
  const pairs: [number, number][] = [];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      if (random.uniform() < density) pairs.push([user, item]);
    }
  }
  return buildGraph(
    {
      users: Int32Array.from(pairs, ([user]) => user),
      items: Int32Array.from(pairs, ([, item]) => item),
      values: null,
      times: null,
    },
    users,
    items,
  );
}

/** A as a dense matrix of numbers, nodes × nodes. */
export function denseAdjacency(graph: BipartiteGraph): number[][] {
  const { userCount, nodeCount, userItems } = graph;
  const a = Array.from({ length: nodeCount }, () => new Array<number>(nodeCount).fill(0));
  for (let user = 0; user < userCount; user++) {
    for (let at = userItems.indptr[user]!; at < userItems.indptr[user + 1]!; at++) {
      const item = userCount + userItems.indices[at]!;
      a[user]![item] = 1;
      a[item]![user] = 1;
    }
  }
  return a;
}

export function multiply(a: readonly number[][], b: readonly number[][]): number[][] {
  return a.map((row) =>
    b[0]!.map((_, column) => row.reduce((sum, value, k) => sum + value * b[k]![column]!, 0)),
  );
}
