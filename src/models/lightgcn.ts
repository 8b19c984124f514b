/**
 * LightGCN — He, Deng, Wang, Li, Zhang & Wang, "LightGCN: Simplifying and Powering
 * Graph Convolution Network for Recommendation", SIGIR 2020.
 *
 *   e_u^(k+1) = Σ_{i ∈ N_u} e_i^(k) / (√|N_u|·√|N_i|)      (equation 3, and its mirror for items)
 *   e_u = Σ_{k=0}^{K} α_k·e_u^(k)                          (equation 4)
 *   ŷ_ui = e_uᵀ·e_i                                        (equation 5)
 *
 * In matrix form E = Σ_k α_k Ãᵏ·E^(0) (equation 8); E^(0) is all there is to learn.
 * Its relatives of section 3.2 are other α and another Ã: the single-layer variant
 * takes the last layer alone; SGCN (equation 9) takes the last layer of a graph
 * with self-connections; APPNP (equations 11 and 12) gives α_k = β(1−β)ᵏ, and
 * α_K = (1−β)ᴷ. Beyond the paper: α can be learned, and people who were not in
 * training are folded in (`graph-fold-in.ts`).
 *
 * @module
 */

import { z } from "zod";
import { type Device, readFloats } from "../engine/device.ts";
import type { RowSet } from "../engine/kernels.ts";
import {
  add,
  gatherRows,
  reshape,
  scale,
  scaleRows,
  squaredNormOfRows,
} from "../engine/operators/index.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { type BipartiteGraph, emptyRowSet } from "../graph/bipartite.ts";
import { inverseOrder, tableOrder } from "../graph/node-order.ts";
import { normalisations } from "../graph/normalisation.ts";
import { Propagation } from "../graph/propagation.ts";
import type {
  Criterion,
  GradientContext,
  PairBatch,
  PairDefinition,
  PairModel,
  Parameter,
  Parameters,
} from "./gradient.ts";
import { graphRecommender, loadGraphRecommender } from "./graph-recommender.ts";
import { type LayerWeights, parseLayerWeights, teleportWeights } from "./layer-weights.ts";
import { propagated, propagatedWithNorm } from "./propagated.ts";
import type { Recommender } from "./recommender.ts";
import { mattersWith, searchRange } from "./search-range.ts";
import { messageSchema, pairEmbeddingSchema } from "./training-schema.ts";
import { itemIndices, needsAllItems, productsOf, vectorScores } from "./vector-scores.ts";

export const lightgcnSchema = pairEmbeddingSchema.extend(messageSchema.shape).extend({
  variant: z
    .enum(["lightgcn", "single", "sgcn", "appnp"])
    .default("lightgcn")
    .describe(
      "lightgcn (layerWeights apply), single (the last layer alone), sgcn (self-connections, last layer), appnp (teleport)",
    ),
  teleport: z
    .number()
    .min(0)
    .max(1)
    .meta({ ...searchRange(0.05, 0.5), ...mattersWith({ variant: ["appnp"] }) })
    .default(0.1)
    .describe("β of appnp: how much of its own embedding a node keeps at each layer"),
  layers: z
    .int()
    .min(1)
    .max(16)
    .meta(searchRange(1, 4))
    .default(3)
    .describe("K: how far a message travels"),
  layerWeights: z
    .string()
    .meta(mattersWith({ variant: ["lightgcn"] }))
    .default("uniform")
    .describe(
      "α_0 … α_K: uniform (1/(K+1)), last (the single-layer variant), learned, or K+1 numbers with commas",
    ),
  normalisation: z
    .enum(normalisations)
    .default("symmetric")
    .describe("Ã: symmetric, left, right, or the L1 forms of the paper's table 5"),
});

type LightGcnHyperparameters = z.infer<typeof lightgcnSchema>;

