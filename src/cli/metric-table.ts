/**
 * Metrics as a table for terminals, each with its definition.
 *
 * @module
 */

import type { EvaluationSummary } from "../evaluation/summary.ts";
import { metricLabel, metricText } from "../experiment/metric-label.ts";
import { table } from "./table.ts";

/**
 * One line a metric: its value at every cut, the 95 % interval at the longest,
 * and what it means there.
 */
export function metricTable({
  metrics,
  intervals,
  definitions,
  sampled,
}: Pick<EvaluationSummary, "metrics" | "intervals" | "definitions" | "sampled">): string {
  const keys = Object.keys(metrics).map((key) => key.split("@"));
  const names = [...new Set(keys.map(([name = ""]) => name))];
  const ks = [...new Set(keys.map(([, k]) => Number(k)))].sort((a, b) => a - b);
  const longest = ks.at(-1);
  const rows = names.map((name) => {
    const interval = intervals?.[`${name}@${longest}`];
    return [
      metricLabel(name, sampled),
      ...ks.map((k) => metricText(metrics[`${name}@${k}`] ?? null)),
      ...(intervals
        ? [interval ? `${metricText(interval[0])} – ${metricText(interval[1])}` : ""]
        : []),
      definitions[`${name}@${longest}`] ?? "",
    ];
  });
  const header = [
    "metric",
    ...ks.map((k) => `@${k}`),
    ...(intervals ? [`95 % of @${longest}`] : []),
    "what it is",
  ];
  return table([header, ...rows], { right: ks.map((_, at) => at + 1) });
}
