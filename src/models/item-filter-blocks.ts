/**
 * A linear filter of histories (`item-filter.ts`) on a device, for blocks of
 * people. The linear part multiplies sparse rows with the sparse P. Higher
 * powers start from that product, a dense block, and go on through R̃ and R̃ᵀ,
 * which have far fewer entries than P: columns of the block are people then, and
 * a row is gathered at once. A history that is weighted by degrees starts dense,
 * since sparse rows are ones. The part of low rank is two products.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import { plainProduct, type SparseRows } from "../engine/kernels.ts";
import type { SparseMatrix } from "../engine/sparse-kernels.ts";
import type { Tensor } from "../engine/tensor.ts";
import { uploadRows } from "../graph/bipartite.ts";
import { degreeScale, InteractionMatrix } from "../graph/interaction-matrix.ts";
import type { ItemFilterParts } from "./item-filter-parts.ts";

/** People of a block whose powers are dense: their columns of all items stay in a large cache. */
const denseBlock = 64;

/** P is not laid out beyond this many entries (1.6 GB) where R̃ can do without. */
const mostEntries = 200_000_000;

export class ItemFilterBlocks {
  readonly #device: Device;
  readonly #parts: ItemFilterParts;
  readonly #matrix: InteractionMatrix;
  /** P; null where it is too large */
  readonly #p: SparseMatrix | null;
  /** d_i^−γ and d_i^γ; null where γ = 0 */
  readonly #degrees: { readonly before: Tensor; readonly after: Tensor } | null;
  readonly #left: Tensor | null;
  readonly #right: Tensor | null;

  private constructor(
    device: Device,
    parts: ItemFilterParts,
    matrix: InteractionMatrix,
    p: SparseMatrix | null,
  ) {
    this.#device = device;
    this.#parts = parts;
    this.#matrix = matrix;
    this.#p = p;
    const { graph, lowRank, signalExponent } = parts;
    const power = (exponent: number) =>
      device.upload([graph.itemCount], degreeScale(graph.itemUsers.indptr, exponent));
    this.#degrees =
      signalExponent === 0
        ? null
        : { before: power(signalExponent), after: power(-signalExponent) };
    const shape = [graph.itemCount, lowRank?.width ?? 0];
    this.#left = lowRank && device.upload(shape, lowRank.left);
    this.#right = lowRank && device.upload(shape, lowRank.right);
  }

  /**
   * Takes R̃, P and the part of low rank from the device's arena.
   * @throws MemoryError where P has a Hadamard power and does not fit
   */
  static async prepare(device: Device, parts: ItemFilterParts): Promise<ItemFilterBlocks> {
    const matrix = new InteractionMatrix(device, parts.graph, parts.exponents);
    const dense = parts.signalExponent !== 0 && parts.power === 1;
    const p = dense
      ? null
      : await matrix.gram(parts.power, parts.power === 1 ? mostEntries : Infinity);
    return new ItemFilterBlocks(device, parts, matrix, p);
  }

  get blockSize(): number | null {
    return this.#isLinear ? null : denseBlock;
  }

  /** out = the rows of ones, times F. */
  score(out: Tensor, histories: Rows): void {
    const { kernels } = this.#device;
    const mark = this.#device.mark();
    const x = uploadRows(this.#device, histories, this.#parts.graph.itemCount);
    const [constant = 0, linear = 0] = this.#parts.polynomial;
    if (this.#isLinear) {
      const settings = { scale: linear, diagonal: constant, accumulate: false };
      kernels.multiplySparseRows(out, x, this.#p, settings);
    } else {
      this.#scorePowers(out, x);
    }
    this.#addLowRank(out, x);
    this.#device.release(mark);
  }

  get #isLinear(): boolean {
    return this.#p !== null && this.#degrees === null && this.#parts.polynomial.length <= 2;
  }

  /** out = x·D^−γ·A(P)·D^γ; where γ = 0 and P is there, as a_0·x + (x·P)·(a_1 + a_2·P + …). */
  #scorePowers(out: Tensor, x: SparseRows): void {
    const device = this.#device;
    const { kernels } = device;
    const { polynomial } = this.#parts;
    const first = this.#degrees ? null : this.#p;
    const [constant, ...higher] = polynomial as [number, ...number[]];
    const coefficients = first ? higher : polynomial;
    const sideways = [out.shape[1]!, out.shape[0]!];
    const [start, powers] = [device.allocate(sideways), device.allocate(sideways)];
    const settings = { scale: 1, diagonal: first ? 0 : 1, accumulate: false };
    kernels.multiplySparseRows(out, x, first, settings);
    kernels.transpose(start, out);
    if (this.#degrees) kernels.scaleRows(start, start, this.#degrees.before, false);
    if (this.#parts.power === 1) this.#matrix.gramPolynomial(powers, start, coefficients);
    else this.#weightedPolynomial(powers, start, this.#p!, coefficients);
    if (this.#degrees) kernels.scaleRows(powers, powers, this.#degrees.after, false);
    kernels.transpose(out, powers);
    if (first && constant !== 0) {
      const diagonal = { scale: 0, diagonal: constant, accumulate: true };
      kernels.multiplySparseRows(out, x, null, diagonal);
    }
  }

  /** out = Σ_j c_j·Pʲ·x for a P that is no product any more. */
  #weightedPolynomial(
    out: Tensor,
    x: Tensor,
    p: SparseMatrix,
    coefficients: readonly number[],
  ): void {
    const device = this.#device;
    const degree = coefficients.length - 1;
    const buffers = [out, device.allocate(out.shape)] as const;
    device.kernels.scaleAdd(buffers[(degree & 1) as 0 | 1], x, coefficients[degree]!, 0);
    for (let j = degree - 1; j >= 0; j--) {
      const next = buffers[(j & 1) as 0 | 1];
      device.kernels.multiplyWeighted(next, p, buffers[((j + 1) & 1) as 0 | 1]);
      device.kernels.scaleAdd(next, x, coefficients[j]!, 1);
    }
  }

  /** out += (x·L)·Wᵀ */
  #addLowRank(out: Tensor, x: SparseRows): void {
    if (!this.#left || !this.#right) return;
    const { kernels } = this.#device;
    const queries = this.#device.allocate([x.rowCount, this.#left.shape[1]!]);
    kernels.propagate(queries, x, this.#left, plainProduct);
    kernels.matmul(out, queries, this.#right, false, true, 1, 1);
  }
}
