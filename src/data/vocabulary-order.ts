/**
 * External ids in their one order: by number where all are whole numbers, else
 * by UTF-16 code unit, as JavaScript compares texts. The same ids get the same
 * dense indices from any file, in any order of rows.
 *
 * @module
 */

/** Whole numbers of up to 38 digits; longer ones are texts. */
const WHOLE_NUMBER = /^[+-]?[0-9]{1,38}$/;

/** Most characters of a whole number that a 64-bit float holds exactly. */
const EXACT_CHARACTERS = 15;

/** Distinct ids in their order. */
export function sortIds(ids: Iterable<string>): string[] {
  const distinct = [...new Set(ids)];
  return sortedPositions(distinct).map((at) => distinct[at]!);
}

/** Positions of distinct ids in the order of the ids. */
export function sortedPositions(ids: readonly string[]): number[] {
  const positions = Array.from(ids.keys());
  if (!ids.every((id) => WHOLE_NUMBER.test(id))) {
    return positions.sort((a, b) => compare(ids[a]!, ids[b]!));
  }
  const exact = ids.every((id) => id.length <= EXACT_CHARACTERS);
  const numbers = exact ? Float64Array.from(ids, Number) : ids.map(wholeNumber);
  return positions.sort((a, b) => compare(numbers[a]!, numbers[b]!) || compare(ids[a]!, ids[b]!));
}

/** BigInt takes no plus sign, and a minus only before digits alone. */
const wholeNumber = (id: string): bigint => BigInt(id.replace(/^\+/, ""));

function compare<Value extends bigint | number | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
