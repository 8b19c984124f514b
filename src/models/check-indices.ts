/**
 * Whether a model knows the people and items it is asked about.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";

/**
 * @param kind "user" or "item", for the message
 * @throws BadInputError("index") at the first index outside 0 … count − 1
 */
export function checkIndices(kind: "user" | "item", indices: Int32Array, count: number): void {
  for (const index of indices) {
    if (index >= 0 && index < count) continue;
    throw new BadInputError("index", `${kind} ${index} is outside 0 … ${count - 1}`);
  }
}
