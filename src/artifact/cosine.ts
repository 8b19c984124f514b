/**
 * The angle between item embeddings.
 *
 * @module
 */

import type { Embeddings } from "../models/recommender.ts";

/**
 * cos(e_i, e_j) = e_i·e_j / (‖e_i‖ ‖e_j‖) of one item with others; 0 where a vector is all zeros.
 * @param others dense item indices
 * @returns one number each
 */
export function itemCosines(
  { items, width }: Embeddings,
  item: number,
  others: Int32Array,
): Float64Array {
  const own = items.subarray(item * width, (item + 1) * width);
  const ownNorm = Math.hypot(...own);
  const cosines = new Float64Array(others.length);
  others.forEach((other, at) => {
    let [product, square] = [0, 0];
    for (let column = 0; column < width; column++) {
      const value = items[other * width + column]!;
      product += own[column]! * value;
      square += value * value;
    }
    const norms = ownNorm * Math.sqrt(square);
    cosines[at] = norms === 0 ? 0 : product / norms;
  });
  return cosines;
}
