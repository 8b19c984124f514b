/**
 * How much of a score the item would have for anybody. A table of scores ŷ_ui falls apart
 * as in a two-way analysis of variance,
 *
 *   ŷ_ui = ȳ_u + (ȳ_i − ȳ) + γ_ui,
 *
 * with ȳ_u the person's mean over all items, ȳ_i the item's mean over the training users and
 * ȳ the mean of all. ȳ_u moves none of the person's ranks. What lifts the item above the
 * person's average, ŷ_ui − ȳ_u, is ȳ_i − ȳ, which is the same for everybody, and γ_ui, which is
 * the person's own. The popularity share is
 *
 *   (ȳ_i − ȳ) / (ŷ_ui − ȳ_u).
 *
 * It is 1 for a model that ranks alike for everybody; 0 where the item lies as high as the
 * average item; above 1 where the person's own taste speaks against the item; below 0
 * where most people's does. (ȳ_i is the score with the person taken out: the reference that
 * Wei et al., "Model-Agnostic Counterfactual Reasoning for Eliminating Popularity Bias in
 * Recommender System", KDD 2021, subtract.)
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { dotRow } from "./embedding-recommender.ts";
import type { Embeddings, Recommender } from "./recommender.ts";

/** Training users whose scores make the means where no vectors do, evenly spaced. */
const MOST_USERS = 256;

/** Users scored at once between two turns of the event loop. */
const USERS_AT_ONCE = 8;

/** ȳ and ȳ_i. */
export interface ScoreMeans {
  readonly overall: number;
  readonly items: Float64Array;
}

/**
 * Means over all training users where the score is an inner product, since the mean of
 * products with a vector is the product with the mean vector; else over 256 of them at most.
 * @param train training items of each user; users without any do not count
 */
export async function scoreMeans(recommender: Recommender, train: Rows): Promise<ScoreMeans> {
  const { embeddings, itemCount } = recommender;
  const trained = Int32Array.from({ length: recommender.userCount }, (_, user) => user).filter(
    (user) => train.indptr[user + 1]! > train.indptr[user]!,
  );
  if (embeddings) {
    const { width, users, items: table } = embeddings;
    const average = meanVector(users, width, trained);
    const items = Float64Array.from({ length: itemCount }, (_, item) =>
      dotRow(average, table, item),
    );
    return { overall: mean(items), items };
  }
  const chosen = evenlySpaced(trained, MOST_USERS);
  const items = new Float64Array(itemCount);
  for (let first = 0; first < chosen.length; first += USERS_AT_ONCE) {
    const scores = await recommender.scoreUsers(chosen.subarray(first, first + USERS_AT_ONCE));
    scores.forEach((score, at) => {
      items[at % itemCount]! += score / chosen.length;
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { overall: mean(items), items };
}

const itemCentres = new WeakMap<Embeddings, Float32Array>();

/**
 * ȳ_u: the mean over all items of a trained user's scores, or of a stranger's.
 * @param user dense index; null = somebody who is folded in
 * @param history what they liked, ascending; not empty for a stranger
 */
export async function personMean(
  recommender: Recommender,
  user: number | null,
  history: Int32Array,
): Promise<number> {
  const { embeddings } = recommender;
  const histories = { indptr: Int32Array.of(0, history.length), indices: history };
  if (!embeddings) {
    const scores =
      user === null
        ? await recommender.scoreHistories(histories)
        : await recommender.scoreUsers(Int32Array.of(user));
    return mean(scores);
  }
  const { width, users, items } = embeddings;
  const centre =
    itemCentres.get(embeddings) ??
    meanVector(
      items,
      width,
      Int32Array.from({ length: recommender.itemCount }, (_, item) => item),
    );
  itemCentres.set(embeddings, centre);
  if (user !== null) return dotRow(centre, users, user);
  return dotRow(centre, (await recommender.foldIn(histories))!, 0);
}

/**
 * (ȳ_i − ȳ) / (ŷ_ui − ȳ_u); null where the item is exactly the person's average.
 * @param score ŷ_ui
 * @param average ȳ_u
 */
export function popularityShare(
  means: ScoreMeans,
  item: number,
  score: number,
  average: number,
): number | null {
  const lead = score - average;
  return lead === 0 ? null : (means.items[item]! - means.overall) / lead;
}

function meanVector(table: Float32Array, width: number, rows: Int32Array): Float32Array {
  const sum = new Float64Array(width);
  for (const row of rows) {
    for (let column = 0; column < width; column++) sum[column]! += table[row * width + column]!;
  }
  return Float32Array.from(sum, (value) => value / Math.max(1, rows.length));
}

function mean(values: Float64Array | Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / Math.max(1, values.length);
}

function evenlySpaced(values: Int32Array, most: number): Int32Array {
  if (values.length <= most) return values;
  return Int32Array.from(
    { length: most },
    (_, at) => values[Math.floor((at * values.length) / most)]!,
  );
}
