/**
 * The interaction matrix as a linear map between items and users,
 *
 *   R̃ = D_U^−a · R · D_I^−b
 *
 * with R of ones (users × items) and D the degrees; a = b = 0 is R itself,
 * a = b = ½ the symmetric normalisation. Graph filters and singular vectors are
 * made of its products; R̃ stays sparse in all of them.
 *
 * @module
 */

import { rowLengths } from "../data/rows.ts";
import { type Device, readIntegers } from "../engine/device.ts";
import { type PropagateOptions, plainProduct, type SparseRows } from "../engine/kernels.ts";
import type { LinearMap } from "../engine/randomised-svd.ts";
import type { SparseMatrix } from "../engine/sparse-kernels.ts";
import type { Tensor } from "../engine/tensor.ts";
import { type BipartiteGraph, uploadRows } from "./bipartite.ts";

/** Exponents of the degrees. */
export interface DegreeExponents {
  /** a, of the users */
  readonly users: number;
  /** b, of the items */
  readonly items: number;
}

/** d^−exponent for each row of a pattern; 0 for an empty row, unless the exponent is 0 and all are 1. */
export function degreeScale(indptr: Int32Array, exponent: number): Float32Array {
  return Float32Array.from(rowLengths({ indptr }), (degree) =>
    degree === 0 && exponent !== 0 ? 0 : degree ** -exponent,
  );
}

export class InteractionMatrix implements LinearMap {
  readonly device: Device;
  /** R and Rᵀ. */
  readonly #userItems: SparseRows;
  readonly #itemUsers: SparseRows;
  /** p = d_u^−a and p², q = d_i^−b. */
  readonly #users: Tensor;
  readonly #usersSquared: Tensor;
  readonly #items: Tensor;

  /** Takes R, Rᵀ and their scales from the device's arena. */
  constructor(device: Device, graph: BipartiteGraph, exponents: DegreeExponents) {
    const { userItems, itemUsers, userCount, itemCount } = graph;
    const users = degreeScale(userItems.indptr, exponents.users);
    this.device = device;
    this.#userItems = uploadRows(device, userItems, itemCount);
    this.#itemUsers = uploadRows(device, itemUsers, userCount);
    this.#users = device.upload([userCount], users);
    this.#usersSquared = device.upload(
      [userCount],
      users.map((scale) => scale * scale),
    );
    this.#items = device.upload([itemCount], degreeScale(itemUsers.indptr, exponents.items));
  }

  get rowCount(): number {
    return this.#userItems.rowCount;
  }

  get columnCount(): number {
    return this.#itemUsers.rowCount;
  }

  /** out = R̃·x; out is users × width, x items × width. */
  multiply(out: Tensor, x: Tensor): void {
    this.#product(out, this.#userItems, x, { columnScale: this.#items, rowScale: this.#users });
  }

  /** out = R̃ᵀ·x; out is items × width, x users × width. */
  multiplyTransposed(out: Tensor, x: Tensor): void {
    this.#product(out, this.#itemUsers, x, { columnScale: this.#users, rowScale: this.#items });
  }

  /**
   * out = Σ_j c_j·Pʲ·x with P = R̃ᵀR̃, by Horner's rule; takes scratch of one users × width and,
   * from the second power on, one items × width from the arena.
   * @param coefficients c_0 … c_n
   * @param out items × width, not x
   */
  gramPolynomial(out: Tensor, x: Tensor, coefficients: readonly number[]): void {
    const { device } = this;
    const degree = coefficients.length - 1;
    const mark = device.mark();
    const between = device.allocate([this.rowCount, x.shape[1]!]);
    const buffers = [out, degree > 0 ? device.allocate(out.shape) : out] as const;
    let power = buffers[(degree & 1) as 0 | 1];
    device.kernels.scaleAdd(power, x, coefficients[degree]!, 0);
    if (degree > 0) device.kernels.scaleRows(power, power, this.#items, false);
    // What is carried is diag(q)·h: with R̃ᵀR̃ = diag(q)·Rᵀ·diag(p²)·R·diag(q) all scales stand
    // where rows are written, and a gather reads rows by index alone.
    for (let j = degree - 1; j >= 0; j--) {
      const next = buffers[(j & 1) as 0 | 1];
      const bias = coefficients[j]!;
      this.#product(between, this.#userItems, power, { rowScale: this.#usersSquared });
      this.#product(next, this.#itemUsers, between, {
        rowScale: this.#items,
        base: bias === 0 ? null : x,
        bias,
        outScale: j === 0 ? null : this.#items,
      });
      power = next;
    }
    device.release(mark);
  }

  /**
   * P = (R̃ᵀR̃)^∘power, the item-item matrix itself, sparse. Takes 8 bytes an entry from the arena.
   * @param power Hadamard power; 1 leaves the entries as they are
   * @param mostEntries null comes back where P has more
   */
  async gram(power: number, mostEntries = Infinity): Promise<SparseMatrix | null> {
    const { kernels } = this.device;
    const itemCount = this.columnCount;
    const counts = this.device.allocate([itemCount], "i32");
    kernels.countSparseProduct(counts, this.#itemUsers, this.#userItems);
    const count = await readIntegers(this.device, counts);
    const entries = count.reduce((sum, ofRow) => sum + ofRow, 0);
    if (entries > mostEntries) return null;
    const indptr = new Int32Array(itemCount + 1);
    count.forEach((ofRow, item) => {
      indptr[item + 1] = indptr[item]! + ofRow;
    });
    const matrix = {
      rowCount: itemCount,
      columnCount: itemCount,
      indptr: this.device.upload([itemCount + 1], indptr),
      indices: this.device.allocate([entries], "i32"),
      values: this.device.allocate([entries]),
    };
    kernels.sparseProduct(matrix, this.#itemUsers, this.#userItems, {
      rowScale: this.#items,
      middleScale: this.#usersSquared,
      columnScale: this.#items,
      power,
    });
    return matrix;
  }

  #product(out: Tensor, matrix: SparseRows, x: Tensor, options: Partial<PropagateOptions>): void {
    this.device.kernels.propagate(out, matrix, x, { ...plainProduct, ...options });
  }
}
