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

import { z } from "zod";
import { type Device, readFloats } from "../engine/device.ts";
import { add, gatherRows, rowDot, scale, squaredNorm } from "../engine/operators/index.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { EmbeddingRecommender, loadEmbeddings } from "./embedding-recommender.ts";
import {
  type BatchScores,
  type GradientDefinition,
  type GradientModel,
  type TripleBatch,
  trainingSchema,
} from "./gradient.ts";
import type { Embeddings, Recommender } from "./recommender.ts";
import { RidgeFoldIn } from "./ridge-fold-in.ts";

const schema = trainingSchema.extend({
  width: z.int().min(1).max(4096).default(64).describe("d: numbers in an embedding"),
  deviation: z
    .number()
    .positive()
    .max(10)
    .default(0.1)
    .describe("Standard deviation of the starting embeddings"),
  foldInRegularisation: z
    .number()
    .positive()
    .default(1)
    .describe("λ of the ridge regression that folds a stranger in"),
  foldInUnseenWeight: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe("How strongly folding in pulls the scores of all items to zero"),
});

type BprHyperparameters = z.infer<typeof schema>;

export const bpr: GradientDefinition = {
  kind: "gradient",
  name: "bpr",
  title: "BPR-MF",
  paper:
    "Rendle, Freudenthaler, Gantner & Schmidt-Thieme. BPR: Bayesian Personalized Ranking from Implicit Feedback. UAI 2009",
  summary: "Matrix factorisation trained to rank what a user chose above what they did not.",
  hyperparameters: schema,
  parameters(hyperparameters, { userCount, itemCount }) {
    const { width, deviation } = schema.parse(hyperparameters);
    const initial = { kind: "normal", deviation } as const;
    return {
      user: { shape: [userCount, width], initial },
      item: { shape: [itemCount, width], initial },
    };
  },
  build(hyperparameters, { device }) {
    return new BprMf(schema.parse(hyperparameters), device);
  },
  load(tensors, hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return withRidge(loadEmbeddings(tensors, context, settings.width), settings);
  },
};

class BprMf implements GradientModel {
  readonly #hyperparameters: BprHyperparameters;
  readonly #device: Device;

  constructor(hyperparameters: BprHyperparameters, device: Device) {
    this.#hyperparameters = hyperparameters;
    this.#device = device;
  }

  score(
    _tape: Tape,
    parameters: Readonly<Record<string, Variable>>,
    batch: TripleBatch,
  ): BatchScores {
    const p = gatherRows(parameters.user!, batch.users);
    const q = gatherRows(parameters.item!, batch.positives);
    const other = gatherRows(parameters.item!, batch.negatives);
    const penalty = [p, q, other].map(squaredNorm).reduce(add);
    return {
      positives: rowDot(p, q),
      negatives: rowDot(p, other),
      penalty: scale(penalty, this.#hyperparameters.l2 / 2 / batch.users.size),
    };
  }

  endStep(): void {}

  async finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender> {
    const users = await readFloats(this.#device, parameters.user!);
    const items = await readFloats(this.#device, parameters.item!);
    const { width } = this.#hyperparameters;
    return withRidge({ width, users, items }, this.#hyperparameters);
  }
}

function withRidge(embeddings: Embeddings, hyperparameters: BprHyperparameters): Recommender {
  const foldIn = new RidgeFoldIn(embeddings.items, embeddings.width, {
    regularisation: hyperparameters.foldInRegularisation,
    unseenWeight: hyperparameters.foldInUnseenWeight,
  });
  return new EmbeddingRecommender(embeddings, foldIn);
}
