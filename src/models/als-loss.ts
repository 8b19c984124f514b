/**
 * The objective that alternating least squares lowers with every exact half-step.
 *
 * @module
 */

import type { Pairs } from "./als-objective.ts";
import type { AlsHyperparameters } from "./als-schema.ts";
import type { Embeddings } from "./recommender.ts";

/**
 * The objective of `als.ts` over the number of pairs. For implicit feedback Σ_S b is added,
 * which no factor changes: then liked pairs count c·(1 − s)².
 * @param regularisation λ of each row
 */
export function alsLoss(
  settings: AlsHyperparameters,
  { graph, weights, targets, mean }: Pairs,
  { width, users, items }: Embeddings,
  regularisation: { readonly users: Float32Array; readonly items: Float32Array },
): number {
  const { indptr, indices } = graph.userItems;
  const isExplicit = settings.feedback === "explicit";
  let sum = 0;
  for (let user = 0; user < graph.userCount; user++) {
    for (let at = indptr[user]!; at < indptr[user + 1]!; at++) {
      let score = 0;
      const [left, right] = [user * width, indices[at]! * width];
      for (let c = 0; c < width; c++) score += users[left + c]! * items[right + c]!;
      const target = targets[at]!;
      sum += isExplicit
        ? (target - score) ** 2
        : weights[at]! * score ** 2 - 2 * target * score + target;
    }
  }
  const factors = settings.width;
  const hasBiases = isExplicit && settings.biases;
  // Of [x, b_u + μ, 1] and [y, 1, b_i] only factors and biases are regularised.
  sum += penalty(users, width, factors, regularisation.users, hasBiases ? [factors, mean] : null);
  sum += penalty(items, width, factors, regularisation.items, hasBiases ? [factors + 1, 0] : null);
  if (!isExplicit) {
    const [ofUsers, ofItems] = [gram(users, width), gram(items, width)];
    const trace = ofUsers.reduce((total, value, at) => total + value * ofItems[at]!, 0);
    sum += settings.unobservedWeight * trace;
  }
  return sum / Math.max(1, indices.length);
}

/** Σ λ_r·‖x_r‖², biases included. @param bias column and offset of the bias */
function penalty(
  table: Float32Array,
  width: number,
  factors: number,
  lambda: Float32Array,
  bias: readonly [column: number, offset: number] | null,
): number {
  let sum = 0;
  for (let row = 0; row < lambda.length; row++) {
    let norm = bias ? (table[row * width + bias[0]]! - bias[1]) ** 2 : 0;
    for (let c = 0; c < factors; c++) norm += table[row * width + c]! ** 2;
    sum += lambda[row]! * norm;
  }
  return sum;
}

/** XᵀX in double precision. */
function gram(table: Float32Array, width: number): Float64Array {
  const out = new Float64Array(width * width);
  for (let from = 0; from < table.length; from += width) {
    for (let c = 0; c < width; c++) {
      const value = table[from + c]!;
      for (let d = 0; d < width; d++) out[c * width + d]! += value * table[from + d]!;
    }
  }
  return out;
}
