/**
 * Numbers and lists as they are typed.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";

/** A whole number within bounds; throws BadInputError naming the flag. */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new BadInputError(
    "usage",
    `${flag} ${text}: expected a whole number from ${least} to ${most.toLocaleString("en")}`,
  );
}

/** Whole numbers separated by commas. */
export function wholeNumbers(flag: string, text: string, least: number, most: number): number[] {
  return text.split(",").map((part) => wholeNumber(flag, part.trim(), least, most));
}

/** Longest list that can be asked for. */
export const MOST_PLACES = 100_000;

/** Most seeds that a number stands for; a list may hold larger ones. */
const MOST_SEEDS = 1000;

/** `5` = five seeds from `first` on; `1,2,7` = these. */
export function seedList(flag: string, text: string, first = 1): number[] {
  if (text.includes(",")) return wholeNumbers(flag, text, 0, 0xffffffff);
  const count = wholeNumber(flag, text, 1, MOST_SEEDS);
  return Array.from({ length: count }, (_, at) => first + at);
}
