/**
 * Linear propagation P = Σ_k α_k Ãᵏ, k = 0 … K, and its adjoint, by Horner's rule
 * H ← α_k·E + Ã·H with one pair of buffers. The scales of Ã = diag(p)·A·diag(q)
 * are multiplied where a row is written, so that a gather reads neighbours by
 * index alone.
 *
 * Training reads only the batch's rows of the result, and the gradient enters
 * only at those rows: the last forward layer computes these rows alone, and the
 * first backward layer gathers from these rows alone. Both are exact.
 *
 * @module
 */

import type { Device } from "../engine/device.ts";
import type { RowSet, SparseRows } from "../engine/kernels.ts";
import type { Tensor } from "../engine/tensor.ts";
import { type BipartiteGraph, uploadAdjacency } from "./bipartite.ts";
import { type Normalisation, normalisationScales } from "./normalisation.ts";

export class Propagation {
  readonly device: Device;
  readonly adjacency: SparseRows;
  readonly #rowScale: Tensor;
  readonly #columnScale: Tensor;
  readonly #buffers: readonly [Tensor, Tensor];

  /**
   * Takes the graph, the scales and two nodes × width buffers from the device's arena.
   * @param selfConnections whether Ã is made of A + I
   */
  constructor(
    device: Device,
    graph: BipartiteGraph,
    normalisation: Normalisation,
    width: number,
    selfConnections = false,
  ) {
    const scales = normalisationScales(graph, normalisation, selfConnections);
    this.device = device;
    this.adjacency = uploadAdjacency(device, graph, selfConnections);
    this.#rowScale = device.upload([graph.nodeCount], scales.rows);
    this.#columnScale = device.upload([graph.nodeCount], scales.columns);
    const buffer = () => device.allocate([graph.nodeCount, width]);
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
    let source = x;
    for (let layer = layers - 1; layer >= 0; layer--) {
      const isFirst = layer === layers - 1;
      const isLast = layer === 0;
      const target = isLast ? out : this.#buffers[layer & 1]!;
      const bias = weights[layer]!;
      kernels.propagate(target, this.adjacency, source, {
        columnScale: isFirst ? columnScale : null,
        rowScale,
        factor: isFirst ? weights[layers]! : 1,
        base: bias === 0 ? null : x,
        bias,
        baseRows: inputRows,
        outScale: isLast ? null : columnScale,
        outputRows: isLast ? outputRows : null,
        inputRows: isFirst ? inputRows : null,
      });
      source = target;
    }
  }
}
