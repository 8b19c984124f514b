/**
 * The order in which the nodes' vectors lie in a table. Sums over neighbours are then taken in
 * another order, so that results differ by rounding.
 *
 * @module
 */

import type { BipartiteGraph } from "../../src/graph/bipartite.ts";
import { adjacencyRows, degrees } from "../../src/graph/bipartite.ts";
import { localOrder } from "../../src/graph/node-order.ts";
import { communityOrder } from "./communities.ts";
import { stepLayers } from "./step-layers.ts";
import { orderHere } from "./tables.ts";
import { roundingTolerance, type Technique } from "./technique.ts";

export const nodeOrders: Technique = {
  key: "order",
  title: "six layers of a step, nodes in",
  ways(ground) {
    const { graph } = ground;
    const rows = adjacencyRows(graph, false);
    const local = localOrder(rows, graph.userCount);
    const file = ["the file's order", null] as const;
    const cuthillMcKee = ["Cuthill–McKee's order", local] as const;
    const usesFile = orderHere(ground) === null;
    const [[here, hereOrder], there] = usesFile ? [file, cuthillMcKee] : [cuthillMcKee, file];
    const others = [
      there,
      ["the reverse of Cuthill–McKee's", reverseSides(local, graph)],
      ["order of degree", degreeOrder(graph)],
      ["communities by label propagation", communityOrder(rows, graph.userCount)],
    ] as const;
    return [
      stepLayers(ground, `${here}, as here`, { order: hereOrder }),
      ...others.map(([title, order]) =>
        stepLayers(ground, title, { order, tolerance: roundingTolerance }),
      ),
    ];
  },
};

/** Users backwards, then items backwards. */
export function reverseSides(order: Int32Array, { userCount }: BipartiteGraph): Int32Array {
  const reversed = order.slice();
  reversed.subarray(0, userCount).reverse();
  reversed.subarray(userCount).reverse();
  return reversed;
}

/** Users by descending degree, then items; equal ones in the file's order. */
export function degreeOrder(graph: BipartiteGraph): Int32Array {
  const degree = degrees(graph);
  const order = Int32Array.from(degree, (_, node) => node);
  for (const side of [order.subarray(0, graph.userCount), order.subarray(graph.userCount)]) {
    side.sort((a, b) => degree[b]! - degree[a]! || a - b);
  }
  return order;
}
