/**
 * Parzen estimators of one dimension: how densely good (or bad) trials lie
 * around a value. For numbers a mixture of normal distributions cut off at the
 * bounds, one at each observation and a wide one for what is not known yet; for
 * choices their frequencies, each counted once more than it was seen.
 *
 * Bergstra, Bardenet, Bengio & Kégl. Algorithms for Hyper-Parameter
 * Optimization. NIPS 2011, section 4.2.
 *
 * @module
 */

import type { RandomStream } from "../../base/random.ts";
import { normalTail } from "../../evaluation/distributions.ts";
import type { Setting } from "../../models/search-range.ts";
import { type NumericDimension, scaleOf, valueAt } from "./draw.ts";
import type { Dimension } from "./space.ts";

/** A density over the values of a dimension. */
export interface Parzen {
  draw(random: RandomStream): Setting;
  /** Logarithm of the density (of a real value) or the probability (of a whole number or a choice). */
  logDensity(value: Setting): number;
}

/** The estimator from the values that were observed, in any order. */
export function parzen(dimension: Dimension, observed: readonly Setting[]): Parzen {
  return dimension.kind === "choice"
    ? choices(dimension.choices, observed)
    : mixture(dimension, observed.map(Number));
}

function choices(values: readonly Setting[], observed: readonly Setting[]): Parzen {
  const counts = values.map((value) => 1 + observed.filter((seen) => seen === value).length);
  const total = observed.length + values.length;
  return {
    draw(random) {
      let left = random.uniform() * total;
      const at = counts.findIndex((count) => {
        left -= count;
        return left < 0;
      });
      return values.at(at)!;
    },
    logDensity: (value) => Math.log(counts[values.indexOf(value)]! / total),
  };
}

interface Bell {
  readonly mean: number;
  readonly deviation: number;
  /** Its probability below the scale's lower end, and within the scale. */
  readonly below: number;
  readonly within: number;
}

function mixture(dimension: NumericDimension, observed: readonly number[]): Parzen {
  const [low, high] = scaleOf(dimension);
  const position = (value: number) => (dimension.log ? Math.log(value) : value);
  const bells = bellsOf(observed.map(position), low, high);
  const probabilityBelow = (at: number) =>
    bells.reduce(
      (sum, { mean, deviation, below, within }) =>
        sum + (normalBelow((at - mean) / deviation) - below) / within,
      0,
    ) / bells.length;
  const density = (at: number) =>
    bells.reduce(
      (sum, { mean, deviation, within }) =>
        sum + Math.exp(-0.5 * ((at - mean) / deviation) ** 2) / (deviation * within),
      0,
    ) /
    (bells.length * Math.sqrt(2 * Math.PI));
  return {
    draw(random) {
      const { mean, deviation } = bells[random.below(bells.length)]!;
      // Cut off at the bounds by drawing again; a third of a bell at least lies within.
      for (;;) {
        const at = mean + deviation * random.normal();
        if (at >= low && at <= high) return valueAt(dimension, at);
      }
    },
    logDensity(value) {
      const number = Number(value);
      if (dimension.kind === "real") return Math.log(density(position(number)));
      const step =
        probabilityBelow(position(number + 0.5)) - probabilityBelow(position(number - 0.5));
      return Math.log(Math.max(step, Number.MIN_VALUE));
    },
  };
}

/**
 * One bell at each observation, as wide as the way to the farther of its neighbours (the bounds are
 * neighbours too), and one over the whole scale.
 */
function bellsOf(observed: readonly number[], low: number, high: number): Bell[] {
  const sorted = [...observed].sort((a, b) => a - b);
  const range = high - low;
  // Not ever narrower: many equal observations must not become the only values that are tried.
  const narrowest = range / Math.min(100, observed.length + 2);
  const bell = (mean: number, deviation: number): Bell => {
    const below = normalBelow((low - mean) / deviation);
    return { mean, deviation, below, within: normalBelow((high - mean) / deviation) - below };
  };
  return [
    bell((low + high) / 2, range),
    ...sorted.map((mean, at) => {
      const left = mean - (sorted[at - 1] ?? low);
      const right = (sorted[at + 1] ?? high) - mean;
      return bell(mean, Math.min(range, Math.max(narrowest, left, right)));
    }),
  ];
}

const normalBelow = (x: number): number => normalTail(-x);