export const lightgcn: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "lightgcn",
  title: "LightGCN",
  paper:
    "He, Deng, Wang, Li, Zhang & Wang. LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation. SIGIR 2020",
  summary: "Embeddings of users and items, smoothed over the graph of who liked what.",
  hyperparameters: lightgcnSchema,
  parameters(hyperparameters, { graph }) {
    const settings = lightgcnSchema.parse(hyperparameters);
    const { width, layers, deviation } = settings;
    const embedding: Parameter = {
      shape: [graph.nodeCount, width],
      initial: { kind: "normal", deviation },
      order: tableOrder(graph, width),
    };
    const isLearned = alphaOf(settings) === "learned";
    return isLearned ? { embedding, ...alphaParameters(layers) } : { embedding };
  },
  build(hyperparameters, context) {
    return new LightGcn(lightgcnSchema.parse(hyperparameters), context);
  },
  load(tensors, hyperparameters, context) {
    return loadGraphRecommender(
      tensors,
      context,
      graphSettings(lightgcnSchema.parse(hyperparameters)),
    );
  },
  mixture(hyperparameters) {
    const settings = lightgcnSchema.parse(hyperparameters);
    const alpha = alphaOf(settings);
    const { layers, normalisation, selfConnections } = graphSettings(settings);
    return { alpha: alpha === "learned" ? null : alpha, layers, normalisation, selfConnections };
  },
};

function graphSettings(hyperparameters: LightGcnHyperparameters) {
  return { ...hyperparameters, selfConnections: hyperparameters.variant === "sgcn" };
}

/** α_0 … α_K of the variant. */
function alphaOf(hyperparameters: LightGcnHyperparameters): LayerWeights {
  const { variant, layers, layerWeights, teleport } = hyperparameters;
  if (variant === "lightgcn") return parseLayerWeights(layerWeights, layers);
  if (variant === "appnp") return teleportWeights(teleport, layers);
  return parseLayerWeights("last", layers);
}

/** One scalar for each layer, starting uniform. */
function alphaParameters(layers: number): Record<string, Parameter> {
  const initial = { kind: "constant", value: 1 / (layers + 1) } as const;
  return Object.fromEntries(
    Array.from({ length: layers + 1 }, (_, k) => [`alpha${k}`, { shape: [1], initial }]),
  );
}

/** Users lie before items in every order. */
function placesOf(device: Device, { userCount, itemCount }: BipartiteGraph, order: Int32Array) {
  const places = inverseOrder(order);
  const items = places.subarray(userCount).map((place) => place - userCount);
  return {
    users: device.upload([userCount], places.subarray(0, userCount)),
    items: device.upload([itemCount], items),
  };
}

class LightGcn implements PairModel {
  readonly #hyperparameters: LightGcnHyperparameters;
  readonly #alpha: LayerWeights;
  readonly #graph: BipartiteGraph;
  readonly #device: Device;
  readonly #propagation: Propagation;
  /** The nodes of the batch. */
  readonly #batchRows: RowSet;
  /** The nodes whose final embedding is read; null = all. */
  readonly #finalRows: RowSet | null;
  /** Where users and items are in the table's order; null in the graph's own. */
  readonly #places: { readonly users: Tensor; readonly items: Tensor } | null;

  constructor(hyperparameters: LightGcnHyperparameters, context: GradientContext) {
    const { width, normalisation, selfConnections, messages } = graphSettings(hyperparameters);
    const { device, graph, batchSize } = context;
    this.#hyperparameters = hyperparameters;
    this.#alpha = alphaOf(hyperparameters);
    this.#graph = graph;
    this.#device = device;
    const order = tableOrder(graph, width);
    const options = { selfConnections, order, messages };
    this.#propagation = new Propagation(device, graph, normalisation, width, options);
    this.#places = order && placesOf(device, graph, order);
    const { negativeCount } = hyperparameters;
    this.#batchRows = emptyRowSet(device, graph.nodeCount, (2 + negativeCount) * batchSize);
    this.#finalRows = needsAllItems(hyperparameters) ? null : this.#batchRows;
  }

