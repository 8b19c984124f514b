/**
 * How much of a score the item's popularity alone would give. An item's appeal is what the
 * model thinks of it with the person taken out: its mean score over the training users, above
 * the mean of all scores,
 *
 *   a_i = ȳ_i − ȳ
 *
 * (the reference that Wei et al., "Model-Agnostic Counterfactual Reasoning for Eliminating
 * Popularity Bias in Recommender System", KDD 2021, subtract). A person's scores are predicted
 * from the appeal alone by least squares over all items,
 *
 *   ŷ_ui = ȳ_u + β_u·a_i + γ_ui,   β_u = Σ_i a_i·(ŷ_ui − ȳ_u) / Σ_i a_i²,
 *
 * with ȳ_u the person's mean over all items. ȳ_u moves none of the person's ranks, and β_u makes
 * the prediction of the size of the person's own scores. The popularity share is the part of the
 * item's lead over the person's average item that the appeal predicts:
 *
 *   β_u·a_i / (ŷ_ui − ȳ_u)
 *
 * It is 1 for a model that ranks alike for everybody; 0 where the item has the appeal of the
 * average item; above 1 where the person's own taste speaks against the item; below 0 where
 * the prediction does.
 *
 * @module
 */

import { type Rows, trainedUsers } from "../data/interactions.ts";
import { dotRow } from "./embedding-recommender.ts";
import type { Recommender } from "./recommender.ts";

/** Training users whose scores make the means where no vectors do, evenly spaced. */
const MOST_USERS = 256;

/** Users scored at once between two turns of the event loop. */
const USERS_AT_ONCE = 8;

export interface Appeal {
  /** a_i */
  readonly items: Float64Array;
  /** Σ a_i² */
  readonly square: number;
  /** With embeddings: ȳ_u and β_u are the products of the user's vector with these; else null. */
  readonly vectors: { readonly mean: Float32Array; readonly slope: Float32Array } | null;
}

/** ȳ_u and β_u. */
export interface Standing {
  readonly mean: number;
  readonly slope: number;
}

/**
 * The appeal over all training users where the score is an inner product, since the mean of
 * products with a vector is the product with the mean vector; else over 256 of them at most.
 * @param train training items of each user; users without any do not count
 */
export async function itemAppeal(recommender: Recommender, train: Rows): Promise<Appeal> {
  const { embeddings, itemCount } = recommender;
  const trained = trainedUsers(train);
  if (!embeddings) {
    const items = centred(await meanScores(recommender, evenlySpaced(trained, MOST_USERS)));
    return { items, square: sumOf(items, items), vectors: null };
  }
  const { width, users, items: table } = embeddings;
  const average = weightedRows(users, width, trained, () => 1 / trained.length);
  const items = centred(
    Float64Array.from({ length: itemCount }, (_, item) => dotRow(average, table, item)),
  );
  const square = sumOf(items, items);
  const everyItem = Int32Array.from({ length: itemCount }, (_, item) => item);
  // Σ a_i = 0, so that ȳ_u drops out of the slope.
  const slopeOf = (item: number) => (square === 0 ? 0 : items[item]! / square);
  const vectors = {
    mean: weightedRows(table, width, everyItem, () => 1 / itemCount),
    slope: weightedRows(table, width, everyItem, slopeOf),
  };
  return { items, square, vectors };
}

/**
 * Where a person's scores lie and how they follow the appeal.
 * @param user dense index; null = somebody who is folded in
 * @param history what they liked, ascending
 */
export async function standingOf(
  recommender: Recommender,
  { items, square, vectors }: Appeal,
  user: number | null,
  history: Int32Array,
): Promise<Standing> {
  const histories = { indptr: Int32Array.of(0, history.length), indices: history };
  if (vectors) {
    const [table, row] =
      user === null
        ? [(await recommender.foldIn(histories))!, 0]
        : [recommender.embeddings!.users, user];
    return { mean: dotRow(vectors.mean, table, row), slope: dotRow(vectors.slope, table, row) };
  }
  const scores =
    user === null
      ? await recommender.scoreHistories(histories)
      : await recommender.scoreUsers(Int32Array.of(user));
  return { mean: meanOf(scores), slope: square === 0 ? 0 : sumOf(scores, items) / square };
}

/**
 * β_u·a_i / (ŷ_ui − ȳ_u); null where the item is exactly the person's average.
 * @param score ŷ_ui
 */
export function popularityShare(
  appeal: Appeal,
  { mean, slope }: Standing,
  item: number,
  score: number,
): number | null {
  const lead = score - mean;
  return lead === 0 ? null : (slope * appeal.items[item]!) / lead;
}

async function meanScores(recommender: Recommender, users: Int32Array): Promise<Float64Array> {
  const means = new Float64Array(recommender.itemCount);
  for (let first = 0; first < users.length; first += USERS_AT_ONCE) {
    const scores = await recommender.scoreUsers(users.subarray(first, first + USERS_AT_ONCE));
    scores.forEach((score, at) => {
      means[at % means.length]! += score / users.length;
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return means;
}

/** Σ weight·row */
function weightedRows(
  table: Float32Array,
  width: number,
  rows: Int32Array,
  weightOf: (row: number) => number,
): Float32Array {
  const sum = new Float64Array(width);
  for (const row of rows) {
    const weight = weightOf(row);
    for (let column = 0; column < width; column++) {
      sum[column]! += weight * table[row * width + column]!;
    }
  }
  return Float32Array.from(sum);
}

function centred(values: Float64Array): Float64Array {
  const mean = meanOf(values);
  return values.map((value) => value - mean);
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum / Math.max(1, values.length);
}

function sumOf(values: ArrayLike<number>, weights: Float64Array): number {
  return weights.reduce((sum, weight, at) => sum + weight * values[at]!, 0);
}

function evenlySpaced(values: Int32Array, most: number): Int32Array {
  if (values.length <= most) return values;
  return Int32Array.from(
    { length: most },
    (_, at) => values[Math.floor((at * values.length) / most)]!,
  );
}
