/**
 * MLP — He, Liao, Zhang, Nie, Hu & Chua, "Neural Collaborative Filtering", WWW 2017.
 *
 *   ŷ_ui = σ(hᵀ·z_L + b),  z_L from the tower over [p_u; q_i]      (equation 10, `tower.ts`)
 *
 * trained by the log loss of n sampled negatives beside each positive (equation 7). σ is
 * left off the scores: it changes no rank.
 *
 * Different from the paper: a batch holds `batchSize` positives, each with its own
 * negatives. Beyond it: every loss of the embedding models, in-batch negatives and the softmax
 * over all items at a whole network's work a pair, and strangers, whose vector is a mean of
 * those of the training users with the most similar histories (`user-neighbours.ts`).
 *
 * @module
 */

import type { PairDefinition } from "./gradient.ts";
import {
  networkParameters,
  networkRecommender,
  PairNetwork,
  pairNetworkSchema,
} from "./pair-network.ts";
import { tower, towerSchema } from "./tower.ts";

const schema = pairNetworkSchema.extend(towerSchema.shape);

export const mlp: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "mlp",
  title: "MLP",
  paper: "He, Liao, Zhang, Nie, Hu & Chua. Neural Collaborative Filtering. WWW 2017",
  summary: "A network that reads the vectors of a user and an item side by side.",
  hyperparameters: schema,
  parameters(hyperparameters, { graph }) {
    return networkParameters([tower(schema.parse(hyperparameters))], graph);
  },
  build(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return new PairNetwork([tower(settings)], settings, context);
  },
  load(tensors, hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return networkRecommender([tower(settings)], tensors, settings, context);
  },
};
