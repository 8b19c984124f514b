/**
 * LightGCN's training step in plain JavaScript, one thread and no WebAssembly: what our kernels
 * must beat to be worth having. So it is written as well as loops can be: rows in CSR with
 * weights computed once, and the gradient by the operator's own symmetry.
 *
 *   E = 1/(K+1)·Σ_k Â^k·X,   L = mean softplus(e_u·e_n − e_u·e_p) + λ/2·Σ‖x‖²/batch,   Adam
 *
 * @module
 */

import type { BipartiteGraph } from "../src/graph/bipartite.ts";

const layers = 3;
const l2 = 1e-4;
const rate = 1e-3;
const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

export class PlainLightgcn {
  readonly #userCount: number;
  readonly #width: number;
  readonly #indptr: Int32Array;
  readonly #neighbours: Int32Array;
  readonly #weights: Float32Array;
  /** X, ∂L/∂X and Adam's moments; nodes × width, users first */
  readonly #x: Float32Array;
  readonly #gradient: Float32Array;
  readonly #first: Float32Array;
  readonly #second: Float32Array;
  readonly #final: Float32Array;
  readonly #finalGradient: Float32Array;
  readonly #layer: [Float32Array, Float32Array];
  #steps = 0;

  /** @param initial nodes × width */
  constructor(
    { userItems, itemUsers, userCount, nodeCount }: BipartiteGraph,
    initial: Float32Array,
  ) {
    const edges = userItems.indices.length;
    this.#userCount = userCount;
    this.#width = initial.length / nodeCount;
    this.#indptr = new Int32Array(nodeCount + 1);
    this.#indptr.set(userItems.indptr);
    for (let item = 0; item < nodeCount - userCount; item++) {
      this.#indptr[userCount + item + 1] = edges + itemUsers.indptr[item + 1]!;
    }
    this.#neighbours = new Int32Array(2 * edges);
    this.#neighbours.set(userItems.indices.map((item) => userCount + item));
    this.#neighbours.set(itemUsers.indices, edges);
    const degree = (node: number) => this.#indptr[node + 1]! - this.#indptr[node]!;
    this.#weights = new Float32Array(2 * edges);
    for (let node = 0; node < nodeCount; node++) {
      for (let at = this.#indptr[node]!; at < this.#indptr[node + 1]!; at++) {
        this.#weights[at] = 1 / Math.sqrt(degree(node) * degree(this.#neighbours[at]!));
      }
    }
    const empty = () => new Float32Array(initial.length);
    this.#x = initial.slice();
    [this.#gradient, this.#first, this.#second] = [empty(), empty(), empty()];
    [this.#final, this.#finalGradient] = [empty(), empty()];
    this.#layer = [empty(), empty()];
  }

  /** One step on a batch of triples of dense indices; answers the loss. */
  step(users: Int32Array, positives: Int32Array, negatives: Int32Array): number {
    this.#propagate(this.#final, this.#x);
    const loss = this.#scoreBatch(users, positives, negatives);
    // The operator is its own adjoint.
    this.#propagate(this.#gradient, this.#finalGradient);
    const penalty = this.#penalise(users, positives, negatives);
    this.#update();
    return loss + penalty;
  }

  #propagate(out: Float32Array, x: Float32Array): void {
    let [from, to] = this.#layer;
    from.set(x);
    out.set(x);
    for (let layer = 0; layer < layers; layer++) {
      this.#multiply(to, from);
      for (let at = 0; at < out.length; at++) out[at]! += to[at]!;
      [from, to] = [to, from];
    }
    for (let at = 0; at < out.length; at++) out[at]! /= layers + 1;
  }

  /** out = Â·x */
  #multiply(out: Float32Array, x: Float32Array): void {
    const [indptr, neighbours, weights, width] = [
      this.#indptr,
      this.#neighbours,
      this.#weights,
      this.#width,
    ];
    out.fill(0);
    for (let node = 0; node + 1 < indptr.length; node++) {
      const row = node * width;
      for (let at = indptr[node]!; at < indptr[node + 1]!; at++) {
        const weight = weights[at]!;
        const other = neighbours[at]! * width;
        for (let column = 0; column < width; column++) {
          out[row + column]! += weight * x[other + column]!;
        }
      }
    }
  }

  /** Mean of the pairwise losses; leaves ∂L/∂E. */
  #scoreBatch(users: Int32Array, positives: Int32Array, negatives: Int32Array): number {
    const [e, g, width] = [this.#final, this.#finalGradient, this.#width];
    g.fill(0);
    let loss = 0;
    for (let at = 0; at < users.length; at++) {
      const u = users[at]! * width;
      const p = (this.#userCount + positives[at]!) * width;
      const n = (this.#userCount + negatives[at]!) * width;
      let difference = 0;
      for (let c = 0; c < width; c++) difference += e[u + c]! * (e[n + c]! - e[p + c]!);
      loss += Math.max(difference, 0) + Math.log1p(Math.exp(-Math.abs(difference)));
      const slope = 1 / (1 + Math.exp(-difference)) / users.length;
      for (let c = 0; c < width; c++) {
        g[u + c]! += slope * (e[n + c]! - e[p + c]!);
        g[n + c]! += slope * e[u + c]!;
        g[p + c]! -= slope * e[u + c]!;
      }
    }
    return loss / users.length;
  }

  #penalise(users: Int32Array, positives: Int32Array, negatives: Int32Array): number {
    const scale = l2 / users.length;
    let squares = 0;
    const add = (node: number) => {
      for (let at = node * this.#width; at < (node + 1) * this.#width; at++) {
        squares += this.#x[at]! ** 2;
        this.#gradient[at]! += scale * this.#x[at]!;
      }
    };
    for (let at = 0; at < users.length; at++) {
      add(users[at]!);
      add(this.#userCount + positives[at]!);
      add(this.#userCount + negatives[at]!);
    }
    return (scale * squares) / 2;
  }

  #update(): void {
    const [x, g, m, v] = [this.#x, this.#gradient, this.#first, this.#second];
    this.#steps++;
    const [c1, c2] = [1 - beta1 ** this.#steps, 1 - beta2 ** this.#steps];
    for (let at = 0; at < x.length; at++) {
      const slope = g[at]!;
      m[at] = beta1 * m[at]! + (1 - beta1) * slope;
      v[at] = beta2 * v[at]! + (1 - beta2) * slope * slope;
      x[at]! -= (rate * m[at]!) / c1 / (Math.sqrt(v[at]! / c2) + epsilon);
    }
  }
}
