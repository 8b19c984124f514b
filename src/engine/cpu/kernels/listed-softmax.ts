/**
 * Softmax over numbers that an index brings together in groups. Units are groups, so that each sum is
 * taken by one thread in the order of the index. The largest number is taken off before the
 * exponential, so that no finite input overflows.
 */

import { exponential, logarithm } from "./functions";
import { at } from "./lanes";

@inline
function exponentialOf(x: f32): f32 {
  return f32x4.extract_lane(exponential(f32x4.splat(x)), 0);
}

/** out[place] = ln of the mean of e^(factor·x) over the place's group; weights = softmax(factor·x) of it */
export function logMeanExpListed(
  begin: i32, end: i32, thread: i32,
  out: usize, weights: usize, x: usize, ends: usize, places: usize, factor: f32,
): void {
  let first = begin ? load<i32>(at(ends, begin - 1)) : 0;
  for (let group = begin; group < end; group++) {
    const last = load<i32>(at(ends, group));
    let largest: f32 = -Infinity;
    for (let entry = first; entry < last; entry++) {
      largest = max(largest, factor * load<f32>(at(x, load<i32>(at(places, entry)))));
    }
    let sum: f32 = 0;
    for (let entry = first; entry < last; entry++) {
      const place = load<i32>(at(places, entry));
      const e = exponentialOf(factor * load<f32>(at(x, place)) - largest);
      store<f32>(at(weights, place), e);
      sum += e;
    }
    const mean = sum / <f32>(last - first);
    const value = largest + f32x4.extract_lane(logarithm(f32x4.splat(mean)), 0);
    for (; first < last; first++) {
      const place = load<i32>(at(places, first));
      store<f32>(at(out, place), value);
      store<f32>(at(weights, place), load<f32>(at(weights, place)) / sum);
    }
  }
}

/** dx[place] (+)= factor·weights[place]·Σ slopes, over the place's group */
export function logMeanExpListedGradient(
  begin: i32, end: i32, thread: i32,
  dx: usize, slopes: usize, weights: usize, ends: usize, places: usize, factor: f32, accumulate: i32,
): void {
  let first = begin ? load<i32>(at(ends, begin - 1)) : 0;
  for (let group = begin; group < end; group++) {
    const last = load<i32>(at(ends, group));
    let sum: f32 = 0;
    for (let entry = first; entry < last; entry++) {
      sum += load<f32>(at(slopes, load<i32>(at(places, entry))));
    }
    for (; first < last; first++) {
      const place = load<i32>(at(places, first));
      const share = factor * load<f32>(at(weights, place)) * sum;
      store<f32>(at(dx, place), accumulate ? load<f32>(at(dx, place)) + share : share);
    }
  }
}
