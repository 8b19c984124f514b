/**
 * NGCF — Wang, He, Wang, Feng & Chua, "Neural Graph Collaborative Filtering",
 * SIGIR 2019.
 *
 *   m_{u←i} = (W₁e_i + W₂(e_i ⊙ e_u)) / √(|N_u||N_i|),  m_{u←u} = W₁e_u      (equations 3 and 4)
 *   e_u^(k+1) = LeakyReLU(m_{u←u} + Σ_{i ∈ N_u} m_{u←i})                    (equation 5)
 *   e*_u = e_u^(0) ‖ … ‖ e_u^(K),   ŷ_ui = e*_uᵀ·e*_i                        (equations 9 and 10)
 *
 * The sum over neighbours pulls out of both products: with s_u = Σ_i e_i/√(|N_u||N_i|) it is
 * (s_u + e_u)W₁ + (s_u ⊙ e_u)W₂, one sparse product a layer (the matrix form, equation 7).
 *
 * As in the official code, layers 1 … K are brought to length 1 before they are put side by side, and
 * the penalty is taken over the batch: of E^(0) alone here, of e* there, and of all of E^(0), W₁ and W₂ in
 * the paper. Node dropout blocks nodes: all that a node would say
 * in a layer. `ablation` leaves out the feature transformations (f), the non-linearity (n) or both
 * (fn), as the LightGCN paper does (He et al., SIGIR 2020, section 2.2). Unlike in the
 * official code, embeddings start from N(0, deviation), .1 by default, not from Xavier's distribution.
 *
 * @module
 */

import { z } from "zod";
import {
  add,
  concatColumns,
  leakyRelu,
  multiply,
  type ScaledSparse,
  sparseProduct,
  sumOfProducts,
} from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import { type BipartiteGraph, degrees, uploadAdjacency } from "../graph/bipartite.ts";
import { normalisationScales } from "../graph/normalisation.ts";
import { EmbeddingRecommender, loadEmbeddings } from "./embedding-recommender.ts";
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
import { searchRange } from "./search-range.ts";
import { floatTensor } from "./tensors.ts";
import { pairEmbeddingSchema, withDefault } from "./training-schema.ts";
import { normaliseRows } from "./vector-scores.ts";

const { l2, batchSize } = pairEmbeddingSchema.shape;

const dropoutRate = z.number().min(0).max(0.9).meta(searchRange(0, 0.5)).default(0.1);

const schema = pairEmbeddingSchema.extend({
  l2: withDefault(l2, 0.01),
  batchSize: withDefault(batchSize, 1024),
  layers: z
    .int()
    .min(1)
    .max(8)
    .meta(searchRange(1, 4))
    .default(3)
    .describe("K: how far a message travels"),
  ablation: z
    .enum(["none", "f", "n", "fn"])
    .default("none")
    .describe("What is left out: f = W₁ and W₂, n = the non-linearity, fn = both"),
  nodeDropout: dropoutRate.describe("Share of nodes that say nothing in a layer of a step"),
  messageDropout: dropoutRate.describe("Share of the numbers dropped from a layer's vectors"),
});

type NgcfHyperparameters = z.infer<typeof schema>;

export const ngcf: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "ngcf",
  title: "NGCF",
  paper: "Wang, He, Wang, Feng & Chua. Neural Graph Collaborative Filtering. SIGIR 2019",
  summary:
    "Embeddings refined by learned, non-linear messages between users and items, all layers side by side.",
  hyperparameters: schema,
  parameters(hyperparameters, { graph }) {
    const { width, layers, ablation, deviation } = schema.parse(hyperparameters);
    const parameters: Record<string, Parameter> = {
      embedding: { shape: [graph.nodeCount, width], initial: { kind: "normal", deviation } },
    };
    for (let k = 0; k < layers && transforms(ablation); k++) {
      parameters[`w1.${k}`] = weightMatrix(width, width);
      parameters[`w2.${k}`] = weightMatrix(width, width);
    }
    return parameters;
  },
  build(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return new NetworkModel(new Ngcf(settings, context), settings, context);
  },
  load(tensors, hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    const embeddings = loadEmbeddings(tensors, context, settings.width * (settings.layers + 1));
    return withStrangers(embeddings, tensors, settings);
  },
};

const transforms = (ablation: NgcfHyperparameters["ablation"]) => !ablation.includes("f");
const bends = (ablation: NgcfHyperparameters["ablation"]) => !ablation.endsWith("n");

class Ngcf implements Network {
  readonly #settings: NgcfHyperparameters;
  readonly #graph: BipartiteGraph;
  /** D^−½·A·D^−½ */
  readonly #laplacian: ScaledSparse;