  loss(
    _tape: Tape,
    parameters: Parameters,
    drawn: PairBatch,
    criterion: Criterion,
  ): readonly Variable[] {
    const batch = this.#placed(drawn);
    const { l2 } = this.#hyperparameters;
    const { userCount, itemCount } = this.#graph;
    const parts = [
      { index: batch.users, offset: 0 },
      ...itemIndices(batch).map((index) => ({ index, offset: userCount })),
    ];
    this.#device.kernels.collectRows(this.#batchRows, parts);
    const { final, rowsOf, norm } = this.#embeddings(parameters);
    const source = {
      users: (index: Tensor) => rowsOf(index, 0),
      items: (index: Tensor) => rowsOf(index, userCount),
      allItems: () => rowsOf(this.#everyItem(itemCount), userCount),
      ...(final && { products: productsOf(final, userCount, this.#batchRows) }),
    };
    const scores = vectorScores(source, batch, this.#hyperparameters);
    // λ·½(‖e_u^(0)‖² + ‖e_i^(0)‖² + ‖e_j^(0)‖²)/B, as the official code has equation 15.
    return [criterion(scores), scale(norm, l2 / 2 / batch.users.size)];
  }

  endStep(): void {
    this.#device.kernels.clearRows(this.#batchRows);
  }

  async finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender> {
    return graphRecommender(
      this.#device,
      this.#graph,
      this.#propagation,
      await this.#alphaValues(parameters),
      parameters.embedding!,
      graphSettings(this.#hyperparameters),
    );
  }

  /** The batch with nodes by their place in the table. */
  #placed(batch: PairBatch): PairBatch {
    const places = this.#places;
    if (!places) return batch;
    const move = (index: Tensor, to: Tensor) => {
      const moved = this.#device.allocate(index.shape, "i32");
      this.#device.kernels.gatherRows(moved, to, index, 0);
      return moved;
    };
    return {
      ...batch,
      users: move(batch.users, places.users),
      positives: move(batch.positives, places.items),
      negatives: batch.negatives && move(batch.negatives, places.items),
    };
  }

  #everyItem(itemCount: number): Tensor {
    return this.#device.upload(
      [itemCount],
      Int32Array.from({ length: itemCount }, (_, item) => item),
    );
  }

  /** The final embeddings, where α is not learned; how to take rows of them, equation 4; and Σ ‖e^(0)‖² over the batch's nodes. */
  #embeddings(parameters: Parameters) {
    const embedding = parameters.embedding!;
    const batchRows = this.#batchRows;
    if (this.#alpha !== "learned") {
      const { final, norm } = propagatedWithNorm(
        ...([this.#propagation, this.#alpha, embedding] as const),
        ...([this.#finalRows, batchRows] as const),
      );
      const rowsOf = (index: Tensor, offset: number) => gatherRows(final, index, offset);
      return { final, rowsOf, norm };
    }
    const layers = [embedding];
    for (let k = 0; k < this.#hyperparameters.layers; k++) {
      layers.push(propagated(this.#propagation, [0, 1], layers[k]!, null));
    }
    const rowsOf = (index: Tensor, offset: number) =>
      layers
        .map((layer, k) => {
          const rows = gatherRows(layer, index, offset);
          const flat = reshape(rows, [1, rows.value.size]);
          return reshape(scaleRows(flat, parameters[`alpha${k}`]!), rows.value.shape);
        })
        .reduce(add);
    return { final: null, rowsOf, norm: squaredNormOfRows(embedding, batchRows) };
  }

  async #alphaValues(parameters: Readonly<Record<string, Tensor>>): Promise<readonly number[]> {
    if (this.#alpha !== "learned") return this.#alpha;
    const values: number[] = [];
    for (let k = 0; k <= this.#hyperparameters.layers; k++) {
      values.push((await readFloats(this.#device, parameters[`alpha${k}`]!))[0]!);
    }
    return values;
  }
}
