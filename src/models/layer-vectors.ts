/**
 * A user's vector layer by layer, from what a bundle keeps: final user vectors e_u and the
 * items' messages m_i = d_i^−½·M_i, M_i = Σ_{k<K} α_{k+1}·e_i^(k) (`graph-fold-in.ts`).
 * E^(0) itself is not kept, but with Ã = D^−½AD^−½ it follows:
 *
 *   e_v^(0) = (e_v − d_v^−½·Σ_{i ∈ N_v} m_i) / α_0
 *   M = Q·E_I^(0) + Σ_{odd k<K} α_{k+1}·(ÃᵏE^(0))_I,   Q = Σ_{even k<K} α_{k+1}·(Ã²)^{k/2}
 *
 * A graph has no odd cycle of users and items, so a row of Ãᵏ reaches users where k is even and
 * items where it is odd. For odd n, with w that row and Q·x = w,
 *
 *   e_u^(n) = Σ_i w_i·e_i^(0) = Σ_i x_i·M_i − Σ_{odd k<K} α_{k+1}·Σ_v (xᵀÃᵏ)_v·e_v^(0)
 *
 * Q is symmetric, its eigenvalues lie between α_1 and Σ α, and conjugate gradients solve it in a
 * few products with the graph; no vector is ever wider than the graph has nodes.
 *
 * @module
 */

import type { PowerRows } from "../graph/power-rows.ts";
import { messageName } from "./graph-fold-in.ts";
import type { LayerMixture, Recommender } from "./recommender.ts";

/** Residual, relative to the right-hand side, at which Q·x = w counts as solved. */
const TOLERANCE = 1e-10;
const MOST_STEPS = 200;

/** Why layers cannot be told apart; null where they can. */
export function layersUnknownBecause({
  alpha,
  normalisation,
  selfConnections,
}: LayerMixture): string | null {
  if (!alpha) return "its layer weights were learned, and a bundle does not keep them";
  if (selfConnections)
    return "with self-connections a bundle does not keep enough to tell layers apart";
  if (normalisation !== "symmetric")
    return `layers are told apart for the symmetric normalisation alone, not for "${normalisation}"`;
  if (alpha.some((weight) => weight < 0)) return "one of its layer weights is negative";
  if (!alpha[0] || !alpha[1]) {
    return "it gives the first layers no weight, so that what they held cannot be told from its bundle";
  }
  return null;
}

/**
 * e_u^(0) … e_u^(K).
 * @param rows the training graph, normalised as the model's
 * @param alpha α_0 … α_K, of a mixture for which `layersUnknownBecause` is null
 */
export function layerVectors(
  recommender: Recommender,
  rows: PowerRows,
  alpha: readonly number[],
  user: number,
): Float64Array[] {
  const { width, users } = recommender.embeddings!;
  const messages = recommender.save()[messageName(0)]!.data;
  const { userCount, nodeCount, itemCount } = rows.graph;
  const degreeOf = (node: number) => rows.neighbours(node).length;

  /** Σ_v weights_v·e_v^(0) over users v. */
  const sumOfUsers = (weights: Float64Array): Float64Array => {
    const sum = new Float64Array(width);
    const heard = new Float64Array(itemCount);
    for (let v = 0; v < userCount; v++) {
      const weight = weights[v]! / alpha[0]!;
      if (weight === 0) continue;
      for (let at = 0; at < width; at++) sum[at]! += weight * users[v * width + at]!;
      const items = rows.neighbours(v);
      for (const item of items) heard[item - userCount]! -= weight / Math.sqrt(items.length);
    }
    addItems(sum, heard, messages);
    return sum;
  };

  const combination = (x: Float64Array, terms: (k: number) => boolean): Float64Array => {
    const sum = new Float64Array(nodeCount);
    let power = x;
    for (let k = 0; k + 1 < alpha.length; k++) {
      if (k > 0) power = rows.next(power);
      if (terms(k)) for (let at = 0; at < nodeCount; at++) sum[at]! += alpha[k + 1]! * power[at]!;
    }
    return sum;
  };

  const sumOfItems = (weights: Float64Array): Float64Array => {
    const x = conjugateGradients((p) => combination(p, (k) => k % 2 === 0), weights);
    const byItem = Float64Array.from(
      { length: itemCount },
      // M_i = d_i^½·m_i
      (_, item) => x[userCount + item]! * Math.sqrt(degreeOf(userCount + item)),
    );
    const sum = new Float64Array(width);
    addItems(sum, byItem, messages);
    const odd = sumOfUsers(combination(x, (k) => k % 2 === 1));
    return sum.map((value, at) => value - odd[at]!);
  };

  let row = rows.unit(user);
  return alpha.map((_, k) => {
    if (k > 0) row = rows.next(row);
    return k % 2 === 0 ? sumOfUsers(row) : sumOfItems(row);
  });
}

/** sum += Σ_i weights_i·table_i */
function addItems(sum: Float64Array, weights: Float64Array, table: ArrayLike<number>): void {
  const width = sum.length;
  for (const [item, weight] of weights.entries()) {
    if (weight === 0) continue;
    for (let at = 0; at < width; at++) sum[at]! += weight * table[item * width + at]!;
  }
}

/** x with Q·x = b, for a symmetric positive definite Q (Hestenes & Stiefel 1952). */
function conjugateGradients(q: (x: Float64Array) => Float64Array, b: Float64Array): Float64Array {
  const x = new Float64Array(b.length);
  const residual = b.slice();
  let direction = b.slice();
  let norm = dot(residual, residual);
  const enough = TOLERANCE ** 2 * norm;
  for (let step = 0; step < MOST_STEPS && norm > enough; step++) {
    const image = q(direction);
    const length = norm / dot(direction, image);
    for (let at = 0; at < x.length; at++) {
      x[at]! += length * direction[at]!;
      residual[at]! -= length * image[at]!;
    }
    const next = dot(residual, residual);
    direction = direction.map((value, at) => residual[at]! + (next / norm) * value);
    norm = next;
  }
  return x;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
