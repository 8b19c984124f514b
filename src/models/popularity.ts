/**
 * Popularity: everybody gets the items with the most training interactions.
 *
 *   ŷ_ui = |N_i|,   N_i = the users who interacted with item i in training
 *
 * Not a model of taste, but the floor that every model has to beat.
 *
 * @module
 */

import { z } from "zod";
import type { ClosedFormDefinition, Recommender } from "./recommender.ts";
import { scoredRecommender } from "./scored-recommender.ts";
import { floatTensor } from "./tensors.ts";

/** Ranks items by their number of training interactions, the same for everybody. */
export const popularity: ClosedFormDefinition = {
  kind: "closed-form",
  name: "popularity",
  title: "Popularity",
  paper: null,
  summary: "Recommends the items with the most training interactions to everybody.",
  hyperparameters: z.strictObject({}),
  async fit(_hyperparameters, { dataset, train }) {
    const counts = new Float32Array(dataset.items.size);
    for (const item of train.items) counts[item]!++;
    return popularityRecommender(dataset.users.size, counts);
  },
  load(tensors, _hyperparameters, { userCount, itemCount }) {
    return popularityRecommender(userCount, floatTensor(tensors, "counts", [itemCount]));
  },
};

function popularityRecommender(userCount: number, counts: Float32Array): Recommender {
  return scoredRecommender({
    userCount,
    itemCount: counts.length,
    scoreUser: (_user, scores) => scores.set(counts),
    scoreHistory: (_history, scores) => scores.set(counts),
    save: () => ({ counts: { shape: [counts.length], data: counts } }),
  });
}
