/**
 * "Did you mean …?": the known words nearest to a mistyped one.
 *
 * The distance is Damerau and Levenshtein's (insert, delete, replace, swap of
 * neighbours; the optimal string alignment form), blind to case and accents.
 * A word that is the beginning or a part of a longer one counts as near, so
 * "toy stroy" finds "Toy Story (1995)".
 *
 * @module
 */

/** Letters that are compared; ids can be very long. */
const COMPARED_LETTERS = 64;

/** What the letters beyond a matched beginning cost, each. */
const EXTRA_LETTER = 0.01;

/** Edits of a near word, as a share of the letters of what was typed. */
const NEAR_SHARE = 1 / 3;

const fold = (word: string): string =>
  word
    .slice(0, 2 * COMPARED_LETTERS)
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .slice(0, COMPARED_LETTERS);

/** The `count` words nearest to `word`, nearest first, equally near ones in the order given. */
export function nearest(word: string, words: readonly string[], count: number): string[] {
  return nearestWithin(Number.POSITIVE_INFINITY, fold(word), words, count);
}

/**
 * `; did you mean "lightgcn"?`, to go on after "is not known"; nothing where no word is near: the nearest of
 * strangers is still a stranger.
 */
export function didYouMean(word: string, words: readonly string[], count = 1): string {
  const sought = fold(word);
  const near = nearestWithin(NEAR_SHARE * sought.length, sought, words, count);
  return near.length > 0 ? `; did you mean ${near.map((known) => `"${known}"`).join(", ")}?` : "";
}

function nearestWithin(
  most: number,
  sought: string,
  words: readonly string[],
  count: number,
): string[] {
  const best: { readonly known: string; readonly cost: number }[] = [];
  for (const known of words) {
    const cost = distance(sought, fold(known));
    if (cost > most) continue;
    if (best.length === count && cost >= (best.at(-1)?.cost ?? 0)) continue;
    const after = best.findIndex((other) => other.cost > cost);
    best.splice(after < 0 ? best.length : after, 0, { known, cost });
    if (best.length > count) best.pop();
  }
  return best.map(({ known }) => known);
}

/** Edits from `a` to `b`, or fewer where `a` is nearly the beginning of `b` or a part of it. */
function distance(a: string, b: string): number {
  let [beforeLast, last, row] = [0, 0, 0].map(() => new Uint16Array(b.length + 1)) as [
    Uint16Array,
    Uint16Array,
    Uint16Array,
  ];
  for (let j = 0; j <= b.length; j++) row[j] = j;
  for (let i = 1; i <= a.length; i++) {
    [beforeLast, last, row] = [last, row, beforeLast];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, beforeLast[j - 2]! + 1);
      row[j] = edits;
    }
  }
  let cost = row[b.length]!;
  for (let j = a.length; j < b.length; j++) {
    cost = Math.min(cost, row[j]! + 0.5 + EXTRA_LETTER * (b.length - j));
  }
  if (a.length > 0 && b.includes(a)) {
    cost = Math.min(cost, 0.8 + EXTRA_LETTER * (b.length - a.length));
  }
  return cost;
}
