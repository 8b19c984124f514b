/**
 * Maximal marginal relevance — Carbonell & Goldstein, "The Use of MMR,
 * Diversity-Based Reranking for Reordering Documents and Producing Summaries",
 * SIGIR 1998:
 *
 *   next = argmax_{i ∉ S} (1 − λ)·r_i − λ·max_{j ∈ S} sim(i, j)
 *
 * r_i is the score, brought to 0 … 1 within the pool; sim is the cosine of item
 * embeddings or, without them, the overlap of genres (Jaccard).
 *
 * @module
 */

import type { Embeddings } from "../models/recommender.ts";

/** Similarity of two items, at most 1. */
export type ItemSimilarity = (one: number, other: number) => number;

/**
 * Orders a pool.
 * @param items the pool, the best first
 * @param scores of the pool
 * @param diversity λ, 0 … 1
 * @returns positions in the pool, at most k; ties go to the better-ranked item
 */
export function diversified(
  items: Int32Array,
  scores: Float32Array,
  k: number,
  diversity: number,
  similarity: ItemSimilarity,
): number[] {
  const [most, least] = [scores[0] ?? 0, scores.at(-1) ?? 0];
  const range = most - least || 1;
  const relevance = Array.from(scores, (score) => (score - least) / range);
  const closest = new Float64Array(items.length);
  const left = new Set(items.keys());
  const chosen: number[] = [];
  while (chosen.length < k && left.size > 0) {
    let [best, bestGain] = [-1, -Infinity];
    for (const at of left) {
      const gain = (1 - diversity) * relevance[at]! - diversity * closest[at]!;
      if (gain > bestGain) [best, bestGain] = [at, gain];
    }
    left.delete(best);
    chosen.push(best);
    for (const at of left) {
      const like = similarity(items[at]!, items[best]!);
      if (chosen.length === 1 || like > closest[at]!) closest[at] = like;
    }
  }
  return chosen;
}

/** Cosine of item embeddings; 0 where a vector is all zeros. */
export function cosineSimilarity({ items, width }: Embeddings): ItemSimilarity {
  const norms = new Map<number, number>();
  const dot = (one: number, other: number): number => {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += items[one * width + at]! * items[other * width + at]!;
    return sum;
  };
  const norm = (item: number): number => {
    const known = norms.get(item) ?? Math.sqrt(dot(item, item));
    norms.set(item, known);
    return known;
  };
  return (one, other) => {
    const norms = norm(one) * norm(other);
    return norms === 0 ? 0 : dot(one, other) / norms;
  };
}

/** |A ∩ B| / |A ∪ B| of two items' genres; 0 where neither has any. */
export function genreSimilarity(genresOf: (item: number) => readonly string[]): ItemSimilarity {
  return (one, other) => {
    const [a, b] = [new Set(genresOf(one)), new Set(genresOf(other))];
    const common = [...a].filter((genre) => b.has(genre)).length;
    const union = a.size + b.size - common;
    return union === 0 ? 0 : common / union;
  };
}
