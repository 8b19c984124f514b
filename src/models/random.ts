/**
 * Random: every user gets a fixed random order of the items.
 *
 *   ŷ_ui = r(seed, u, i) ∈ [0, 1),   r = Philox-4x32-10
 *
 * A score is a pure function of seed, user and item, so it does not depend on
 * who else is asked for in the same block, or when. Somebody who was not in
 * training is told apart by a hash of the history. What the metrics give a
 * random order is the zero of their scale.
 *
 * @module
 */

import { z } from "zod";
import { philox, purposeKey } from "../base/random.ts";
import type { ClosedFormDefinition, Recommender } from "./recommender.ts";
import { scoredRecommender } from "./scored-recommender.ts";
import { integerTensor } from "./tensors.ts";

/** Ranks items at random: for each user another order, for each seed another. */
export const random: ClosedFormDefinition = {
  kind: "closed-form",
  name: "random",
  title: "Random",
  paper: null,
  summary: "Recommends items in a random order that is fixed for each user and seed.",
  hyperparameters: z.strictObject({}),
  async fit(_hyperparameters, { dataset, seed }) {
    return randomRecommender(dataset.users.size, dataset.items.size, seed);
  },
  load(tensors, _hyperparameters, { userCount, itemCount }) {
    return randomRecommender(userCount, itemCount, integerTensor(tensors, "seed", [1])[0]!);
  },
};

const KEY = purposeKey("random model");

/** Last counter word: known users, strangers and the hash of a history never share a counter. */
const KNOWN = 0;
const STRANGER = 1;
const HASH = 2;

function randomRecommender(userCount: number, itemCount: number, seed: number): Recommender {
  const words = new Uint32Array(4);
  const fill = (low: number, high: number, kind: number, scores: Float32Array): void => {
    for (let item = 0; item < scores.length; item++) {
      if ((item & 3) === 0) philox(seed, KEY, item >>> 2, low, high, kind, words);
      // 24 bits, as many as a 32-bit float holds: never rounded up to 1.
      scores[item] = (words[item & 3]! >>> 8) / 0x1000000;
    }
  };
  return scoredRecommender({
    userCount,
    itemCount,
    scoreUser: (user, scores) => fill(user, 0, KNOWN, scores),
    scoreHistory: (history, scores) => {
      let [low, high] = [history.length, 0];
      for (const item of history) {
        philox(seed, KEY, item, low, high, HASH, words);
        low = words[0]!;
        high = words[1]!;
      }
      fill(low, high, STRANGER, scores);
    },
    save: () => ({ seed: { shape: [1], data: Int32Array.of(seed) } }),
  });
}
