/**
 * The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio & Kégl.
 * Algorithms for Hyper-Parameter Optimization. NIPS 2011, section 4).
 *
 * The trials so far are cut at a quantile γ of their values into good and bad
 * ones. l(x) is the density of the good, g(x) that of the bad; the expected
 * improvement over the cut grows with l(x)/g(x), so points are drawn from l and
 * the one with the largest ratio is tried. Each dimension has a pair of densities
 * of its own, from those trials in which it mattered: the tree.
 *
 * @module
 */

import { drawPoint, drawUntried } from "./draw.ts";
import { type Parzen, parzen } from "./parzen.ts";
import { oneByOne, randomOf, randomPoint, type SearchOptions } from "./random-search.ts";
import type { Outcome, SearchMethod } from "./search-method.ts";
import type { Dimension, Settings } from "./space.ts";

/** Trials drawn at random before the densities say anything. */
const STARTUP_TRIALS = 10;

/** γ: share of the trials that count as good. */
const GOOD_SHARE = 0.15;

/** Points drawn from l, of which the best is tried. */
const CANDIDATES = 24;

export function tpe(options: SearchOptions): SearchMethod {
  return oneByOne(options.trials, (outcomes) => {
    const tried = outcomes.map(({ settings }) => settings);
    if (outcomes.length < STARTUP_TRIALS) return randomPoint(options, tried);
    const { good, bad } = divided(outcomes);
    const densities = new Map(
      options.space.map((dimension) => [
        dimension.name,
        {
          l: parzen(dimension, valuesOf(dimension, good)),
          g: parzen(dimension, valuesOf(dimension, bad)),
        },
      ]),
    );
    const random = randomOf(options.seed, outcomes.length + 1);
    return drawUntried(options.space, tried, random, () => {
      const candidates = Array.from({ length: CANDIDATES }, () =>
        drawPoint(options.space, ({ name }) => densities.get(name)!.l.draw(random)),
      );
      return candidates.reduce((best, candidate) =>
        logRatio(candidate, densities) > logRatio(best, densities) ? candidate : best,
      );
    });
  });
}

/** The best share of the trials, and the rest; failed ones are the worst. */
function divided(outcomes: readonly Outcome[]): { good: Settings[]; bad: Settings[] } {
  const ranked = outcomes
    .toSorted((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity) || 0)
    .map(({ settings }) => settings);
  const count = Math.ceil(GOOD_SHARE * ranked.length);
  return { good: ranked.slice(0, count), bad: ranked.slice(count) };
}

/** Values of a dimension in the trials in which it mattered. */
const valuesOf = ({ name }: Dimension, points: readonly Settings[]) =>
  points.flatMap((point) => (Object.hasOwn(point, name) ? [point[name]!] : []));

/** log l(x) − log g(x) over the dimensions that matter in x. */
function logRatio(
  point: Settings,
  densities: ReadonlyMap<string, { readonly l: Parzen; readonly g: Parzen }>,
): number {
  return Object.entries(point).reduce((sum, [name, value]) => {
    const { l, g } = densities.get(name)!;
    return sum + l.logDensity(value) - g.logDensity(value);
  }, 0);
}
