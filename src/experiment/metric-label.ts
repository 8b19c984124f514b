/**
 * Names of metrics for people.
 *
 * @module
 */

import { catalogueMetrics, userMetrics } from "../evaluation/metrics.ts";

const titles = new Map(
  Object.entries({ ...userMetrics, ...catalogueMetrics }).map(([name, { title }]) => [name, title]),
);

/**
 * "ndcg@20" → "NDCG@20", "averagePopularity@10" → "Average popularity@10".
 * @param sampled whether items were ranked among a few candidates and not among all: "NDCG@20 (sampled)".
 *   Always to be said, so that no figure stands without
 */
export function metricLabel(key: string, sampled: boolean): string {
  const [name = "", k] = key.split("@");
  const title = titles.get(name) ?? name;
  return (k === undefined ? title : `${title}@${k}`) + (sampled ? " (sampled)" : "");
}

/** A metric's value for people: four decimals for shares, fewer for larger numbers. */
export function metricText(value: number | null): string {
  if (value === null) return "–";
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 4);
}
