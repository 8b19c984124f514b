/** Random inputs and the one comparison of numbers that the engine's tests use. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { RandomStream } from "../../src/base/random.ts";

/** Sizes around the width of a SIMD register and its multiples. */
export const oddSize = fc.constantFrom(1, 3, 5, 17, 64, 65);

export const seed = fc.integer({ min: 0, max: 0x7fffffff });

/** Numbers uniform in [low, high), each exactly a float32. */
export function floats(random: RandomStream, count: number, low = -1, high = 1): Float32Array {
  return Float32Array.from({ length: count }, () => low + (high - low) * random.uniform());
}

/** Integers in [0, bound). */
export function integers(random: RandomStream, count: number, bound: number): Int32Array {
  return Int32Array.from({ length: count }, () => random.below(bound));
}

export function stream(value: number): RandomStream {
  return new RandomStream(value, "engine test");
}

/**
 * Every number is within tolerance·(1 + |expected|); NaN and infinities must be the same.
 * @param label what is compared, for the message
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  label = "",
): void {
  assert.equal(actual.length, expected.length, `${label}: length`);
  for (let at = 0; at < expected.length; at++) {
    const [found, wanted] = [actual[at]!, expected[at]!];
    const same = Object.is(found, wanted) || found === wanted;
    if (same || Math.abs(found - wanted) <= tolerance * (1 + Math.abs(wanted))) continue;
    assert.fail(`${label}[${at}]: found ${found}, expected ${wanted} (tolerance ${tolerance})`);
  }
}
