/**
 * A recommender of given vectors, for programs that only rank: nobody is folded in.
 *
 * @module
 */

import { EmbeddingRecommender } from "../../src/models/embedding-recommender.ts";
import type { Embeddings } from "../../src/models/recommender.ts";

/** Scores are inner products; a bare history is refused. */
export function vectorsOnly(embeddings: Embeddings): EmbeddingRecommender {
  return new EmbeddingRecommender(embeddings, {
    explanationBasis: null,
    vectors: () => {
      throw new Error("nobody is folded in here");
    },
    contributions: () => null,
    save: () => ({}),
  });
}
