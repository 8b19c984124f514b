/**
 * Training and loading of networks made of parts (`network-part.ts`).
 *
 *   ŷ_ui = Σ_parts s(u, i) + b
 *
 * @module
 */

import { z } from "zod";
import { type Device, readFloats } from "../engine/device.ts";
import {
  add,
  addConstant,
  hideEqual,
  reshape,
  scale,
  sigmoid,
  squaredNorm,
} from "../engine/operators/index.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { BipartiteGraph } from "../graph/bipartite.ts";
import type {
  Criterion,
  GradientContext,
  PairBatch,
  PairModel,
  PairScores,
  Parameter,
  Parameters,
} from "./gradient.ts";
import type { NetworkPart, PartOnTape } from "./network-part.ts";
import { NetworkRecommender } from "./network-recommender.ts";
import { withBias } from "./output-layer.ts";
import type { LoadContext, Recommender, SavedTensor, SavedTensors } from "./recommender.ts";
import { floatTensor } from "./tensors.ts";
import { lossSchema, samplingSchema, trainingSchema, withDefault } from "./training-schema.ts";
import { neighbourSchema } from "./user-neighbours.ts";
import { needsAllItems } from "./vector-scores.ts";

/** Hyperparameters of networks of pairs: every loss and all negatives of the embedding models. */
export const pairNetworkSchema = z.object({
  ...trainingSchema.shape,
  ...samplingSchema.shape,
  ...lossSchema.shape,
  ...neighbourSchema.shape,
  batchSize: withDefault(trainingSchema.shape.batchSize, 256),
  l2: withDefault(trainingSchema.shape.l2, 0),
  negativeCount: withDefault(samplingSchema.shape.negativeCount, 4),
  loss: withDefault(lossSchema.shape.loss, "bce"),
});

type NetworkHyperparameters = z.infer<typeof pairNetworkSchema>;

export function networkParameters(
  parts: readonly NetworkPart[],
  { userCount, itemCount }: Pick<BipartiteGraph, "userCount" | "itemCount">,
): Record<string, Parameter> {
  const bias: Parameter = { shape: [1], initial: { kind: "constant", value: 0 } };
  return Object.assign({ bias }, ...parts.map((part) => part.parameters(userCount, itemCount)));
}

export class PairNetwork implements PairModel {
  readonly #parts: readonly NetworkPart[];
  readonly #hyperparameters: NetworkHyperparameters;
  readonly #device: Device;
  readonly #graph: BipartiteGraph;

  constructor(
    parts: readonly NetworkPart[],
    hyperparameters: NetworkHyperparameters,
    { device, graph }: GradientContext,
  ) {
    this.#parts = parts;
    this.#hyperparameters = hyperparameters;
    this.#device = device;
    this.#graph = graph;
  }

  loss(
    _tape: Tape,
    parameters: Parameters,
    batch: PairBatch,
    criterion: Criterion,
  ): readonly Variable[] {
    const parts = this.#parts.map((part) => part.onTape(parameters, batch));
    const pairs = networkScores(parts, batch, this.#hyperparameters);
    const loss = criterion(withBias(pairs, parameters.bias!, this.#hyperparameters));
    const { l2 } = this.#hyperparameters;
    if (l2 === 0) return [loss];
    const penalty = parts.flatMap(({ rows }) => rows.map(squaredNorm)).reduce(add);
    return [loss, scale(penalty, l2 / 2 / batch.users.size)];
  }

  async finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender> {
    const tensors: Record<string, SavedTensor> = {};
    for (const [name, tensor] of Object.entries(parameters)) {
      tensors[name] = { shape: tensor.shape, data: await readFloats(this.#device, tensor) };
    }
    const { userCount, itemCount, userItems: seen } = this.#graph;
    const context = { userCount, itemCount, seen };
    return networkRecommender(this.#parts, tensors, this.#hyperparameters, context);
  }
}

/**
 * Scores of a batch. A score is without bounds, and with such scores bsl, which can drive s⁺ and −s⁻
 * up for ever, has no minimum; so bsl compares 2σ(ŷ) − 1, the network's own output brought to the
 * range of a cosine.
 */
function networkScores(
  parts: readonly PartOnTape[],
  { positives, negatives, values }: PairBatch,
  settings: Pick<NetworkHyperparameters, "loss" | "negatives">,
): PairScores {
  const total = (of: (part: PartOnTape) => Variable) => {
    const score = parts.map(of).reduce(add);
    return settings.loss === "bsl" ? addConstant(scale(sigmoid(score), 2), -1) : score;
  };
  const scores = { positives: total((part) => part.scores(positives)), values };
  if (needsAllItems(settings)) {
    const all = total((part) => part.allPairs(null));
    hideEqual(all, positives, null);
    return { ...scores, others: all };
  }
  if (settings.negatives === "in-batch") {
    const all = total((part) => part.allPairs(positives));
    hideEqual(all, positives, positives);
    return { ...scores, others: all };
  }
  if (!negatives) return { ...scores, others: null };
  const others = total((part) => part.scores(negatives));
  return { ...scores, others: reshape(others, negatives.shape) };
}

/** The recommender of a network's saved arrays, which are checked. */
export function networkRecommender(
  parts: readonly NetworkPart[],
  tensors: SavedTensors,
  { foldInNeighbours }: NetworkHyperparameters,
  context: LoadContext,
): Recommender {
  for (const [name, { shape }] of Object.entries(networkParameters(parts, context))) {
    floatTensor(tensors, name, shape);
  }
  const [bias] = floatTensor(tensors, "bias", [1]);
  return new NetworkRecommender({
    itemCount: context.itemCount,
    tensors,
    userTables: parts.map(({ userTable }) => userTable),
    seen: context.seen,
    neighbours: foldInNeighbours,
    place(device) {
      const placed = parts.map((part) => part.place(device, tensors));
      return (vectors, out) => {
        device.kernels.fill(out, bias!);
        placed.forEach((addScores, at) => {
          addScores(vectors[at]!, out);
        });
      };
    },
  });
}
