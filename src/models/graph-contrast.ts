/**
 * What SimGCL and XSimGCL share: linear propagation whose layers are perturbed by
 * noise, and the contrast of two views of the same nodes.
 *
 *   e^(k) = Ã·e^(k−1) + Δ,  Δ = ε·sign(e) ⊙ n/‖n‖, n uniform      (SimGCL, equation 5)
 *   e = 1/K · Σ_{k=1}^{K} e^(k): the free embedding itself takes no part
 *   InfoNCE = mean_i −ln( e^(a_i·b_i/τ) / Σ_j e^(a_i·b_j/τ) )     (equation 2), a, b of length 1
 *
 * i and j are the distinct users, and likewise the distinct positives, of a batch. The noise has no
 * gradient, so the gradient of a view is the gradient of the clean propagation.
 *
 * @module
 */

import { z } from "zod";
import { purposeKey } from "../base/random.ts";
import type { Device } from "../engine/device.ts";
import type { RowSet } from "../engine/kernels.ts";
import {
  add,
  gatherRows,
  hideBeyond,
  logSumExpRows,
  matmul,
  multiply,
  rowDot,
  scale,
  sqrt,
  squaredNorm,
  subtract,
  sum,
} from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { emptyRowSet } from "../graph/bipartite.ts";
import { normalisations } from "../graph/normalisation.ts";
import { Propagation } from "../graph/propagation.ts";
import type { GradientContext, PairBatch } from "./gradient.ts";
import { graphRecommender, loadGraphRecommender } from "./graph-recommender.ts";
import type { LoadContext, Recommender, SavedTensors } from "./recommender.ts";
import { searchRange } from "./search-range.ts";
import { messageSchema, pairEmbeddingSchema } from "./training-schema.ts";
import { itemIndices, needsAllItems, normaliseRows, productsOf } from "./vector-scores.ts";

export const contrastSchema = pairEmbeddingSchema.extend(messageSchema.shape).extend({
  layers: z
    .int()
    .min(1)
    .max(16)
    .meta(searchRange(1, 4))
    .default(3)
    .describe("K: how far a message travels"),
  normalisation: z.enum(normalisations).default("symmetric").describe("Ã, as for lightgcn"),
  contrastWeight: z
    .number()
    .min(0)
    .max(100)
    .meta(searchRange(0.001, 2, { log: true }))
    .default(0.01)
    .describe("λ of the contrast"),
  noise: z
    .number()
    .min(0)
    .max(10)
    .meta(searchRange(0.01, 0.5, { log: true }))
    .default(0.1)
    .describe("ε: length of the noise at each layer"),
  contrastTemperature: z
    .number()
    .positive()
    .max(100)
    .meta(searchRange(0.05, 0.5, { log: true }))
    .default(0.2)
    .describe("τ of the contrast"),
  penalty: z
    .enum(["squares", "norm"])
    .default("squares")
    .describe(
      "What λ (l2) weighs: squares of the batch's free embeddings, as in LightGCN, or the norm of its final vectors, λ·(‖users‖ + ‖positives‖), as in the authors' code when the papers came out",
    ),
});

export type ContrastHyperparameters = z.infer<typeof contrastSchema>;

/** E^(0) and its start. */
export function contrastParameters(hyperparameters: ContrastHyperparameters, nodeCount: number) {
  const { width, deviation } = hyperparameters;
  const initial = { kind: "normal", deviation } as const;
  return { embedding: { shape: [nodeCount, width], initial } };
}

export function loadContrast(
  tensors: SavedTensors,
  hyperparameters: ContrastHyperparameters,
  context: LoadContext,
): Recommender {
  return loadGraphRecommender(tensors, context, { ...hyperparameters, selfConnections: false });
}

/** The layers of a contrastive model: all but E^(0), alike. */
export function contrastMixture({ layers, normalisation }: ContrastHyperparameters) {
  const alpha = Array.from({ length: layers + 1 }, (_, k) => (k === 0 ? 0 : 1 / layers));
  return { alpha, layers, normalisation, selfConnections: false };
}