  constructor(settings: NgcfHyperparameters, { device, graph }: GradientContext) {
    this.#settings = settings;
    this.#graph = graph;
    const scales = normalisationScales(graph, "symmetric");
    const matrix = uploadAdjacency(device, graph);
    const rowScale = device.upload([graph.nodeCount], scales.rows);
    this.#laplacian = { matrix, transposed: matrix, rowScale, columnScale: rowScale };
  }

  input(parameters: Parameters): Variable {
    return parameters.embedding!;
  }

  layers(parameters: Parameters, drop: Dropout): readonly NetworkLayer[] {
    const { layers, ablation, nodeDropout, messageDropout } = this.#settings;
    return Array.from({ length: layers }, (_, k) => ({
      hear: (e, rows) => {
        // Equation 7 with the columns of silent nodes set to zero.
        const said = drop(e.tape.constant(this.#laplacian.columnScale!), nodeDropout);
        return [sparseProduct({ ...this.#laplacian, columnScale: said.value }, e, rows), e];
      },
      combine: ([s, e]) => {
        const [own, both] = [add(s!, e!), multiply(s!, e!)];
        const message = transforms(ablation)
          ? sumOfProducts([
              [own, parameters[`w1.${k}`]!],
              [both, parameters[`w2.${k}`]!],
            ])
          : add(own, both);
        return drop(bends(ablation) ? leakyRelu(message) : message, messageDropout);
      },
    }));
  }

  output(at: (k: number) => Variable): Variable {
    const units = Array.from({ length: this.#settings.layers }, (_, k) => normaliseRows(at(k + 1)));
    return concatColumns(at(0), ...units);
  }

  async finish(
    embeddings: Embeddings,
    inner: readonly Variable[],
    { embedding, ...weights }: Parameters,
  ): Promise<Recommender> {
    const { userCount } = this.#graph;
    const { width } = this.#settings;
    const degree = degrees(this.#graph).subarray(userCount);
    const saved: Record<string, SavedTensors[string]> = { ...(await savedVariables(weights)) };
    for (const [k, layer] of inner.entries()) {
      const { all } = await savedVariables({ all: layer });
      // e_i/√|N_i|: what an item says to a new user of degree 1.
      const said = Float32Array.from(all!.data.subarray(userCount * width), (value, at) => {
        const neighbours = degree[Math.floor(at / width)]!;
        return neighbours === 0 ? 0 : value / Math.sqrt(neighbours);
      });
      saved[messageName(k)] = { shape: [degree.length, width], data: said };
    }
    return withStrangers(embeddings, saved, this.#settings);
  }
}

const messageName = (k: number) => `item.message.${k}`;

/** A stranger has no embedding of their own: e^(0) = 0, and the layers follow from the history. */
function withStrangers(
  embeddings: Embeddings,
  tensors: SavedTensors,
  { width, layers, ablation }: NgcfHyperparameters,
): Recommender {
  const itemCount = embeddings.items.length / embeddings.width;
  const names = Array.from({ length: layers }, (_, k) => [
    [messageName(k), [itemCount, width]] as const,
    ...(transforms(ablation)
      ? ([
          [`w1.${k}`, [width, width]],
          [`w2.${k}`, [width, width]],
        ] as const)
      : []),
  ]).flat();
  const arrays = new Map(
    names.map(([name, shape]) => [name, floatTensor(tensors, name, shape)] as const),
  );
  const vector = (history: Int32Array) => {
    const out = new Float32Array(embeddings.width);
    let e = new Float32Array(width);
    for (let k = 0; k < layers; k++) {
      const s = sumOfRows(arrays.get(messageName(k))!, width, history, history.length ** -0.5);
      const own = s.map((value, at) => value + e[at]!);
      const both = s.map((value, at) => value * e[at]!);
      const [first, second] = transforms(ablation)
        ? [rowTimes(own, arrays.get(`w1.${k}`)!), rowTimes(both, arrays.get(`w2.${k}`)!)]
        : [own, both];
      e = first.map((value, at) => {
        const sum = value + second[at]!;
        return bends(ablation) && sum < 0 ? 0.2 * sum : sum;
      });
      const length = Math.sqrt(e.reduce((sum, value) => sum + value * value, 1e-12));
      out.set(
        e.map((value) => value / length),
        (k + 1) * width,
      );
    }
    return out;
  };
  const saved = Object.fromEntries(names.map(([name]) => [name, tensors[name]!]));
  return new EmbeddingRecommender(embeddings, new NetworkFoldIn(embeddings.width, vector, saved));
}
