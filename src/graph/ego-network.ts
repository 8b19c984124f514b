/**
 * A node's surroundings, small enough to draw: hop after hop, the few that matter most
 * among the neighbours of those that are shown already.
 *
 * @module
 */

import type { PowerRows } from "./power-rows.ts";

/** strongest: by the weight with which they are reached; rarest: by the fewest neighbours. */
export const egoOrders = ["strongest", "rarest"] as const;
export type EgoOrder = (typeof egoOrders)[number];

export interface EgoNode {
  /** Users first, then items. */
  readonly node: number;
  /** 0 = the centre. */
  readonly hop: number;
  readonly degree: number;
  /** Sum over the walks from the centre through shown nodes, in Ãʰ of that hop; 1 for the centre. */
  readonly weight: number;
}

export interface EgoNetwork {
  readonly nodes: readonly EgoNode[];
  /** Pairs of positions in `nodes`, the nearer to the centre first. */
  readonly edges: readonly (readonly [number, number])[];
  /** Nodes that each hop could have shown. */
  readonly reached: readonly number[];
}

/** @param breadths most nodes of the first hop, the second, … */
export function egoNetwork(
  rows: PowerRows,
  centre: number,
  breadths: readonly number[],
  order: EgoOrder,
): EgoNetwork {
  const degreeOf = (node: number) => rows.neighbours(node).length;
  const nodes: EgoNode[] = [{ node: centre, hop: 0, degree: degreeOf(centre), weight: 1 }];
  const places = new Map([[centre, 0]]);
  const reached: number[] = [];
  let frontier = rows.unit(centre);
  for (const [at, breadth] of breadths.entries()) {
    const weights = rows.next(frontier);
    const found: EgoNode[] = [];
    for (const [node, weight] of weights.entries()) {
      if (weight === 0 || places.has(node)) continue;
      found.push({ node, hop: at + 1, degree: degreeOf(node), weight });
    }
    reached.push(found.length);
    found.sort((a, b) =>
      order === "rarest"
        ? a.degree - b.degree || b.weight - a.weight || a.node - b.node
        : b.weight - a.weight || a.node - b.node,
    );
    frontier = new Float64Array(weights.length);
    for (const chosen of found.slice(0, breadth)) {
      places.set(chosen.node, nodes.length);
      nodes.push(chosen);
      frontier[chosen.node] = chosen.weight;
    }
  }
  const edges = nodes.flatMap(({ node }, from) =>
    Array.from(rows.neighbours(node), (other) => places.get(other))
      .filter((to): to is number => to !== undefined && to > from)
      .map((to) => [from, to] as const),
  );
  return { nodes, edges, reached };
}