/** The distinct users of a batch, or its distinct positives. */
interface Side {
  readonly rows: RowSet;
  /** Of the first user, or item, in the node table. */
  readonly offset: number;
  /** As many nodes as a batch can have. */
  readonly places: number;
}

/** The graph of a contrastive model on a device. */
export class ContrastGraph {
  readonly device: Device;
  readonly userCount: number;
  readonly propagation: Propagation;
  /** α: 0, then 1/K each */
  readonly alpha: readonly number[];
  /** The nodes of the batch; null where every node's embedding is read. */
  readonly rows: RowSet | null;
  readonly #users: Side;
  readonly #items: Side;
  /** 1/K for every node: what a layer counts in the mean. */
  readonly #layerShares: Tensor;
  readonly #hyperparameters: ContrastHyperparameters;
  readonly #context: GradientContext;

  constructor(hyperparameters: ContrastHyperparameters, context: GradientContext) {
    const { width, layers, normalisation, negativeCount, messages } = hyperparameters;
    const { device, graph, batchSize } = context;
    this.#hyperparameters = hyperparameters;
    this.#context = context;
    this.device = device;
    this.userCount = graph.userCount;
    this.propagation = new Propagation(device, graph, normalisation, width, { messages });
    this.alpha = contrastMixture(hyperparameters).alpha;
    const shares = new Float32Array(graph.nodeCount).fill(1 / layers);
    this.#layerShares = device.upload([graph.nodeCount], shares);
    this.rows = needsAllItems(hyperparameters)
      ? null
      : emptyRowSet(device, graph.nodeCount, (2 + negativeCount) * batchSize);
    const side = (count: number, offset: number): Side => ({
      rows: emptyRowSet(device, count, batchSize),
      offset,
      places: Math.min(count, batchSize),
    });
    this.#users = side(graph.userCount, 0);
    this.#items = side(graph.itemCount, graph.userCount);
  }

  /** Collects the batch's nodes; returns what the penalty is, once their final vectors are there. */
  begin(embedding: Variable, batch: PairBatch): (final: Variable) => Variable {
    const parts = [
      { index: batch.users, offset: 0 },
      ...itemIndices(batch).map((index) => ({ index, offset: this.userCount })),
    ];
    if (this.rows) this.device.kernels.collectRows(this.rows, parts);
    const { penalty, l2 } = this.#hyperparameters;
    if (penalty === "norm") return (final) => scale(this.#normOf(final, batch), l2);
    const squares = parts.map(({ index, offset }) =>
      squaredNorm(gatherRows(embedding, index, offset)),
    );
    const ofFree = scale(squares.reduce(add), l2 / 2 / batch.users.size);
    return () => ofFree;
  }

  /** ‖E of the batch's users‖ + ‖E of its positives‖, each as often as it occurs. */
  #normOf(final: Variable, { users, positives }: PairBatch): Variable {
    const ofUsers = squaredNorm(gatherRows(final, users, 0));
    const ofItems = squaredNorm(gatherRows(final, positives, this.userCount));
    return add(sqrt(ofUsers), sqrt(ofItems));
  }

