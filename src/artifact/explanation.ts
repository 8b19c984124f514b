/**
 * Why an item got its score: what each item of the person's history added, how much its
 * popularity alone would give, and the walks in the data that lead to it. For a page: the
 * "because you liked" of a line. docs/explanations.md says what each of them means.
 *
 * @module
 */

import { WalkFinder } from "../graph/walks.ts";
import {
  type Appeal,
  itemAppeal,
  popularityShare,
  standingOf,
} from "../models/popularity-share.ts";
import type { ExplanationBasis, Recommender } from "../models/recommender.ts";
import { itemCosines } from "./cosine.ts";
import { type NamedItem, namedItem, type RecommendationSource } from "./recommendation-source.ts";

/** Walks that an explanation names. */
const WALKS = 3;

/** Explanations made between two turns of the event loop. */
const ITEMS_AT_ONCE = 8;

/** Most items that a "because" names. */
const REASONS = 2;

/** What an item of the history added to a score. */
export interface ScorePart extends NamedItem {
  readonly share: number;
}

/** Somebody else of the training data has `by` and the recommended item. */
export interface ExplainingPath {
  /** The item of the person's history. */
  readonly by: NamedItem;
  /** Id of the other person. */
  readonly user: string;
  /** Its term in (Ã³)_ui. */
  readonly weight: number;
}

export interface Explanation {
  /** What the shares are; null where the model cannot tell, and there are none. */
  readonly basis: ExplanationBasis | null;
  /** One for each item of the history, the most first, ties in order of the items. */
  readonly parts: readonly ScorePart[];
  /** score − Σ shares */
  readonly remainder: number;
  /** The part of the item's lead over the person's average item that its appeal to all predicts. */
  readonly popularityShare: number | null;
  /** The strongest, at most three. */
  readonly paths: readonly ExplainingPath[];
}

/** Whose scores are explained. */
export interface ExplainedPerson {
  /** Dense index of a trained user; null = somebody folded in. */
  readonly user: number | null;
  /** Dense indices, ascending; empty for somebody of whom nothing is known. */
  readonly history: Int32Array;
}

export interface ExplainOptions {
  /** People through whom no path may lead, by id. */
  readonly isHidden?: (user: string) => boolean;
}

/**
 * Explanations of a person's scores, in the order of the items.
 * @param items dense indices
 * @param scores what the model scored them
 */
export async function explainScores(
  source: RecommendationSource,
  { user, history }: ExplainedPerson,
  items: ArrayLike<number>,
  scores: ArrayLike<number>,
  { isHidden = () => false }: ExplainOptions = {},
): Promise<Explanation[]> {
  const { recommender, users } = source;
  const walks = walkFinderOf(source);
  const appeal = await appealOf(source);
  const standing = await standingOf(recommender, appeal, user, history);
  const explanations: Explanation[] = [];
  for (let at = 0; at < items.length; at++) {
    // A long list should not keep a server from everybody else.
    if (at > 0 && at % ITEMS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    const [item, score] = [items[at]!, scores[at]!];
    const shares = history.length > 0 ? await recommender.explain(history, item) : null;
    const found = walks.strongest(
      history,
      item,
      WALKS,
      (other) => other === user || isHidden(users.idOf(other)),
    );
    explanations.push({
      basis: shares && recommender.explanationBasis,
      parts: shares ? partsOf(source, history, shares) : [],
      remainder: score - (shares?.reduce((sum, share) => sum + share, 0) ?? 0),
      popularityShare: popularityShare(appeal, standing, item, score),
      paths: found.map(({ item: by, user: other, weight }) => ({
        by: namedItem(source, by),
        user: users.idOf(other),
        weight,
      })),
    });
  }
  return explanations;
}

/**
 * The items of a history that make an item plausible, strongest first, ties by smaller index: those
 * most like it by the angle between embeddings, or, without embeddings, those that carried its score.
 * (Where a model has both, what carried the score leans to rare items that say little to a person;
 * `explainScores` tells them.)
 */
export async function reasons(
  source: RecommendationSource,
  history: Int32Array,
  item: number,
): Promise<NamedItem[]> {
  const { recommender } = source;
  const weights = recommender.embeddings
    ? itemCosines(recommender.embeddings, item, history)
    : history.length > 0
      ? await recommender.explain(history, item)
      : null;
  if (!weights) return [];
  return Array.from(history, (liked, at) => ({ liked, weight: weights[at]! }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.liked - b.liked)
    .slice(0, REASONS)
    .map(({ liked }) => namedItem(source, liked));
}

function partsOf(
  source: RecommendationSource,
  history: Int32Array,
  shares: Float32Array,
): ScorePart[] {
  return Array.from(history, (liked, at) => ({
    ...namedItem(source, liked),
    share: shares[at]!,
  })).sort((a, b) => b.share - a.share);
}

// Both take a pass over the data, and are made when somebody first asks for an explanation.
const finders = new WeakMap<RecommendationSource["train"], WalkFinder>();
const appeals = new WeakMap<Recommender, Promise<Appeal>>();

function walkFinderOf({ train, items }: RecommendationSource): WalkFinder {
  const finder = finders.get(train) ?? new WalkFinder(train, items.size);
  finders.set(train, finder);
  return finder;
}

function appealOf({ recommender, train }: RecommendationSource): Promise<Appeal> {
  const made = appeals.get(recommender) ?? itemAppeal(recommender, train);
  appeals.set(recommender, made);
  return made;
}
