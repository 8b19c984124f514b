/**
 * Linear propagation P = Σ_k α_k Ãᵏ, k = 0 … K, with Ã = diag(p)·A·diag(q), and its
 * adjoint, by Horner's rule h ← α_k·x + Ã·h. The tables of the layers between are kept
 * as q ⊙ h, so that a gather reads neighbours by index alone.
 *
 * Training reads only the batch's rows of the result, and the gradient enters
 * only at those rows: the last forward layer computes these rows alone, and the
 * first backward layer gathers from these rows alone. Both are exact.
 *
 * Where messages are bfloat16, the tables that layers gather from are; sums are float32,
 * and so are x and the result. A message is rounded once a layer, by at most u = 2⁻⁸ of
 * itself, so that the result is off by at most Σ_k |α_k|·((1+u)ᵏ − 1)·Ãᵏ|x|, beside
 * float32's own rounding.
 *
 * @module
 */

import type { Device } from "../engine/device.ts";
import type {
  PropagateOptions,
  RowMultiples,
  RowSet,
  RowUpdate,
  SparseRows,
} from "../engine/kernels.ts";
import type { Tensor } from "../engine/tensor.ts";
import { adjacencyRows, type BipartiteGraph, uploadRows } from "./bipartite.ts";
import { inOrder, inverseOrder } from "./node-order.ts";
import { type Normalisation, normalisationScales } from "./normalisation.ts";

/** How the vectors that a layer gathers are stored. */
export const messageTypes = ["float32", "bfloat16"] as const;

export type MessageType = (typeof messageTypes)[number];

export interface PropagationOptions {
  /** Whether Ã is made of A + I. */
  readonly selfConnections?: boolean;
  /** The node at each row of all tables; null = the graph's own order. */
  readonly order?: Int32Array | null;
  /** Of `forward` and `adjoint`; the embeddings of `forwardToGraph` are always float32. */
  readonly messages?: MessageType;
}

/** What layers gather from. */
interface Tables {
  /** q ⊙ x, to be added at each layer too; null: layers then add x, and one of `turns` holds q ⊙ x. */
  readonly input: Tensor | null;
  /** For layers in turn, the first for even ones; without `input` it may be the result's own. */
  readonly turns: readonly [Tensor, Tensor];
}

function tablesOf(device: Device, shape: readonly number[], messages: MessageType): Tables {
  const isFloat = messages === "float32";
  const table = () => device.allocate(shape, isFloat ? "f32" : "bf16");
  return { input: isFloat ? table() : null, turns: [table(), table()] };
}

export class Propagation {
  readonly device: Device;
  readonly #adjacency: SparseRows;
  /** The place of each node in the tables; null in the graph's own order. */
  readonly #places: Tensor | null;
  /** p, q and p ⊙ q. */
  readonly #rowScale: Tensor;
  readonly #columnScale: Tensor;
  readonly #bothScales: Tensor;
  readonly #tables: Tables;

  /**
   * Takes the graph, the scales and buffers from the device's arena: three of nodes × width,
   * or two of half the bytes.
   */
  constructor(
    device: Device,
    graph: BipartiteGraph,
    normalisation: Normalisation,
    width: number,
    { selfConnections = false, order = null, messages = "float32" }: PropagationOptions = {},
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
    this.#places = order && device.upload([nodeCount], inverseOrder(order));
    this.#rowScale = upload((node) => p[node]!);
    this.#columnScale = upload((node) => q[node]!);
    this.#bothScales = upload((node) => p[node]! * q[node]!);
    this.#tables = tablesOf(device, [nodeCount, width], messages);
  }

