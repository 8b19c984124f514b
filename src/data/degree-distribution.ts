/**
 * How many users (or items) have how many interactions: quartiles, and a
 * distribution that can be drawn on two logarithmic axes.
 *
 * @module
 */

/** Nodes whose degree lies in [from, to]. */
export interface DegreeBin {
  readonly from: number;
  readonly to: number;
  readonly nodes: number;
}

export interface DegreeDistribution {
  readonly mean: number;
  /** Least, lower quartile, median, upper quartile, most; linear between neighbours (Hyndman & Fan's type 7). */
  readonly quartiles: readonly [number, number, number, number, number];
  /** Ascending, the empty ones left out; degree 0 has none, for it is nowhere on a logarithmic axis. */
  readonly bins: readonly DegreeBin[];
}

/** A bin reaches from a degree to this many times the degree; small degrees have bins of their own. */
const BIN_RATIO = 1.15;

/** @param degrees of every node, in any order */
export function degreeDistribution(degrees: Int32Array): DegreeDistribution {
  const sorted = degrees.slice().sort();
  const bins: DegreeBin[] = [];
  let at = 0;
  while (at < sorted.length && sorted[at] === 0) at++;
  const [least, most] = [sorted[at] ?? 0, sorted.at(-1) ?? 0];
  for (let from = least; at < sorted.length; ) {
    const to = Math.min(most, Math.max(from, Math.floor(from * BIN_RATIO)));
    const begin = at;
    while (at < sorted.length && sorted[at]! <= to) at++;
    if (at > begin) bins.push({ from, to, nodes: at - begin });
    from = to + 1;
  }
  let total = 0;
  for (const degree of sorted) total += degree;
  const quartile = (number: number) => quantile(sorted, number / 4);
  return {
    mean: sorted.length === 0 ? 0 : total / sorted.length,
    quartiles: [quartile(0), quartile(1), quartile(2), quartile(3), quartile(4)],
    bins,
  };
}

function quantile(sorted: Int32Array, share: number): number {
  if (sorted.length === 0) return 0;
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
