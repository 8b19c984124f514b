/**
 * Items like an item: by the angle between embeddings where a model has them,
 * otherwise by who interacted with both.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { itemCosines } from "./cosine.ts";
import { type NamedItem, namedItem, type RecommendationSource } from "./recommendation-source.ts";

/** One item like the one asked about. */
export interface SimilarItem extends NamedItem {
  /** From 1. */
  readonly rank: number;
  /** Cosine, at most 1. */
  readonly similarity: number;
}

export interface SimilarItems {
  /** The item asked about. */
  readonly of: NamedItem;
  /** "embeddings": cosine of item embeddings; "co-occurrence": cosine of the items' columns of users. */
  readonly measure: "embeddings" | "co-occurrence";
  readonly items: readonly SimilarItem[];
}

/**
 * Dense index of the item that a person names by id, title or part of a title.
 * @throws BadInputError where nothing or more than one item fits; the message lists some
 */
export function findItem(source: RecommendationSource, named: string): number {
  const byId = source.items.indexOf(named);
  if (byId !== undefined) return byId;
  const titles = source.itemFeatures.titles ?? [];
  const sought = named.trim().toLowerCase();
  const fitting = (fits: (title: string) => boolean): number[] =>
    titles.flatMap((title, item) => (title !== null && fits(title.toLowerCase()) ? [item] : []));
  const exact = sought === "" ? [] : fitting((title) => title === sought);
  const found =
    exact.length > 0 || sought === "" ? exact : fitting((title) => title.includes(sought));
  if (found.length === 1) return found[0]!;
  const show = (item: number) => `"${titles[item]}" (id ${source.items.idOf(item)})`;
  if (found.length > 1) {
    const more = found.length > 5 ? ` and ${found.length - 5} more` : "";
    throw new BadInputError(
      "ambiguous-item",
      `"${named}" fits ${found.length} titles: ${found.slice(0, 5).map(show).join(", ")}${more}; pass one id`,
    );
  }
  const known = titles.flatMap((title) => (title === null ? [] : [title]));
  const near = nearest(named, known.length > 0 ? known : source.items.ids, 3);
  throw new BadInputError(
    "unknown-item",
    `no item has the id or title "${named}"; nearest: ${near.map((name) => `"${name}"`).join(", ")}`,
  );
}

/** The k items most like one; itself is left out, ties go to the smaller index. */
export function similarItems(source: RecommendationSource, item: number, k: number): SimilarItems {
  const { embeddings } = source.recommender;
  const similarity = embeddings
    ? itemCosines(embeddings, item, Int32Array.from(source.items.ids.keys()))
    : coOccurrence(source, item);
  const order = Array.from(similarity.keys())
    .filter((other) => other !== item && similarity[other]! > (embeddings ? -Infinity : 0))
    .sort((a, b) => similarity[b]! - similarity[a]! || a - b)
    .slice(0, k);
  return {
    of: namedItem(source, item),
    measure: embeddings ? "embeddings" : "co-occurrence",
    items: order.map((other, at) => ({
      rank: at + 1,
      ...namedItem(source, other),
      similarity: similarity[other]!,
    })),
  };
}

/** |N_i ∩ N_j| / √(|N_i| |N_j|) for every j, N the users who interacted in training. */
function coOccurrence({ train, items }: RecommendationSource, item: number): Float64Array {
  const { indptr, indices } = train;
  const together = new Float64Array(items.size);
  const degree = new Int32Array(items.size);
  for (let user = 0; user + 1 < indptr.length; user++) {
    const row = indices.subarray(indptr[user], indptr[user + 1]);
    const has = row.includes(item);
    for (const other of row) {
      degree[other]!++;
      if (has) together[other]!++;
    }
  }
  return together.map((common, other) =>
    common === 0 ? 0 : common / Math.sqrt(degree[item]! * degree[other]!),
  );
}
