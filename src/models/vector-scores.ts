/**
 * Scores of a batch of pairs where a model's score is the inner product or the
 * cosine of two vectors: the one place that knows drawn negatives, in-batch
 * negatives and the softmax over all items apart.
 *
 * @module
 */

import type { RowSet } from "../engine/kernels.ts";
import {
  addConstant,
  exp,
  groupDot,
  hideEqual,
  listedDots,
  log,
  matmul,
  type PairIndices,
  pairDots,
  rowDot,
  scale,
  scaleRows,
} from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { PairBatch, PairScores, Parameter } from "./gradient.ts";
import type { PairEmbeddingHyperparameters } from "./training-schema.ts";

/** Where the final vectors of a batch come from. */
export interface VectorSource {
  /** Vectors of users, [n, width]. */
  users(index: Tensor): Variable;
  /** Vectors of items, [n, width]. */
  items(index: Tensor): Variable;
  /** Inner products of users with their positives and their others, where they need no vectors laid out. */
  products?(pairs: PairIndices): Pick<PairScores, "positives" | "others">;
  /** Vectors of all items, given where the negatives are to be listed by item. */
  readonly itemTable?: Variable;
  /** Vectors of all items, [itemCount, width]; asked for by the multinomial loss alone. */
  allItems(): Variable;
}

type Settings = Pick<PairEmbeddingHyperparameters, "loss" | "negatives" | "similarity">;

/** Whether a batch will need the vectors of all items. */
export function needsAllItems({ loss }: Pick<Settings, "loss">): boolean {
  return loss === "multinomial";
}

export function vectorScores(
  source: VectorSource,
  batch: PairBatch,
  settings: Settings,
): PairScores {
  if (source.products && !usesCosine(settings) && batch.negatives) {
    const { users, positives, negatives, values } = batch;
    return { ...source.products({ users, positives, others: negatives }), values };
  }
  const prepare = usesCosine(settings) ? normaliseRows : (x: Variable) => x;
  const users = prepare(source.users(batch.users));
  const positives = prepare(source.items(batch.positives));
  const scores = { positives: rowDot(users, positives), values: batch.values };
  if (needsAllItems(settings)) {
    const all = matmul(users, prepare(source.allItems()), { transposeB: true });
    hideEqual(all, batch.positives, null);
    return { ...scores, others: all };
  }
  if (settings.negatives === "in-batch") {
    const all = matmul(users, positives, { transposeB: true });
    hideEqual(all, batch.positives, batch.positives);
    return { ...scores, others: all };
  }
  if (!batch.negatives) return { ...scores, others: null };
  if (source.itemTable) {
    const table = prepare(source.itemTable);
    return { ...scores, others: listedDots(users, table, batch.negatives) };
  }
  return { ...scores, others: groupDot(users, prepare(source.items(batch.negatives))) };
}

/**
 * Inner products over one table of all nodes' vectors, users first.
 * @param rows the batch's rows
 */
export function productsOf(table: Variable, userCount: number, rows: RowSet) {
  return (pairs: PairIndices) => pairDots(table, pairs, userCount, rows);
}

/** For item tables of which a step reads the batch's rows alone. */
export function batchItemRows(settings: Pick<Settings, "loss">): Pick<Parameter, "rows"> {
  return needsAllItems(settings) ? {} : { rows: "batch-items" };
}

/** Items that the criterion compares come from the batch's own rows: the rows that a penalty is about. */
export function itemIndices(batch: PairBatch): readonly Tensor[] {
  return batch.negatives ? [batch.positives, batch.negatives] : [batch.positives];
}

/**
 * Item vectors made ready for ranking: as they are, or of length 1, which ranks by
 * the cosine, because a user's own length changes none of the user's ranks.
 * @param items items × width
 */
export function rankedItems(
  items: Float32Array,
  width: number,
  ranking: PairEmbeddingHyperparameters["ranking"],
): Float32Array {
  return ranking === "dot" ? items : unitRows(items, width);
}

/** Rows of length 1; a row of zeros stays one. */
export function unitRows(table: Float32Array, width: number): Float32Array {
  const units = table.slice();
  for (let from = 0; from < units.length; from += width) {
    const row = units.subarray(from, from + width);
    const length = Math.hypot(...row);
    if (length > 0) for (let column = 0; column < width; column++) row[column]! /= length;
  }
  return units;
}

/** Whether scores are cosines while training. */
export function usesCosine({ loss, similarity }: Pick<Settings, "loss" | "similarity">): boolean {
  if (similarity === "auto") return loss === "ssm" || loss === "bsl";
  return similarity === "cosine";
}

/** x[r]/‖x[r]‖ */
export function normaliseRows(x: Variable): Variable {
  const squares = addConstant(rowDot(x, x), 1e-12);
  return scaleRows(x, exp(scale(log(squares), -0.5)));
}
