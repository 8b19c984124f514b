/**
 * The sum of a whole tensor, by blocks of 4096 elements, so that the order of
 * additions depends on the size alone.
 */

import { at } from "./lanes";
import { rowSum } from "./rows";

const BLOCK: i32 = 4096;

/** Blocks [begin, end): partials[b] = Σ x over block b. */
export function sumBlocks(
  begin: i32, end: i32, thread: i32, partials: usize, x: usize, size: i32,
): void {
  for (let block = begin; block < end; block++) {
    const first = block * BLOCK;
    store<f32>(at(partials, block), rowSum(at(x, first), min(BLOCK, size - first)));
  }
}

/** out[0] = scale·Σ partials[begin … end); runs on one thread. */
export function sumPartials(
  begin: i32, end: i32, thread: i32, out: usize, partials: usize, scale: f32,
): void {
  let sum: f64 = 0;
  for (let block = begin; block < end; block++) sum += <f64>load<f32>(at(partials, block));
  store<f32>(out, <f32>(<f64>scale * sum));
}
