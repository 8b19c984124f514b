/**
 * The command line as text that can be typed again, without the passwords in it.
 *
 * @module
 */

import { withoutSecrets } from "../data/source.ts";

/** Words as a shell takes them. */
export function commandText(words: readonly string[]): string {
  return ["lumiere", ...words.map(redact).map(quote)].join(" ");
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Addresses lose user, password and query string; password=secret inside a query becomes password=***. */
function redact(word: string): string {
  const shown = /^[a-z0-9+]+:\/\//i.test(word) ? withoutSecrets(word) : word;
  return shown
    .replace(/\b([a-z0-9+]+:\/\/)[^\s/@']*@/gi, "$1")
    .replace(/\b(password|secret|key_id|token)(\s*=\s*|\s+)('[^']*'|[^\s,);&']+)/gi, "$1$2***");
}
