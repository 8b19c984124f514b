/**
 * Figures that describe a dataset in a report.
 *
 * @module
 */

import { countByKey } from "./grouping.ts";
import { type Dataset, interactionCount } from "./interactions.ts";

/** Interactions per user, or per item. */
export interface CountSummary {
  readonly mean: number;
  readonly median: number;
  readonly max: number;
}

/** Interactions whose value lies in [from, to); `from` = `to` for one exact value, and the last bin holds its `to`. */
export interface ValueBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface DatasetStatistics {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  /** interactions / (users × items) */
  readonly density: number;
  readonly perUser: CountSummary;
  readonly perItem: CountSummary;
  /** First and last Unix second; null where no time is known. */
  readonly timeRange: { readonly first: number; readonly last: number } | null;
  /** One bin a value where there are at most 20 values, else 20 bins of equal width; null without values. */
  readonly valueHistogram: readonly ValueBin[] | null;
  /**
   * Gini coefficient of the items' interaction counts: 0 = all equally popular, towards 1 = one
   * item has everything. Σᵢ (2i − n − 1) xᵢ / (n Σ x), x ascending, i from 1.
   */
  readonly itemGini: number;
}

/** Of a dataset, what is counted in it. */
export type CountedData = Pick<Dataset, "users" | "items" | "interactions">;

const MOST_BINS = 20;

/** Describes a dataset; linear in its interactions. */
export function datasetStatistics(dataset: CountedData): DatasetStatistics {
  const { interactions } = dataset;
  const count = interactionCount(interactions);
  const [users, items] = [dataset.users.size, dataset.items.size];
  const userCounts = countByKey(interactions.users, users).sort();
  const itemCounts = countByKey(interactions.items, items).sort();
  return {
    users,
    items,
    interactions: count,
    density: users * items === 0 ? 0 : count / (users * items),
    perUser: summarise(userCounts),
    perItem: summarise(itemCounts),
    timeRange: interactions.times && timeRange(interactions.times),
    valueHistogram: interactions.values && histogram(interactions.values),
    itemGini: gini(itemCounts),
  };
}

/** @param sorted counts, ascending */
function summarise(sorted: Int32Array): CountSummary {
  if (sorted.length === 0) return { mean: 0, median: 0, max: 0 };
  const total = sorted.reduce((sum, count) => sum + count, 0);
  const [below, above] = [(sorted.length - 1) >> 1, sorted.length >> 1];
  return {
    mean: total / sorted.length,
    median: (sorted[below]! + sorted[above]!) / 2,
    max: sorted.at(-1)!,
  };
}

/** @param sorted counts, ascending */
function gini(sorted: Int32Array): number {
  let [total, weighted] = [0, 0];
  for (let at = 0; at < sorted.length; at++) {
    total += sorted[at]!;
    weighted += (2 * (at + 1) - sorted.length - 1) * sorted[at]!;
  }
  return total === 0 ? 0 : weighted / (sorted.length * total);
}

function timeRange(times: Float64Array): { first: number; last: number } | null {
  let [first, last] = [Infinity, -Infinity];
  for (let at = 0; at < times.length; at++) {
    const time = times[at]!;
    if (time < first) first = time;
    if (time > last) last = time;
  }
  return first <= last ? { first, last } : null;
}

function histogram(values: Float32Array): ValueBin[] {
  const counts = new Map<number, number>();
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value < least) least = value;
    if (value > most) most = value;
    const counted = counts.get(value);
    // Beyond the bound only known values need counting: the bins are counted afresh below.
    if (counted !== undefined || counts.size <= MOST_BINS) counts.set(value, (counted ?? 0) + 1);
  }
  if (counts.size <= MOST_BINS) {
    return [...counts]
      .sort(([a], [b]) => a - b)
      .map(([value, count]) => ({ from: value, to: value, count }));
  }
  const width = (most - least) / MOST_BINS;
  const bins = new Int32Array(MOST_BINS);
  for (let at = 0; at < values.length; at++) {
    bins[Math.min(Math.floor((values[at]! - least) / width), MOST_BINS - 1)]!++;
  }
  return Array.from(bins, (count, bin) => ({
    from: least + bin * width,
    to: bin + 1 === MOST_BINS ? most : least + (bin + 1) * width,
    count,
  }));
}
