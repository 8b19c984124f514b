/**
 * SimGCL — Yu, Yin, Xia, Chen, Cui & Nguyen, "Are Graph Augmentations Necessary?
 * Simple Graph Contrastive Learning for Recommendation", SIGIR 2022.
 *
 *   L = L_rec(e) + λ·InfoNCE(e′, e″) + penalty      (equation 3)
 *
 * e is LightGCN's propagation without the free embedding, e′ and e″ are two
 * propagations that noise has perturbed (`graph-contrast.ts`). The three have one
 * gradient operator in common, because propagation is linear: their gradients are
 * added up first, and travel back once.
 *
 * Different from the authors' code: by default the penalty is on squares of the batch's free
 * embeddings, as LightGCN has it. Theirs is on the norm of a batch's final ones, without the
 * square: `penalty=norm` has it as when the papers came out; since 2023 it is over the batch's
 * size, which leaves next to nothing of it (l2 = 2e-6 for 1e-4 where 2048 vectors have a length
 * of 1). Embeddings start from N(0, deviation), .1 by default, where theirs start from Xavier's
 * uniform distribution.
 *
 * @module
 */

import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Criterion, PairBatch, PairDefinition, PairModel, Parameters } from "./gradient.ts";
import {
  ContrastGraph,
  type ContrastHyperparameters,
  contrastMixture,
  contrastParameters,
  contrastSchema,
  loadContrast,
  viewRows,
} from "./graph-contrast.ts";
import { propagated } from "./propagated.ts";
import { vectorScores } from "./vector-scores.ts";

export const simgcl: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "simgcl",
  title: "SimGCL",
  paper:
    "Yu, Yin, Xia, Chen, Cui & Nguyen. Are Graph Augmentations Necessary? Simple Graph Contrastive Learning for Recommendation. SIGIR 2022",
  summary: "LightGCN that also learns to recognise nodes under noise.",
  hyperparameters: contrastSchema,
  parameters: (hyperparameters, { graph }) =>
    contrastParameters(contrastSchema.parse(hyperparameters), graph.nodeCount),
  build(hyperparameters, context) {
    const settings = contrastSchema.parse(hyperparameters);
    return new SimGcl(settings, new ContrastGraph(settings, context));
  },
  load: (tensors, hyperparameters, context) =>
    loadContrast(tensors, contrastSchema.parse(hyperparameters), context),
  mixture: (hyperparameters) => contrastMixture(contrastSchema.parse(hyperparameters)),
};

class SimGcl implements PairModel {
  readonly #hyperparameters: ContrastHyperparameters;
  readonly #graph: ContrastGraph;

  constructor(hyperparameters: ContrastHyperparameters, graph: ContrastGraph) {
    this.#hyperparameters = hyperparameters;
    this.#graph = graph;
  }

  loss(
    _tape: Tape,
    parameters: Parameters,
    batch: PairBatch,
    criterion: Criterion,
  ): readonly Variable[] {
    const embedding = parameters.embedding!;
    const penaltyOf = this.#graph.begin(embedding, batch);
    const { propagation, alpha, rows } = this.#graph;
    const e = propagated(propagation, alpha, embedding, rows);
    const scores = vectorScores(this.#graph.source(e), batch, this.#hyperparameters);
    const first = this.#graph.firstLayer(embedding.value);
    const view = (name: string) => {
      const { mean } = this.#graph.perturbed(first, name, batch.draw, null);
      return (index: Tensor, offset: number) => viewRows(mean, e, index, offset);
    };
    const contrast = this.#graph.contrast(view("first view"), view("second view"), batch);
    return [criterion(scores), contrast, penaltyOf(e)];
  }

  endStep(): void {
    this.#graph.endStep();
  }

  finish(parameters: Readonly<Record<string, Tensor>>) {
    return this.#graph.finish(parameters.embedding!);
  }
}
