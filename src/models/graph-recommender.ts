/**
 * The recommender that linear propagation makes: final embeddings Σ_k α_k Ãᵏ·E^(0),
 * and the messages with which strangers are folded in (`graph-fold-in.ts`).
 *
 * @module
 */

import { type Device, readFloats } from "../engine/device.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { BipartiteGraph } from "../graph/bipartite.ts";
import {
  type Normalisation,
  normalisationExponents,
  normalisationScales,
} from "../graph/normalisation.ts";
import type { Propagation } from "../graph/propagation.ts";
import { EmbeddingRecommender, loadEmbeddings } from "./embedding-recommender.ts";
import { GraphFoldIn, messageName } from "./graph-fold-in.ts";
import type { Embeddings, LoadContext, Recommender, SavedTensors } from "./recommender.ts";
import { floatTensor } from "./tensors.ts";
import type { PairEmbeddingHyperparameters } from "./training-schema.ts";
import { rankedItems } from "./vector-scores.ts";

/** How a model propagates. */
export interface GraphSettings {
  readonly width: number;
  /** K */
  readonly layers: number;
  readonly normalisation: Normalisation;
  readonly selfConnections: boolean;
}

/**
 * @param alpha α_0 … α_K
 * @param embedding E^(0), nodes × width
 */
export async function graphRecommender(
  device: Device,
  graph: BipartiteGraph,
  propagation: Propagation,
  alpha: readonly number[],
  embedding: Tensor,
  settings: GraphSettings & Pick<PairEmbeddingHyperparameters, "ranking">,
): Promise<Recommender> {
  const { width, normalisation, selfConnections, ranking } = settings;
  const { userCount, nodeCount } = graph;
  const mark = device.mark();
  const out = device.allocate([nodeCount, width]);
  const propagate = async (weights: readonly number[]) => {
    propagation.forwardToGraph(weights, out, embedding);
    return readFloats(device, out);
  };
  const final = await propagate(alpha);
  const { columns } = normalisationScales(graph, normalisation, selfConnections);
  const tables: Float32Array[] = [];
  for (const p of messageExponents(settings).keys()) {
    // d_i^−b·Σ_j α_{j+1+p}·e_i^(j)
    const messages = (await propagate(alpha.slice(1 + p))).slice(userCount * width);
    tables.push(messages.map((value, at) => value * columns[userCount + Math.floor(at / width)]!));
  }
  device.release(mark);
  const users = final.slice(0, userCount * width);
  const items = rankedItems(final.slice(userCount * width), width, ranking);
  return withFoldIn({ width, users, items }, tables, settings);
}

export function loadGraphRecommender(
  tensors: SavedTensors,
  context: LoadContext,
  settings: GraphSettings,
): Recommender {
  const { width } = settings;
  const embeddings = loadEmbeddings(tensors, context, width);
  const tables = messageExponents(settings).map((_, at) =>
    floatTensor(tensors, messageName(at), [context.itemCount, width]),
  );
  return withFoldIn(embeddings, tables, settings);
}

/** Powers of a user's degree that the messages are divided by. */
function messageExponents({ normalisation, selfConnections, layers }: GraphSettings): number[] {
  const { rows, columns } = normalisationExponents(normalisation);
  const tables = selfConnections ? layers : 1;
  return Array.from({ length: tables }, (_, p) => rows + p * (rows + columns));
}

function withFoldIn(
  embeddings: Embeddings,
  tables: readonly Float32Array[],
  settings: GraphSettings,
): Recommender {
  const { items, width } = embeddings;
  const exponents = messageExponents(settings);
  const ownNeighbour = settings.selfConnections ? 1 : 0;
  const foldIn = new GraphFoldIn({ tables, exponents, ownNeighbour }, items, width);
  return new EmbeddingRecommender(embeddings, foldIn);
}
