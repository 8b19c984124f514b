/**
 * The two parts of LightGCN's loss on a tape, as the model builds them and as operators on rows
 * that are laid out.
 *
 * @module
 */

import {
  add,
  gatherRows,
  mean,
  pairDots,
  reshape,
  rowDot,
  scale,
  softplus,
  squaredNorm,
  squaredNormOfRows,
  subtract,
} from "../../src/engine/operators/index.ts";
import type { Variable } from "../../src/engine/tape.ts";
import type { Batch } from "./tables.ts";

/** Mean of softplus(s⁻ − s⁺), from final embeddings. */
export type BprLoss = (final: Variable, batch: Batch) => Variable;

const bpr = (positives: Variable, negatives: Variable) =>
  mean(softplus(subtract(negatives, positives)));

/** Scores and their gradients by index: no rows laid out. */
export const indexedLoss: BprLoss = (table, { users, positives, negatives, rows }) => {
  const others = { ...negatives, shape: [negatives.size, 1] };
  const scores = pairDots(table, { users, positives, others }, 0, rows);
  return bpr(scores.positives, reshape(scores.others, [negatives.size]));
};

/** Rows gathered, multiplied, and their gradients scattered. */
export const gatheredLoss: BprLoss = (final, { users, positives, negatives }) => {
  const user = gatherRows(final, users);
  const score = (items: typeof users) => rowDot(user, gatherRows(final, items));
  return bpr(score(positives), score(negatives));
};

/** Σ ‖e‖² over the batch's users, positives and negatives, from starting embeddings. */
export type Penalty = (embedding: Variable, batch: Batch) => Variable;

/** From each node of the batch and how often it is there. */
export const countedPenalty: Penalty = (embedding, { rows }) => squaredNormOfRows(embedding, rows);

/** From three gathers. */
export const gatheredPenalty: Penalty = (embedding, { users, positives, negatives }) =>
  [users, positives, negatives]
    .map((index) => squaredNorm(gatherRows(embedding, index)))
    .reduce(add);

/** λ·½ ÷ B of the penalty, as LightGCN has it. */
export const weighted = (norm: Variable, { users }: Batch): Variable =>
  scale(norm, 1e-4 / 2 / users.size);
