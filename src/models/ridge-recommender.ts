/**
 * A recommender of trained vectors that folds strangers in by ridge regression on
 * the item vectors (`ridge-fold-in.ts`), and the hyperparameters of that.
 *
 * @module
 */

import { z } from "zod";
import { EmbeddingRecommender } from "./embedding-recommender.ts";
import type { Embeddings, Recommender } from "./recommender.ts";
import { RidgeFoldIn } from "./ridge-fold-in.ts";

export const ridgeSchema = z.object({
  foldInRegularisation: z
    .number()
    .positive()
    .default(10)
    .describe("λ of the ridge regression that folds a stranger in"),
  foldInUnseenWeight: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe("How strongly folding in pulls the scores of all items to zero"),
});

export type RidgeSettings = z.infer<typeof ridgeSchema>;

export function ridgeRecommender(embeddings: Embeddings, settings: RidgeSettings): Recommender {
  const foldIn = new RidgeFoldIn(embeddings.items, embeddings.width, {
    regularisation: settings.foldInRegularisation,
    unseenWeight: settings.foldInUnseenWeight,
  });
  return new EmbeddingRecommender(embeddings, foldIn);
}
