/**
 * Every metric, each defined once: its value for one list, and the sentence
 * that reports print. T is the set of a user's test items; L the list of at
 * most k recommended items. `docs/metrics.md` holds formulas and sources.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import {
  type Divisor,
  type EvaluationProtocol,
  type ProtocolName,
  protocols,
} from "./protocols.ts";

/** What is known of one user's list, cut at k. */
export interface CutList {
  /** Where the list is cut. */
  k: number;
  /** Items in the list, ≤ k: shorter where too few unseen items are left. */
  listed: number;
  /** |T| ≥ 1 */
  targets: number;
  /** |L ∩ T| */
  hits: number;
  /** Rank of the first hit, counted from 1; 0 where none is in the list. */
  firstHit: number;
  /** Σ over hits of 1 / log₂(rank + 1) */
  discountedGain: number;
  /** The same sum for a list that begins with min(k, |T|) hits. */
  idealGain: number;
  /** Σ over hits of the precision at the hit's rank. */
  precisionSum: number;
  /** Σ over listed items of their training interactions. */
  popularitySum: number;
  /** Σ over listed items of −log₂ of their share of the training interactions, in bits. */
  informationSum: number;
}

/** A figure of one user's list; the reported value is its mean over users. */
export interface UserMetric {
  readonly title: string;
  readonly higherIsBetter: boolean;
  /** Needs the items' popularity in training. */
  readonly needsPopularity: boolean;
  /** NaN where the list has no value (novelty of an empty list); such users are left out of the mean. */
  value(list: CutList, protocol: EvaluationProtocol): number;
  definition(k: number, protocol: EvaluationProtocol): string;
}

/** A figure of all lists together. */
export interface CatalogueMetric {
  readonly title: string;
  readonly higherIsBetter: boolean;
  /** @param exposure how many lists hold each item, length itemCount */
  value(exposure: Int32Array): number;
  definition(k: number, protocol: EvaluationProtocol): string;
}

const divide = (list: CutList, divisor: Divisor): number =>
  divisor === "targets" ? list.targets : Math.min(list.k, list.targets);

const divisorText = (k: number, divisor: Divisor): string =>
  divisor === "targets" ? "all of the user's test items" : `the smaller of ${k} and the test items`;

/** Metrics with a value for each user. */
export const userMetrics = {
  recall: {
    title: "Recall",
    higherIsBetter: true,
    needsPopularity: false,
    value: (list, protocol) => list.hits / divide(list, protocol.recall),
    definition: (k, protocol) =>
      protocol.recall === "targets"
        ? `the share of a user's test items found in the first ${k}`
        : `test items found in the first ${k}, divided by the smaller of ${k} and the user's test items`,
  },
  precision: {
    title: "Precision",
    higherIsBetter: true,
    needsPopularity: false,
    value: (list) => list.hits / list.k,
    definition: (k) => `the share of the ${k} places that hold a test item of the user`,
  },
  ndcg: {
    title: "NDCG",
    higherIsBetter: true,
    needsPopularity: false,
    value: (list) => list.discountedGain / list.idealGain,
    definition: (k) =>
      `test items in the first ${k}, each worth 1/log2(rank + 1), divided by the most a list of ${k} can reach`,
  },
  hr: {
    title: "Hit rate",
    higherIsBetter: true,
    needsPopularity: false,
    value: (list) => (list.hits > 0 ? 1 : 0),
    definition: (k) => `the share of users with at least one test item in the first ${k}`,
  },
  mrr: {
    title: "MRR",
    higherIsBetter: true,
    needsPopularity: false,
    value: (list) => (list.firstHit > 0 ? 1 / list.firstHit : 0),
    definition: (k) => `1 / rank of the first test item, 0 where the first ${k} hold none`,
  },
  map: {
    title: "MAP",
    higherIsBetter: true,
    needsPopularity: false,
    value: (list, protocol) => list.precisionSum / divide(list, protocol.averagePrecision),
    definition: (k, protocol) =>
      `the precision at each test item in the first ${k}, summed and divided by ` +
      divisorText(k, protocol.averagePrecision),
  },
  novelty: {
    title: "Novelty",
    higherIsBetter: true,
    needsPopularity: true,
    value: (list) => list.informationSum / list.listed,
    definition: (k) =>
      `the mean of -log2(an item's share of the training interactions) over the first ${k}, in bits`,
  },
  averagePopularity: {
    title: "Average popularity",
    higherIsBetter: false,
    needsPopularity: true,
    value: (list) => list.popularitySum / list.listed,
    definition: (k) => `the mean number of training interactions of the first ${k} items`,
  },
} as const satisfies Record<string, UserMetric>;

