/**
 * GAT for recommendation — Veličković, Cucurull, Casanova, Romero, Liò & Bengio,
 * "Graph Attention Networks", ICLR 2018:
 *
 *   e_vu = LeakyReLU(aᵀ[W·h_u ‖ W·h_v]),  α_vu = softmax_u(e_vu) over u ∈ N(v) ∪ {v}   (equations 1 to 3)
 *   h_v' = σ(Σ_u α_vu·W·h_u), heads side by side                                     (equations 4 and 5)
 *   ŷ_ui = z_uᵀ·z_i,  z_v = h_v^(K)
 *
 * h^(0) is made of what is known of users and items (`node-features.ts`). Different from the
 * paper: σ is the ReLU, the heads of the last layer stand side by side too instead of being
 * averaged, and after the last layer there is no σ, so that a score can be negative. aᵀ[·‖·] is a
 * number that u says plus one that v hears, so attention needs no memory for each edge.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import type { SparseRows } from "../engine/kernels.ts";
import { attend, attentionScores, matmul, relu } from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import { type BipartiteGraph, uploadAdjacency } from "../graph/bipartite.ts";
import { EmbeddingRecommender, loadEmbeddings } from "./embedding-recommender.ts";
import {
  featureNetworkSchema,
  InputLayer,
  inputTable,
  itemMessages,
  layerWidths,
  messageName,
} from "./feature-network.ts";
import { GatStranger } from "./gat-stranger.ts";
import type { GradientContext, PairDefinition, Parameter, Parameters } from "./gradient.ts";
import {
  type Dropout,
  type Network,
  type NetworkLayer,
  NetworkModel,
  savedVariables,
  weightMatrix,
} from "./network.ts";
import { NetworkFoldIn } from "./network-fold-in.ts";
import type { Embeddings, Recommender, SavedTensors } from "./recommender.ts";
import { floatTensor } from "./tensors.ts";

const schema = featureNetworkSchema.extend({
  heads: z.int().min(1).max(64).default(4).describe("Heads of each layer, which divide its width"),
});

type GatHyperparameters = z.infer<typeof schema>;

export const gat: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "gat",
  title: "GAT",
  paper:
    "Veličković, Cucurull, Casanova, Romero, Liò & Bengio. Graph Attention Networks. ICLR 2018",
  summary: "Features of users and items, gathered from neighbours by learned attention.",
  hyperparameters: schema,
  parameters(hyperparameters, data) {
    const settings = checked(schema.parse(hyperparameters));
    const widths = layerWidths(settings);
    const parameters: Record<string, Parameter> = { input: inputTable(data, settings) };
    for (let k = 0; k < settings.layers; k++) {
      const width = widths[k + 1]!;
      const bound = Math.sqrt(6 / (width / settings.heads + 1));
      parameters[`w.${k}`] = weightMatrix(widths[k]!, width);
      parameters[`a.${k}`] = { shape: [2 * width], initial: { kind: "uniform", bound } };
    }
    return parameters;
  },
  build(hyperparameters, context) {
    const settings = checked(schema.parse(hyperparameters));
    return new NetworkModel(new Gat(settings, context), settings, context);
  },
  load(tensors, hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return withStrangers(loadEmbeddings(tensors, context, settings.width), tensors, settings);
  },
};

function checked(settings: GatHyperparameters): GatHyperparameters {
  const { heads, hidden, width, layers } = settings;
  const widths = layers > 1 ? { hidden, width } : { width };
  for (const [name, value] of Object.entries(widths)) {
    if (value % heads === 0) continue;
    throw new BadInputError(
      "heads",
      `${heads} heads do not divide ${name}=${value}; set heads to a divisor of ${value}`,
    );
  }
  return settings;
}

class Gat implements Network {
  readonly #settings: GatHyperparameters;
  readonly #graph: BipartiteGraph;
  readonly #input: InputLayer;
  /** A + I */
  readonly #neighbours: SparseRows;

  constructor(settings: GatHyperparameters, context: GradientContext) {
    const { device, graph } = context;
    this.#settings = settings;
    this.#graph = graph;
    this.#input = new InputLayer(device, context, settings.inputs);
    this.#neighbours = uploadAdjacency(device, graph, true);
  }

  input(parameters: Parameters): Variable {
    return this.#input.apply(parameters.input!);
  }

  layers(parameters: Parameters, drop: Dropout): readonly NetworkLayer[] {
    const { layers, heads, dropout } = this.#settings;
    return Array.from({ length: layers }, (_, k) => ({
      hear: (h, rows) => {
        const said = matmul(drop(h, dropout), parameters[`w.${k}`]!);
        const scores = attentionScores(said, parameters[`a.${k}`]!, heads);
        return [attend(this.#neighbours, said, scores, rows)];
      },
      combine: ([heard]) => (k === layers - 1 ? heard! : relu(heard!)),
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
    const own = Object.entries(weights).filter(([name]) => name !== "input");
    const saved = {
      ...(await savedVariables(Object.fromEntries(own))),
      ...(await itemMessages(this.#graph, inner, weights)),
    };
    return withStrangers(embeddings, saved, this.#settings);
  }
}

/** A stranger starts from the mean of the training users' inputs and attends to the history and to themselves. */
function withStrangers(
  embeddings: Embeddings,
  tensors: SavedTensors,
  settings: GatHyperparameters,
): Recommender {
  const { layers, hidden, heads } = settings;
  const widths = layerWidths(settings);
  const itemCount = embeddings.items.length / embeddings.width;
  const stranger = new GatStranger(
    floatTensor(tensors, "user.mean", [hidden]),
    Array.from({ length: layers }, (_, k) => ({
      said: floatTensor(tensors, messageName(k), [itemCount, widths[k + 1]!]),
      w: floatTensor(tensors, `w.${k}`, [widths[k]!, widths[k + 1]!]),
      a: floatTensor(tensors, `a.${k}`, [2 * widths[k + 1]!]),
    })),
    heads,
  );
  const names = Array.from({ length: layers }, (_, k) => [messageName(k), `w.${k}`, `a.${k}`]);
  const saved = Object.fromEntries(
    ["user.mean", ...names.flat()].map((name) => [name, tensors[name]!]),
  );
  const vector = (history: Int32Array) => stranger.vector(history);
  return new EmbeddingRecommender(embeddings, new NetworkFoldIn(embeddings.width, vector, saved));
}
