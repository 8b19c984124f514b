/**
 * The items of a batch out of a table of item embeddings, for scores and penalty alike: their rows laid
 * out, or, where a batch draws more of them than the table has, read from the table item by item.
 *
 * @module
 */

import { add, gatherRows, rowDot, squaredNorm, sum } from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import type { PairBatch } from "./gradient.ts";
import type { VectorSource } from "./vector-scores.ts";

export interface BatchItems extends Pick<VectorSource, "items" | "itemTable" | "allItems"> {
  /** Σ‖e_i‖² over the batch's items, each as often as it occurs. */
  squaredNorm(): Variable;
}

/** @param table items × width */
export function itemsOfBatch(table: Variable, { positives, negatives }: PairBatch): BatchItems {
  const [itemCount] = table.value.shape as [number, number];
  const listed = negatives !== null && negatives.size > itemCount ? negatives : null;
  const laidOut = negatives && !listed ? [positives, negatives] : [positives];
  const rows = new Map(laidOut.map((index) => [index, gatherRows(table, index)] as const));
  return {
    items: (index) => rows.get(index) ?? gatherRows(table, index),
    allItems: () => table,
    ...(listed && { itemTable: table }),
    squaredNorm() {
      const ofRows = [...rows.values()].map(squaredNorm).reduce(add);
      return listed ? add(ofRows, sum(gatherRows(rowDot(table, table), listed))) : ofRows;
    },
  };
}