  /**
   * out = P·x
   * @param weights α_0 … α_K; K ≥ 1 where rows are given
   * @param out nodes × width
   * @param x nodes × width, not out
   * @param rows compute these rows of out only; null = all
   */
  forward(weights: readonly number[], out: Tensor, x: Tensor, rows: RowSet | null): void {
    const scales = { rows: this.#rowScale, columns: this.#columnScale };
    this.#horner(this.#tables, weights, out, x, scales, rows, null, null);
  }

  /** out = P·x in float32, with out in the graph's own order, in whatever order x is. */
  forwardToGraph(weights: readonly number[], out: Tensor, x: Tensor): void {
    const { device } = this;
    const places = this.#places;
    const scales = { rows: this.#rowScale, columns: this.#columnScale };
    const mark = device.mark();
    const other = device.allocate(x.shape);
    const inner = places ? other : out;
    // In place of rounded tables the two at hand do: no more memory than a step takes.
    const tables: Tables = this.#tables.input
      ? this.#tables
      : { input: null, turns: [inner, places ? out : other] };
    this.#horner(tables, weights, inner, x, scales, null, null, null);
    if (places) {
      device.kernels.moveRows(out, inner, { from: places, scale: null, rows: null });
    }
    device.release(mark);
  }

  /**
   * out = Pᵀ·g
   * @param weights α_0 … α_K; K ≥ 1 where rows are given
   * @param g nodes × width, not out; read only at `rows`
   * @param rows where g is not zero; null = everywhere
   */
  adjoint(weights: readonly number[], out: Tensor, g: Tensor, rows: RowSet | null): void {
    const scales = { rows: this.#columnScale, columns: this.#rowScale };
    this.#horner(this.#tables, weights, out, g, scales, null, rows, null);
  }

  /**
   * Updates a parameter by the gradient Pᵀ·g, each row as it is made.
   * @param weights α_0 … α_K, K ≥ 1
   * @param g nodes × width, not the parameter; read only at `rows`
   * @param rows where g is not zero; null = everywhere
   * @param multiples of the parameter's own rows, which belong to the gradient too
   */
  adjointUpdate(
    weights: readonly number[],
    parameter: Tensor,
    g: Tensor,
    rows: RowSet | null,
    update: RowUpdate,
    multiples: RowMultiples | null,
  ): void {
    const scales = { rows: this.#columnScale, columns: this.#rowScale };
    const onto = { update, multiples };
    this.#horner(this.#tables, weights, parameter, g, scales, null, rows, onto);
  }

  #horner(
    { input, turns }: Tables,
    weights: readonly number[],
    out: Tensor,
    x: Tensor,
    scales: { readonly rows: Tensor; readonly columns: Tensor },
    outputRows: RowSet | null,
    inputRows: RowSet | null,
    onto: { readonly update: RowUpdate; readonly multiples: RowMultiples | null } | null,
  ): void {
    const layers = weights.length - 1;
    const { kernels } = this.device;
    if (layers === 0 && !outputRows && !inputRows && !onto) {
      kernels.scaleAdd(out, x, weights[0]!, 0);
      return;
    }
    if (layers < 1) {
      throw new RangeError("propagation of some rows, or onto a parameter, needs a layer");
    }
    let source = input ?? turns[layers & 1]!;
    const start = { scale: scales.columns, rows: inputRows };
    if (source.type === "bf16") kernels.roundRows(source, x, start);
    else kernels.moveRows(source, x, { from: null, ...start });
    for (let layer = layers - 1; layer >= 0; layer--) {
      const isFirst = layer === layers - 1;
      const isLast = layer === 0;
      const target = isLast ? out : turns[layer & 1]!;
      const bias = weights[layer]!;
      const options: PropagateOptions = {
        columnScale: null,
        rowScale: isLast || !input ? scales.rows : this.#bothScales,
        factor: isFirst ? weights[layers]! : 1,
        base: bias === 0 ? null : isLast || !input ? x : input,
        bias,
        baseRows: inputRows,
        outScale: isLast || input ? null : scales.columns,
        outputRows: isLast ? outputRows : null,
        inputRows: isFirst ? inputRows : null,
      };
      if (isLast && onto) {
        const { update, multiples } = onto;
        kernels.propagateUpdate(out, update, this.#adjacency, source, options, multiples);
      } else kernels.propagate(target, this.#adjacency, source, options);
      source = target;
    }
  }
}
