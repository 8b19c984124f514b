/**
 * What GCN and GAT share: the sparse inputs of the nodes, the widths of the layers,
 * and the hyperparameters, whose defaults are those of the seed comparison on
 * MovieLens 100K (2 layers, 128 hidden, 64 out, 10 negatives, margin 0.01, 15 epochs).
 *
 * @module
 */

import { z } from "zod";
import { trainedUsers } from "../data/interactions.ts";
import { type Device, readFloats } from "../engine/device.ts";
import { matmul, type ScaledSparse, sparseProduct } from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import { type BipartiteGraph, transposeRows, uploadRows } from "../graph/bipartite.ts";
import type { Parameter, Parameters, TrainingData } from "./gradient.ts";
import { sumOfRows } from "./network-fold-in.ts";
import { inputKinds, type NodeInputs, nodeInputs } from "./node-features.ts";
import type { SavedTensors } from "./recommender.ts";
import { searchChoices, searchRange } from "./search-range.ts";
import { pairEmbeddingSchema, withDefault } from "./training-schema.ts";

const shape = pairEmbeddingSchema.shape;

export const featureNetworkSchema = pairEmbeddingSchema.extend({
  epochs: withDefault(shape.epochs, 15),
  evaluateEvery: withDefault(shape.evaluateEvery, 1),
  stopMetric: withDefault(shape.stopMetric, "ndcg@10"),
  l2: withDefault(shape.l2, 0),
  negativeCount: withDefault(shape.negativeCount, 10),
  margin: withDefault(shape.margin, 0.01),
  layers: z
    .int()
    .min(1)
    .max(8)
    .meta(searchRange(1, 3))
    .default(2)
    .describe("K: how far a message travels"),
  hidden: z
    .int()
    .min(1)
    .max(4096)
    .meta(searchChoices([32, 64, 128, 256]))
    .default(128)
    .describe("Width of the inputs and of inner layers"),
  inputs: z
    .enum(inputKinds)
    .default("features")
    .describe(
      "What a node starts from: its features (gender, age, occupation, genres; ids where there are none), an id of its own, or both",
    ),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .meta(searchRange(0, 0.5))
    .default(0)
    .describe("Share of the numbers dropped from what enters a layer"),
});

export type FeatureNetworkHyperparameters = z.infer<typeof featureNetworkSchema>;

/** Widths of x^(0) … x^(K). */
export function layerWidths({
  layers,
  hidden,
  width,
}: Pick<FeatureNetworkHyperparameters, "layers" | "hidden" | "width">): number[] {
  return [...new Array<number>(layers).fill(hidden), width];
}

/** The table of which the inputs are made: one row for each feature or node. */
export function inputTable(
  data: TrainingData,
  { inputs, hidden, deviation }: FeatureNetworkHyperparameters,
): Parameter {
  const rows = nodeInputs(data, inputs)?.columnCount ?? data.graph.nodeCount;
  return { shape: [rows, hidden], initial: { kind: "normal", deviation } };
}

/** x^(0) = X·T with the sparse inputs X. */
export class InputLayer {
  /** Null where every node has a row of its own: X = I. */
  readonly #sparse: ScaledSparse | null;

  constructor(device: Device, data: TrainingData, kind: FeatureNetworkHyperparameters["inputs"]) {
    const inputs = nodeInputs(data, kind);
    this.#sparse = inputs && uploadInputs(device, inputs);
  }

  apply(table: Variable): Variable {
    return this.#sparse ? sparseProduct(this.#sparse, table) : table;
  }
}

function uploadInputs(device: Device, { rows, columnCount }: NodeInputs): ScaledSparse {
  return {
    matrix: uploadRows(device, rows, columnCount),
    transposed: uploadRows(device, transposeRows(rows, columnCount), rows.indptr.length - 1),
    rowScale: null,
    columnScale: null,
  };
}

export const messageName = (k: number) => `item.message.${k}`;

/**
 * What fold-in needs of the item side: W_k·h_i^(k) of all items for each layer, and the mean of
 * the training users' h^(0), from which a stranger starts.
 * @param inner h^(0) … h^(K−1) of all nodes
 * @param weights w.0 … w.(K−1)
 */
export async function itemMessages(
  { userItems, userCount, itemCount }: BipartiteGraph,
  inner: readonly Variable[],
  weights: Parameters,
): Promise<SavedTensors> {
  const saved: Record<string, SavedTensors[string]> = {};
  const { device } = inner[0]!.tape;
  for (const [k, h] of inner.entries()) {
    const said = matmul(h, weights[`w.${k}`]!).value;
    const [, width = 0] = said.shape;
    const data = (await readFloats(device, said)).slice(userCount * width);
    saved[messageName(k)] = { shape: [itemCount, width], data };
  }
  const [, hidden = 0] = inner[0]!.value.shape;
  const trained = trainedUsers(userItems);
  const share = 1 / Math.max(1, trained.length);
  const mean = sumOfRows(await readFloats(device, inner[0]!.value), hidden, trained, share);
  saved["user.mean"] = { shape: [hidden], data: mean };
  return saved;
}
