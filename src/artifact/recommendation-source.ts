/**
 * What lists are made from, and items as people know them.
 *
 * @module
 */

import type { ItemFeatures, Rows, Vocabulary } from "../data/interactions.ts";
import type { Recommender } from "../models/recommender.ts";
import type { CandidateIndex } from "../retrieval/candidates.ts";

/** A fitted model with everything needed to answer; a `Bundle` is one. */
export interface RecommendationSource {
  readonly recommender: Recommender;
  readonly users: Vocabulary;
  readonly items: Vocabulary;
  readonly itemFeatures: ItemFeatures;
  /** Training items of each user. */
  readonly train: Rows;
  /** What not to recommend to each user. */
  readonly seen: Rows;
  /** Proposes items, so that not every item is scored; absent: every item is. */
  readonly index?: CandidateIndex | null;
}

/** An item as people know it. */
export interface NamedItem {
  readonly item: string;
  readonly title: string | null;
}

/** The item of a dense index with its title. */
export function namedItem(source: RecommendationSource, item: number): NamedItem {
  return { item: source.items.idOf(item), title: source.itemFeatures.titles?.[item] ?? null };
}
