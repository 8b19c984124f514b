/**
 * BPR-MF — Rendle, Freudenthaler, Gantner & Schmidt-Thieme, "BPR: Bayesian
 * Personalized Ranking from Implicit Feedback", UAI 2009.
 *
 *   ŷ_ui = p_uᵀ·q_i, trained on triples (u, i, j) to rank i above j (equation 4)
 *
 * Different from the paper: the optimiser is Adam over mini-batches by default.
 * People who were not in training are folded in by ridge regression on q.
 *
 * @module
 */

import type { z } from "zod";
import { type Device, readFloats } from "../engine/device.ts";
import { add, gatherRows, scale, squaredNorm } from "../engine/operators/index.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { itemsOfBatch } from "./batch-items.ts";
import { loadEmbeddings } from "./embedding-recommender.ts";
import type {
  Criterion,
  GradientContext,
  PairBatch,
  PairDefinition,
  PairModel,
  Parameters,
} from "./gradient.ts";
import type { Recommender } from "./recommender.ts";
import { ridgeRecommender, ridgeSchema } from "./ridge-recommender.ts";
import { pairEmbeddingSchema, withDefault } from "./training-schema.ts";
import { batchItemRows, rankedItems, vectorScores } from "./vector-scores.ts";

/** With the default penalty validation is better than with .0001 on MovieLens and Gowalla (docs/results.md). */
export const bprSchema = pairEmbeddingSchema.extend({
  ...ridgeSchema.shape,
  l2: withDefault(pairEmbeddingSchema.shape.l2, 0.01),
});

type BprHyperparameters = z.infer<typeof bprSchema>;

export const bpr: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "bpr",
  title: "BPR-MF",
  paper:
    "Rendle, Freudenthaler, Gantner & Schmidt-Thieme. BPR: Bayesian Personalized Ranking from Implicit Feedback. UAI 2009",
  summary: "Matrix factorisation trained to rank what a user chose above what they did not.",
  hyperparameters: bprSchema,
  parameters(hyperparameters, { graph }) {
    const { userCount, itemCount } = graph;
    const settings = bprSchema.parse(hyperparameters);
    const { width, deviation } = settings;
    const initial = { kind: "normal", deviation } as const;
    return {
      user: { shape: [userCount, width], initial, rows: "batch-users" },
      item: { shape: [itemCount, width], initial, ...batchItemRows(settings) },
    };
  },
  build(hyperparameters, context) {
    return new BprMf(bprSchema.parse(hyperparameters), context);
  },
  load(tensors, hyperparameters, context) {
    const settings = bprSchema.parse(hyperparameters);
    return ridgeRecommender(loadEmbeddings(tensors, context, settings.width), settings);
  },
};

class BprMf implements PairModel {
  readonly #hyperparameters: BprHyperparameters;
  readonly #device: Device;

  constructor(hyperparameters: BprHyperparameters, { device }: GradientContext) {
    this.#hyperparameters = hyperparameters;
    this.#device = device;
  }

  loss(
    _tape: Tape,
    parameters: Parameters,
    batch: PairBatch,
    criterion: Criterion,
  ): readonly Variable[] {
    const { l2 } = this.#hyperparameters;
    const p = gatherRows(parameters.user!, batch.users);
    const items = itemsOfBatch(parameters.item!, batch);
    const scores = vectorScores({ users: () => p, ...items }, batch, this.#hyperparameters);
    const norms = add(squaredNorm(p), items.squaredNorm());
    return [criterion(scores), scale(norms, l2 / 2 / batch.users.size)];
  }

  async finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender> {
    const users = await readFloats(this.#device, parameters.user!);
    const { width, ranking } = this.#hyperparameters;
    const items = rankedItems(await readFloats(this.#device, parameters.item!), width, ranking);
    return ridgeRecommender({ width, users, items }, this.#hyperparameters);
  }
}
