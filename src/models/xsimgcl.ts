/**
 * XSimGCL — Yu, Xia, Chen, Cui, Hung & Yin, "XSimGCL: Towards Extremely Simple
 * Graph Contrastive Learning for Recommendation", TKDE 2023.
 *
 *   L = L_rec(e′) + λ·InfoNCE(e′, e′^(l*)) + penalty      (equation 9)
 *
 * One perturbed propagation e′ serves both: recommendation is learned under noise,
 * and its final embedding is contrasted with one of its own layers, l*
 * (`graph-contrast.ts`). Different from the authors' code as `simgcl.ts` says.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import { gatherRows } from "../engine/operators/index.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Criterion, PairBatch, PairDefinition, PairModel, Parameters } from "./gradient.ts";
import {
  ContrastGraph,
  contrastMixture,
  contrastParameters,
  contrastSchema,
  loadContrast,
} from "./graph-contrast.ts";
import { vectorScores } from "./vector-scores.ts";

const schema = contrastSchema.extend({
  noise: contrastSchema.shape.noise
    .unwrap()
    .default(0.2)
    .describe("ε: length of the noise at each layer"),
  contrastTemperature: contrastSchema.shape.contrastTemperature
    .unwrap()
    .default(0.15)
    .describe("τ of the contrast"),
  contrastLayer: z
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe("l*: the layer that the final embedding is contrasted with"),
});

type XSimGclHyperparameters = z.infer<typeof schema>;

export const xsimgcl: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "xsimgcl",
  title: "XSimGCL",
  paper:
    "Yu, Xia, Chen, Cui, Hung & Yin. XSimGCL: Towards Extremely Simple Graph Contrastive Learning for Recommendation. TKDE 2023",
  summary: "SimGCL in a single pass: the noisy embedding is contrasted with one of its own layers.",
  hyperparameters: schema,
  parameters: (hyperparameters, { graph }) =>
    contrastParameters(schema.parse(hyperparameters), graph.nodeCount),
  build(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    if (settings.contrastLayer > settings.layers) {
      throw new BadInputError(
        "contrast-layer",
        `contrastLayer is ${settings.contrastLayer}, expected at most layers = ${settings.layers}`,
      );
    }
    return new XSimGcl(settings, new ContrastGraph(settings, context));
  },
  load: (tensors, hyperparameters, context) =>
    loadContrast(tensors, schema.parse(hyperparameters), context),
  mixture: (hyperparameters) => contrastMixture(schema.parse(hyperparameters)),
};

class XSimGcl implements PairModel {
  readonly #hyperparameters: XSimGclHyperparameters;
  readonly #graph: ContrastGraph;

  constructor(hyperparameters: XSimGclHyperparameters, graph: ContrastGraph) {
    this.#hyperparameters = hyperparameters;
    this.#graph = graph;
  }

  loss(
    tape: Tape,
    parameters: Parameters,
    batch: PairBatch,
    criterion: Criterion,
  ): readonly Variable[] {
    const { contrastLayer } = this.#hyperparameters;
    const embedding = parameters.embedding!;
    const penaltyOf = this.#graph.begin(embedding, batch);
    const { propagation, alpha, rows } = this.#graph;
    const first = this.#graph.firstLayer(embedding.value);
    const { mean, kept } = this.#graph.perturbed(first, "view", batch.draw, contrastLayer);
    const through = (value: Tensor, weights: readonly number[]) =>
      tape.record(
        value,
        [embedding],
        (gradient, sink) => {
          sink.overwrite(embedding, (target) =>
            propagation.adjoint(weights, target, gradient, rows),
          );
        },
        { rows },
      );
    const final = through(mean, alpha);
    const layer = through(
      kept!,
      Array.from({ length: contrastLayer + 1 }, (_, k) => (k === contrastLayer ? 1 : 0)),
    );
    const scores = vectorScores(this.#graph.source(final), batch, this.#hyperparameters);
    const contrast = this.#graph.contrast(
      (index, offset) => gatherRows(final, index, offset),
      (index, offset) => gatherRows(layer, index, offset),
      batch,
    );
    return [criterion(scores), contrast, penaltyOf(final)];
  }

  endStep(): void {
    this.#graph.endStep();
  }

  finish(parameters: Readonly<Record<string, Tensor>>) {
    return this.#graph.finish(parameters.embedding!);
  }
}
