/**
 * GRMF — Rao, Yu, Ravikumar & Dhillon, "Collaborative Filtering with Graph
 * Information: Consistency and Scalable Methods", NIPS 2015, as the LightGCN paper
 * compares with it (He et al. 2020, section 4.1.2): matrix factorisation whose
 * embeddings the graph's Laplacian smooths,
 *
 *   L = L_BPR + λ_g·‖e_u − e_i‖² + λ·‖E‖²
 *   GRMF-norm: λ_g·‖e_u/√|N_u| − e_i/√|N_i|‖²
 *
 * over the B positive pairs of a batch; here λ = l2/2B, and E are the rows that the batch
 * reads. Any other loss can take BPR's place.
 *
 * @module
 */

import { z } from "zod";
import { type Device, readFloats } from "../engine/device.ts";
import {
  add,
  gatherRows,
  scale,
  scaleRows,
  squaredNorm,
  subtract,
} from "../engine/operators/index.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { normalisationScales } from "../graph/normalisation.ts";
import { itemsOfBatch } from "./batch-items.ts";
import { bpr, bprSchema } from "./bpr.ts";
import type {
  Criterion,
  GradientContext,
  PairBatch,
  PairDefinition,
  PairModel,
  Parameters,
} from "./gradient.ts";
import type { Recommender } from "./recommender.ts";
import { type RidgeSettings, ridgeRecommender } from "./ridge-recommender.ts";
import { searchChoices, searchRange } from "./search-range.ts";
import { rankedItems, vectorScores } from "./vector-scores.ts";

const schema = bprSchema.extend({
  smoothing: z
    .number()
    .min(0)
    .max(10)
    .meta(searchRange(1e-4, 1, { log: true }))
    .default(0.01)
    .describe("λ_g: how strongly the embeddings of a pair are drawn together"),
  normalised: z
    .boolean()
    .meta(searchChoices([false, true]))
    .default(false)
    .describe("GRMF-norm: embeddings are divided by the square root of their degree first"),
});

type GrmfHyperparameters = z.infer<typeof schema> & RidgeSettings;

export const grmf: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "grmf",
  title: "GRMF",
  paper:
    "Rao, Yu, Ravikumar & Dhillon. Collaborative Filtering with Graph Information: Consistency and Scalable Methods. NIPS 2015",
  summary: "Matrix factorisation that draws the embeddings of a user and their items together.",
  hyperparameters: schema,
  parameters: bpr.parameters,
  build(hyperparameters, context) {
    return new Grmf(schema.parse(hyperparameters), context);
  },
  load: bpr.load,
};

class Grmf implements PairModel {
  readonly #hyperparameters: GrmfHyperparameters;
  readonly #device: Device;
  /** 1/√|N| of users and of items; null without normalisation */
  readonly #scales: { readonly users: Tensor; readonly items: Tensor } | null;

  constructor(hyperparameters: GrmfHyperparameters, { device, graph }: GradientContext) {
    const { userCount, itemCount } = graph;
    this.#hyperparameters = hyperparameters;
    this.#device = device;
    const { rows } = normalisationScales(graph, "symmetric");
    this.#scales = hyperparameters.normalised
      ? {
          users: device.upload([userCount], rows.slice(0, userCount)),
          items: device.upload([itemCount], rows.slice(userCount)),
        }
      : null;
  }

  loss(
    tape: Tape,
    parameters: Parameters,
    batch: PairBatch,
    criterion: Criterion,
  ): readonly Variable[] {
    const { l2, smoothing } = this.#hyperparameters;
    const e = gatherRows(parameters.user!, batch.users);
    const items = itemsOfBatch(parameters.item!, batch);
    const scores = vectorScores({ users: () => e, ...items }, batch, this.#hyperparameters);
    const penalty = add(squaredNorm(e), items.squaredNorm());
    const apart = subtract(
      this.#normalised(tape, e, this.#scales?.users, batch.users),
      this.#normalised(tape, items.items(batch.positives), this.#scales?.items, batch.positives),
    );
    return [
      criterion(scores),
      scale(squaredNorm(apart), smoothing / batch.users.size),
      scale(penalty, l2 / 2 / batch.users.size),
    ];
  }

  async finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender> {
    const users = await readFloats(this.#device, parameters.user!);
    const { width, ranking } = this.#hyperparameters;
    const items = rankedItems(await readFloats(this.#device, parameters.item!), width, ranking);
    return ridgeRecommender({ width, users, items }, this.#hyperparameters);
  }

  /** e/√|N| */
  #normalised(tape: Tape, e: Variable, scales: Tensor | undefined, index: Tensor): Variable {
    return scales ? scaleRows(e, gatherRows(tape.constant(scales), index)) : e;
  }
}
