/** Tables of random vectors, and exact answers by brute force. */

import { RandomStream } from "../../src/base/random.ts";

export function table(rows: number, width: number, seed: number): Float32Array {
  const random = new RandomStream(seed, "table");
  return Float32Array.from({ length: rows * width }, () => random.normal());
}

/** The k items with the largest inner products with a query, best first. */
export function best(
  items: Float32Array,
  queries: Float32Array,
  width: number,
  query: number,
  k: number,
): number[] {
  const scored = Array.from({ length: items.length / width }, (_, item) => {
    let score = 0;
    for (let column = 0; column < width; column++) {
      score += items[item * width + column]! * queries[query * width + column]!;
    }
    return { item, score };
  });
  scored.sort((a, b) => b.score - a.score || a.item - b.item);
  return scored.slice(0, k).map(({ item }) => item);
}
