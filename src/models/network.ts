/**
 * Graph networks that are not linear (NGCF, GCN, GAT): how they are trained and
 * made into a recommender. A model says what enters, what a layer does, and what
 * of the layers comes out.
 *
 * Training reads only the batch's rows of the last layer. Where these are few, the
 * last layer hears in these rows alone and its dense part works on them alone;
 * what a row gets is the same, but for dropout, drawn there for each row that is read.
 *
 * @module
 */

import { purposeKey } from "../base/random.ts";
import { type Device, readFloats } from "../engine/device.ts";
import type { RowSet } from "../engine/kernels.ts";
import { add, dropout, gatherRows, scale, squaredNorm } from "../engine/operators/index.ts";
import { Tape, type Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { type BipartiteGraph, emptyRowSet } from "../graph/bipartite.ts";
import type {
  Criterion,
  GradientContext,
  PairBatch,
  PairModel,
  Parameter,
  Parameters,
} from "./gradient.ts";
import type { Embeddings, Recommender, SavedTensors } from "./recommender.ts";
import type { PairEmbeddingHyperparameters } from "./training-schema.ts";
import { itemIndices, needsAllItems, rankedItems, vectorScores } from "./vector-scores.ts";

/** One layer, in two parts. */
export interface NetworkLayer {
  /**
   * What nodes hear from their neighbours and bring along: tables of all nodes.
   * @param rows where the tables must be right; null = everywhere
   */
  hear(x: Variable, rows: RowSet | null): readonly Variable[];
  /** From rows of these tables to the same rows of the next vectors. */
  combine(tables: readonly Variable[]): Variable;
}

/** Drops a share of the numbers while training; hands them on when the model is done. */
export type Dropout = (x: Variable, rate: number) => Variable;

export interface Network {
  /** x^(0), nodes × any width */
  input(parameters: Parameters): Variable;
  layers(parameters: Parameters, drop: Dropout): readonly NetworkLayer[];
  /**
   * Final vectors of some rows.
   * @param at the same rows of x^(k), for k = 0 … K
   */
  output(at: (k: number) => Variable): Variable;
  /**
   * The recommender.
   * @param inner x^(0) … x^(K−1) of all nodes
   */
  finish(
    embeddings: Embeddings,
    inner: readonly Variable[],
    weights: Parameters,
  ): Promise<Recommender>;
}

type Settings = PairEmbeddingHyperparameters;

/** Random numbers of a step that dropout may draw, beside those of other steps. */
const drawsInStep = 256;

export class NetworkModel implements PairModel {
  readonly #network: Network;
  readonly #settings: Settings;
  readonly #graph: BipartiteGraph;
  readonly #device: Device;
  readonly #keys: readonly [number, number];
  /** The nodes of the batch; null where every node's vectors are computed. */
  readonly #batchRows: RowSet | null;

  constructor(network: Network, settings: Settings, context: GradientContext) {
    const { device, graph, batchSize, seed } = context;
    this.#network = network;
    this.#settings = settings;
    this.#graph = graph;
    this.#device = device;
    this.#keys = [seed >>> 0, purposeKey("network dropout")];
    const read = (2 + settings.negativeCount) * batchSize;
    const few = 2 * read < graph.nodeCount && !needsAllItems(settings);
    this.#batchRows = few ? emptyRowSet(device, graph.nodeCount, read) : null;
  }

  loss(
    _tape: Tape,
    parameters: Parameters,
    batch: PairBatch,
    criterion: Criterion,
  ): readonly Variable[] {
    const { userCount, itemCount } = this.#graph;
    const parts = [
      { index: batch.users, offset: 0 },
      ...itemIndices(batch).map((index) => ({ index, offset: userCount })),
    ];
    const rows = this.#batchRows;
    if (rows) this.#device.kernels.collectRows(rows, parts);
    const { inner, rowsOf } = this.#run(parameters, this.#dropout(batch.draw), rows);
    const source = {
      users: (index: Tensor) => rowsOf(index, 0),
      items: (index: Tensor) => rowsOf(index, userCount),
      allItems: () => rowsOf(this.#everyItem(itemCount), userCount),
    };
    const scores = vectorScores(source, batch, this.#settings);
    const terms = [criterion(scores)];
    if (this.#settings.l2 > 0) {
      const penalty = parts
        .map(({ index, offset }) => squaredNorm(gatherRows(inner[0]!, index, offset)))
        .reduce(add);
      terms.push(scale(penalty, this.#settings.l2 / 2 / batch.users.size));
    }
    return terms;
  }

  endStep(): void {
    if (this.#batchRows) this.#device.kernels.clearRows(this.#batchRows);
  }

  async finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender> {
    const device = this.#device;
    const mark = device.mark();
    const tape = new Tape(device, {});
    const weights = Object.fromEntries(
      Object.entries(parameters).map(([name, tensor]) => [name, tape.constant(tensor)]),
    );
    const { inner, whole } = this.#run(weights, (x) => x, null);
    const [, width = 0] = whole!.value.shape;
    const final = await readFloats(device, whole!.value);
    const cut = this.#graph.userCount * width;
    const items = rankedItems(final.slice(cut), width, this.#settings.ranking);
    const embeddings = { width, users: final.slice(0, cut), items };
    const recommender = await this.#network.finish(embeddings, inner, weights);
    device.release(mark);
    return recommender;
  }

  /** All layers; x^(0) … x^(K−1) of all nodes, and how to take rows of the final vectors. */
  #run(parameters: Parameters, drop: Dropout, rows: RowSet | null) {
    const layers = this.#network.layers(parameters, drop);
    const inner = [this.#network.input(parameters)];
    for (const layer of layers.slice(0, -1)) {
      inner.push(layer.combine(layer.hear(inner.at(-1)!, null)));
    }
    const last = layers.at(-1)!;
    const tables = last.hear(inner.at(-1)!, rows);
    if (!rows) {
      const all = [...inner, last.combine(tables)];
      const whole = this.#network.output((k) => all[k]!);
      const rowsOf = (index: Tensor, offset: number) => gatherRows(whole, index, offset);
      return { inner, whole, rowsOf };
    }
    const rowsOf = (index: Tensor, offset: number) => {
      const taken = (table: Variable) => gatherRows(table, index, offset);
      return this.#network.output((k) =>
        k < inner.length ? taken(inner[k]!) : last.combine(tables.map(taken)),
      );
    };
    return { inner, whole: null, rowsOf };
  }

  #dropout(draw: number): Dropout {
    const [key0, key1] = this.#keys;
    let next = draw * drawsInStep;
    return (x, rate) => (rate === 0 ? x : dropout(x, rate, { key0, key1, draw: next++ }));
  }

  #everyItem(itemCount: number): Tensor {
    return this.#device.upload(
      [itemCount],
      Int32Array.from({ length: itemCount }, (_, item) => item),
    );
  }
}

/** A weight matrix, starting as Glorot & Bengio (AISTATS 2010) have it. */
export function weightMatrix(rows: number, columns: number): Parameter {
  return {
    shape: [rows, columns],
    initial: { kind: "uniform", bound: Math.sqrt(6 / (rows + columns)) },
  };
}

/** The numbers of variables by the names under which they are saved. */
export async function savedVariables(
  variables: Readonly<Record<string, Variable>>,
): Promise<SavedTensors> {
  const saved: Record<string, SavedTensors[string]> = {};
  for (const [name, { tape, value }] of Object.entries(variables)) {
    saved[name] = { shape: value.shape, data: await readFloats(tape.device, value) };
  }
  return saved;
}
