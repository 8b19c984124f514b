/**
 * GCN for recommendation — after Kipf & Welling, "Semi-Supervised Classification
 * with Graph Convolutional Networks", ICLR 2017, in the form with the mean over
 * neighbours and a transformation of the node's own vector (Hamilton, Ying &
 * Leskovec, NeurIPS 2017):
 *
 *   h_v^(k+1) = σ(W_k·Σ_{u ∈ N(v)} h_u^(k)/|N(v)| + B_k·h_v^(k)),  k = 0 … K−1
 *   ŷ_ui = z_uᵀ·z_i,  z_v = h_v^(K)
 *
 * h^(0) is made of what is known of users and items (`node-features.ts`). σ is the ReLU;
 * after the last layer there is none, so that a score can be negative.
 *
 * @module
 */

import type { z } from "zod";
import { add, matmul, relu, type ScaledSparse, sparseProduct } from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import { type BipartiteGraph, uploadAdjacency } from "../graph/bipartite.ts";
import { normalisationScales } from "../graph/normalisation.ts";
import { EmbeddingRecommender, loadEmbeddings } from "./embedding-recommender.ts";
import {
  featureNetworkSchema,
  InputLayer,
  inputTable,
  itemMessages,
  layerWidths,
  messageName,
} from "./feature-network.ts";
import type { GradientContext, PairDefinition, Parameter, Parameters } from "./gradient.ts";
import {
  type Dropout,
  type Network,
  type NetworkLayer,
  NetworkModel,
  savedVariables,
  weightMatrix,
} from "./network.ts";
import { NetworkFoldIn, rowTimes, sumOfRows } from "./network-fold-in.ts";
import type { Embeddings, Recommender, SavedTensors } from "./recommender.ts";
import { floatTensor } from "./tensors.ts";

const schema = featureNetworkSchema;

type GcnHyperparameters = z.infer<typeof schema>;

export const gcn: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "gcn",
  title: "GCN",
  paper:
    "Kipf & Welling. Semi-Supervised Classification with Graph Convolutional Networks. ICLR 2017",
  summary: "Features of users and items, averaged over neighbours and transformed layer by layer.",
  hyperparameters: schema,
  parameters(hyperparameters, data) {
    const settings = schema.parse(hyperparameters);
    const widths = layerWidths(settings);
    const parameters: Record<string, Parameter> = { input: inputTable(data, settings) };
    for (let k = 0; k < settings.layers; k++) {
      parameters[`w.${k}`] = weightMatrix(widths[k]!, widths[k + 1]!);
      parameters[`b.${k}`] = weightMatrix(widths[k]!, widths[k + 1]!);
    }
    return parameters;
  },
  build(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return new NetworkModel(new Gcn(settings, context), settings, context);
  },
  load(tensors, hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return withStrangers(loadEmbeddings(tensors, context, settings.width), tensors, settings);
  },
};

class Gcn implements Network {
  readonly #settings: GcnHyperparameters;
  readonly #graph: BipartiteGraph;
  readonly #input: InputLayer;
  /** D⁻¹·A */
  readonly #mean: ScaledSparse;

  constructor(settings: GcnHyperparameters, context: GradientContext) {
    const { device, graph } = context;
    this.#settings = settings;
    this.#graph = graph;
    this.#input = new InputLayer(device, context, settings.inputs);
    const matrix = uploadAdjacency(device, graph);
    const scales = normalisationScales(graph, "l1-left");
    const rowScale = device.upload([graph.nodeCount], scales.rows);
    this.#mean = { matrix, transposed: matrix, rowScale, columnScale: null };
  }

  input(parameters: Parameters): Variable {
    return this.#input.apply(parameters.input!);
  }

  layers(parameters: Parameters, drop: Dropout): readonly NetworkLayer[] {
    const { layers, dropout } = this.#settings;
    return Array.from({ length: layers }, (_, k) => ({
      hear: (h, rows) => {
        const kept = drop(h, dropout);
        const said = matmul(kept, parameters[`w.${k}`]!);
        return [sparseProduct(this.#mean, said, rows), kept];
      },
      combine: ([heard, own]) => {
        const sum = add(heard!, matmul(own!, parameters[`b.${k}`]!));
        return k === layers - 1 ? sum : relu(sum);
      },
    }));
  }

  output(at: (k: number) => Variable): Variable {
    return at(this.#settings.layers);
  }

  async finish(
    embeddings: Embeddings,
    inner: readonly Variable[],
    weights: Parameters,
  ): Promise<Recommender> {
    const own = Object.entries(weights).filter(([name]) => name.startsWith("b."));
    const saved = {
      ...(await savedVariables(Object.fromEntries(own))),
      ...(await itemMessages(this.#graph, inner, weights)),
    };
    return withStrangers(embeddings, saved, this.#settings);
  }
}

/** A stranger starts from the mean of the training users' inputs: h^(1) and so on follow from the history. */
function withStrangers(
  embeddings: Embeddings,
  tensors: SavedTensors,
  settings: GcnHyperparameters,
): Recommender {
  const { layers, hidden } = settings;
  const widths = layerWidths(settings);
  const itemCount = embeddings.items.length / embeddings.width;
  const start = floatTensor(tensors, "user.mean", [hidden]);
  const steps = Array.from({ length: layers }, (_, k) => ({
    width: widths[k + 1]!,
    messages: floatTensor(tensors, messageName(k), [itemCount, widths[k + 1]!]),
    b: floatTensor(tensors, `b.${k}`, [widths[k]!, widths[k + 1]!]),
  }));
  const vector = (history: Int32Array) => {
    let h = start;
    steps.forEach(({ width, messages, b }, k) => {
      const heard = sumOfRows(messages, width, history, 1 / history.length);
      const own = rowTimes(h, b);
      const sum = heard.map((value, at) => value + own[at]!);
      h = k === layers - 1 ? sum : sum.map((value) => Math.max(0, value));
    });
    return h;
  };
  const names = steps.flatMap((_, k) => [messageName(k), `b.${k}`]);
  const saved = Object.fromEntries(["user.mean", ...names].map((name) => [name, tensors[name]!]));
  return new EmbeddingRecommender(embeddings, new NetworkFoldIn(embeddings.width, vector, saved));
}
