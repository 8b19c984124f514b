/**
 * Whether numbers are numbers: what a model that diverged leaves behind is not.
 *
 * @module
 */

/** Place of the first NaN or infinity; −1 where there is none. */
export function firstNonFinite(numbers: Float32Array | Int32Array): number {
  // A typed loop: `findIndex` takes ten times as long, and models hold billions of numbers.
  for (let at = 0; at < numbers.length; at++) {
    // ∞ − ∞ and NaN − NaN are NaN.
    if (numbers[at]! - numbers[at]! !== 0) return at;
  }
  return -1;
}
