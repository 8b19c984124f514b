/**
 * Ids and titles for a terminal: other people's texts, which may break lines,
 * hold commands to the terminal, or be pages long. JSON and files have them whole.
 *
 * @module
 */

import type { NamedItem } from "../artifact/recommendation-source.ts";

/** Longest text that is shown whole, in characters. */
const LONGEST = 80;

/**
 * A text on one line: control characters and line breaks escaped, a long one cut with "…".
 *
 * @example
 * shown("a\nb"); // "a\\nb"
 */
export function shown(text: string): string {
  // Cut first: no text is gone through further than it is shown.
  const characters = [...text.slice(0, 2 * LONGEST + 2)];
  const isLong = characters.length > LONGEST;
  const kept = isLong ? `${characters.slice(0, LONGEST - 1).join("")}…` : text;
  return kept.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, escaped);
}

function escaped(character: string): string {
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
  return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** An item by its title, or by its id where it has none. */
export const shownItem = ({ item, title }: NamedItem): string => shown(title ?? item);
