/**
 * The command line as text that can be typed again, without the passwords in it.
 *
 * @module
 */

import { withoutPasswords } from "../data/source.ts";

/** Words as a shell takes them. */
export function commandText(words: readonly string[]): string {
  return ["lumiere", ...words.map(withoutPasswords).map(quote)].join(" ");
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