  endStep(): void {
    const { clearRows } = this.device.kernels;
    for (const rows of [this.rows, this.#users.rows, this.#items.rows]) if (rows) clearRows(rows);
  }

  /** Ã·E^(0), from which every view of a batch goes on. */
  firstLayer(embedding: Tensor): Tensor {
    const first = this.device.allocate(embedding.shape);
    this.propagation.forward([0, 1], first, embedding, this.#neededOf(1));
    return first;
  }

  /**
   * The mean of the perturbed layers, and one of the layers where it is asked for; only
   * the batch's rows of the two are valid.
   * @param first Ã·E^(0)
   * @param view tells apart the noises of a batch
   * @param keep the number of the layer to keep, 1 … K
   */
  perturbed(first: Tensor, view: string, draw: number, keep: number | null) {
    const { device, propagation, rows } = this;
    const { kernels } = device;
    const { layers, noise } = this.#hyperparameters;
    const mean = device.allocate(first.shape);
    const kept = keep === null ? null : device.allocate(first.shape);
    const buffers = [device.allocate(first.shape), device.allocate(first.shape)];
    for (let k = 1; k <= layers; k++) {
      const [target, before] = [buffers[k & 1]!, buffers[(k + 1) & 1]!];
      const needed = this.#neededOf(k);
      if (k > 1) propagation.forward([0, 1], target, before, needed);
      const key = purposeKey(`noise of ${view} in layer ${k}`);
      const clean = k === 1 ? first : target;
      kernels.addNoise(target, clean, noise, this.#context.seed >>> 0, key, draw, needed);
      const part = { from: null, scale: this.#layerShares, rows, accumulate: k > 1 };
      kernels.moveRows(mean, target, part);
      if (kept && k === keep) kernels.moveRows(kept, target, { from: null, scale: null, rows });
    }
    return { mean, kept };
  }

  /** The rows of a layer that are read: the batch's of the last one, all that the next gathers of the others. */
  #neededOf(layer: number): RowSet | null {
    return layer === this.#hyperparameters.layers ? this.rows : null;
  }

  /** Rows of the sources: users as they are, items behind them; vectors of all items in the end. */
  source(final: Variable) {
    const { itemCount } = this.#context.graph;
    const everyItem = () => Int32Array.from({ length: itemCount }, (_, item) => item);
    return {
      users: (index: Tensor) => gatherRows(final, index, 0),
      items: (index: Tensor) => gatherRows(final, index, this.userCount),
      ...(this.rows && { products: productsOf(final, this.userCount, this.rows) }),
      allItems: () =>
        gatherRows(final, this.device.upload([itemCount], everyItem()), this.userCount),
    };
  }

  /** λ·(InfoNCE of the batch's users + InfoNCE of its positives) of two views. */
  contrast(
    rowsOfFirst: (index: Tensor, offset: number) => Variable,
    rowsOfSecond: (index: Tensor, offset: number) => Variable,
    batch: PairBatch,
  ): Variable {
    const { contrastWeight, contrastTemperature } = this.#hyperparameters;
    const { device } = this;
    const sides = [
      { ...this.#users, index: batch.users },
      { ...this.#items, index: batch.positives },
    ].map(({ rows, offset, places, index }) => {
      device.kernels.collectRows(rows, [{ index, offset: 0 }]);
      const size = device.boundOf(rows.count, places);
      const shares = device.allocate([size]);
      device.kernels.shareRows(rows, shares);
      const list = { ...rows.list, shape: [size], size };
      const views = [rowsOfFirst(list, offset), rowsOfSecond(list, offset)] as const;
      return infoNce(...views, rows.count, shares, contrastTemperature);
    });
    return scale(sides.reduce(add), contrastWeight);
  }

  finish(embedding: Tensor): Promise<Recommender> {
    const settings = { ...this.#hyperparameters, selfConnections: false };
    const { graph } = this.#context;
    return graphRecommender(this.device, graph, this.propagation, this.alpha, embedding, settings);
  }
}

/**
 * Rows of a perturbed view: the values are the view's, the gradient is the clean
 * propagation's.
 */
export function viewRows(view: Tensor, clean: Variable, index: Tensor, offset: number): Variable {
  const { device } = clean.tape;
  const out = device.allocate([index.size, view.shape[1]!]);
  device.kernels.gatherRows(out, view, index, offset);
  return clean.tape.record(out, [clean], (gradient, sink) => {
    const into = sink.addTo(clean);
    if (into) device.kernels.scatterAddRows(into, index, offset, gradient, 1);
  });
}

/**
 * @param a n × width
 * @param b n × width: row i is the other view of the node of row i
 * @param count one integer: how many of the rows count
 * @param shares n numbers: 1/count for these, 0 for the others
 */
function infoNce(
  a: Variable,
  b: Variable,
  count: Tensor,
  shares: Tensor,
  temperature: number,
): Variable {
  const [first, second] = [normaliseRows(a), normaliseRows(b)];
  const all = matmul(first, second, { transposeB: true });
  hideBeyond(all, count);
  const losses = subtract(
    logSumExpRows(all, 1 / temperature),
    scale(rowDot(first, second), 1 / temperature),
  );
  return sum(multiply(losses, a.tape.constant(shares)));
}
