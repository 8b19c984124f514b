/**
 * Type-ahead over names: blind to case and accents, every word of the query somewhere in the
 * name, names that begin with it before those that merely hold it.
 *
 * @module
 */

const fold = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** How well a name answers a query; 0 is best, null is not at all. */
function rank(name: string, query: string, words: readonly string[]): number | null {
  if (name === query) return 0;
  if (name.startsWith(query)) return 1;
  if (!words.every((word) => name.includes(word))) return null;
  return words.every((word) => name.startsWith(word) || name.includes(` ${word}`)) ? 2 : 3;
}

const RANKS = 4;

export interface Found {
  /** Positions of the first names, the best first, ties in order of preference. */
  readonly positions: readonly number[];
  /** How many names there are in all. */
  readonly matching: number;
}

export class TextSearch {
  readonly #names: readonly string[];
  /** Positions in order of preference. */
  readonly #order: ArrayLike<number>;

  /** @param order positions of the names, the one to propose first first */
  constructor(names: readonly string[], order: ArrayLike<number>) {
    this.#names = names.map(fold);
    this.#order = order;
  }

  /**
   * @param text what was typed; nothing finds all
   * @param limit most positions that are told
   */
  find(text: string, limit: number): Found {
    const query = fold(text.trim());
    const words = query.split(/\s+/).filter((word) => word !== "");
    const ranked: number[][] = Array.from({ length: RANKS }, () => []);
    let matching = 0;
    for (let at = 0; at < this.#order.length; at++) {
      const position = this.#order[at]!;
      const found = rank(this.#names[position]!, query, words);
      if (found === null) continue;
      matching++;
      const equals = ranked[found]!;
      if (equals.length < limit) equals.push(position);
    }
    return { positions: ranked.flat().slice(0, limit), matching };
  }
}