/** Metrics of all lists together. */
export const catalogueMetrics = {
  coverage: {
    title: "Coverage",
    higherIsBetter: true,
    value: (exposure) =>
      exposure.reduce((count, lists) => count + (lists > 0 ? 1 : 0), 0) / exposure.length,
    definition: (k) => `the share of all items that are in the first ${k} of at least one user`,
  },
  gini: {
    title: "Gini",
    higherIsBetter: false,
    value: giniIndex,
    definition: (k) =>
      `how unequally the places in the first ${k} are spread over all items: 0 = evenly, near 1 = on few items`,
  },
} as const satisfies Record<string, CatalogueMetric>;

export type UserMetricName = keyof typeof userMetrics;
export type CatalogueMetricName = keyof typeof catalogueMetrics;
export type MetricName = UserMetricName | CatalogueMetricName;

/** Metrics with a value for each user, as [name, metric]. */
export const userMetricEntries = Object.entries(userMetrics) as readonly (readonly [
  UserMetricName,
  UserMetric,
])[];

/** Metrics of all lists together, as [name, metric]. */
export const catalogueMetricEntries = Object.entries(catalogueMetrics) as readonly (readonly [
  CatalogueMetricName,
  CatalogueMetric,
])[];

const everyMetric: Readonly<Record<MetricName, UserMetric | CatalogueMetric>> = {
  ...userMetrics,
  ...catalogueMetrics,
};

/** Key of a metric in reports: "recall@20". */
export function metricKey(name: MetricName, k: number): string {
  return `${name}@${k}`;
}

/** Takes a key of a report apart; throws BadInputError where it is not one, for instance "recal@20". */
export function parseMetricKey(key: string): { readonly name: MetricName; readonly k: number } {
  const [, name = "", k = ""] = /^([A-Za-z]+)@([1-9]\d*)$/.exec(key) ?? [];
  if (Object.hasOwn(userMetrics, name) || Object.hasOwn(catalogueMetrics, name)) {
    return { name: name as MetricName, k: Number(k) };
  }
  const names = [...Object.keys(userMetrics), ...Object.keys(catalogueMetrics)];
  throw new BadInputError(
    "unknown-metric",
    `"${key}" is not a metric; write NAME@K, for instance recall@20 (names: ${names.join(", ")})`,
  );
}

/** Whether more of it is better: "recall@20" → true, "averagePopularity@20" → false. */
export function isHigherBetter(key: string): boolean {
  return everyMetric[parseMetricKey(key).name].higherIsBetter;
}

/** The sentence that says what a metric of a report means: "recall@20" → "the share of …". */
export function metricDefinition(key: string, protocol: ProtocolName = "lightgcn"): string {
  const { name, k } = parseMetricKey(key);
  return everyMetric[name].definition(k, protocols[protocol]);
}

/**
 * Gini index of non-negative amounts: Σᵢ (2i − n − 1) xᵢ / (n Σ x) with x ascending
 * and i from 1. 0 = all equal, (n − 1) / n = one holds all. NaN where the sum is 0.
 */
export function giniIndex(amounts: Int32Array): number {
  const sorted = amounts.slice().sort();
  const n = sorted.length;
  let weighted = 0;
  let total = 0;
  for (let at = 0; at < n; at++) {
    weighted += (2 * (at + 1) - n - 1) * sorted[at]!;
    total += sorted[at]!;
  }
  return weighted / (n * total);
}
