/**
 * Linear propagation P = Σ_k α_k Ãᵏ, k = 0 … K, with Ã = diag(p)·A·diag(q), and its
 * adjoint, by Horner's rule h ← α_k·x + Ã·h. The tables of the layers between are kept
 * as q ⊙ h, so that a gather reads neighbours by index alone.
 *
 * Training reads only the batch's rows of the result, and the gradient enters
 * only at those rows: the last forward layer computes these rows alone, and the
 * first backward layer gathers from these rows alone. Both are exact.
 *
 * @module
 */

import type { Device } from "../engine/device.ts";
import type { RowSet, SparseRows, UserItems } from "../engine/kernels.ts";
import type { Tensor } from "../engine/tensor.ts";
import { adjacencyRows, adjacencyUserItems, type BipartiteGraph, uploadRows } from "./bipartite.ts";
import { inOrder, inverseOrder } from "./node-order.ts";
import { type Normalisation, normalisationScales } from "./normalisation.ts";

export interface PropagationOptions {
  /** Whether Ã is made of A + I. */
  readonly selfConnections?: boolean;
  /** The node at each row of all tables; null = the graph's own order. */
  readonly order?: Int32Array | null;
}

export class Propagation {
  readonly device: Device;
  /** Each user's items: the first rows of the adjacency matrix. */
  readonly userItems: UserItems;
  readonly #adjacency: SparseRows;
  /** p, q and p ⊙ q. */
  readonly #rowScale: Tensor;
  readonly #columnScale: Tensor;
  readonly #bothScales: Tensor;
  /** q ⊙ x, then two tables for layers in turn. */
  readonly #input: Tensor;
  readonly #buffers: readonly [Tensor, Tensor];

  /** Takes the graph, the scales and three nodes × width buffers from the device's arena. */
  constructor(
    device: Device,
    graph: BipartiteGraph,
    normalisation: Normalisation,
    width: number,
    { selfConnections = false, order = null }: PropagationOptions = {},
  ) {
    const { nodeCount } = graph;
    const rows = adjacencyRows(graph, selfConnections);
    const scales = normalisationScales(graph, normalisation, selfConnections);
    const upload = (scale: (node: number) => number) =>
      device.upload(
        [nodeCount],
        Float32Array.from({ length: nodeCount }, (_, row) => scale(order ? order[row]! : row)),
      );
    const [p, q] = [scales.rows, scales.columns];
    this.device = device;
    this.#adjacency = uploadRows(device, order ? inOrder(rows, order) : rows, nodeCount);
    this.userItems = {
      ...adjacencyUserItems(this.#adjacency, graph, selfConnections),
      order: order && {
        places: device.upload([nodeCount], inverseOrder(order)),
        nodes: device.upload([nodeCount], order),
      },
    };
    this.#rowScale = upload((node) => p[node]!);
    this.#columnScale = upload((node) => q[node]!);
    this.#bothScales = upload((node) => p[node]! * q[node]!);
    const buffer = () => device.allocate([nodeCount, width]);
    this.#input = buffer();
    this.#buffers = [buffer(), buffer()];
  }

  /**
   * out = P·x
   * @param weights α_0 … α_K; K ≥ 1 where rows are given
   * @param out nodes × width
   * @param x nodes × width, not out
   * @param rows compute these rows of out only; null = all
   */
  forward(weights: readonly number[], out: Tensor, x: Tensor, rows: RowSet | null): void {
    this.#horner(weights, out, x, this.#rowScale, this.#columnScale, rows, null);
  }

  /** out = P·x, with out in the graph's own order, in whatever order x is. */
  forwardToGraph(weights: readonly number[], out: Tensor, x: Tensor): void {
    const { order } = this.userItems;
    if (!order) {
      this.forward(weights, out, x, null);
      return;
    }
    const { device } = this;
    const mark = device.mark();
    const inner = device.allocate(x.shape);
    this.forward(weights, inner, x, null);
    device.kernels.moveRows(out, inner, { from: order.places, scale: null, rows: null });
    device.release(mark);
  }

  /**
   * out = Pᵀ·g
   * @param weights α_0 … α_K; K ≥ 1 where rows are given
   * @param g nodes × width, not out; read only at `rows`
   * @param rows where g is not zero; null = everywhere
   */
  adjoint(weights: readonly number[], out: Tensor, g: Tensor, rows: RowSet | null): void {
    this.#horner(weights, out, g, this.#columnScale, this.#rowScale, null, rows);
  }

  #horner(
    weights: readonly number[],
    out: Tensor,
    x: Tensor,
    rowScale: Tensor,
    columnScale: Tensor,
    outputRows: RowSet | null,
    inputRows: RowSet | null,
  ): void {
    const layers = weights.length - 1;
    const { kernels } = this.device;
    if (layers === 0 && !outputRows && !inputRows) {
      kernels.scaleAdd(out, x, weights[0]!, 0);
      return;
    }
    if (layers < 1) throw new RangeError("propagation of a batch's rows needs at least one layer");
    const input = this.#input;
    kernels.moveRows(input, x, { from: null, scale: columnScale, rows: inputRows });
    let source = input;
    for (let layer = layers - 1; layer >= 0; layer--) {
      const isFirst = layer === layers - 1;
      const isLast = layer === 0;
      const target = isLast ? out : this.#buffers[layer & 1]!;
      const bias = weights[layer]!;
      kernels.propagate(target, this.#adjacency, source, {
        columnScale: null,
        rowScale: isLast ? rowScale : this.#bothScales,
        factor: isFirst ? weights[layers]! : 1,
        base: bias === 0 ? null : isLast ? x : input,
        bias,
        baseRows: inputRows,
        outScale: null,
        outputRows: isLast ? outputRows : null,
        inputRows: isFirst ? inputRows : null,
      });
      source = target;
    }
  }
}
