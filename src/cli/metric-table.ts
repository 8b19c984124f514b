/**
 * Metrics as a table for terminals, each with its definition.
 *
 * @module
 */

import type { EvaluationSummary } from "../evaluation/summary.ts";
import { metricLabel, metricText } from "../experiment/metric-label.ts";
import { table } from "./table.ts";

/** One line a metric: value, 95 % interval, what it means. */
export function metricTable(
  metrics: EvaluationSummary["metrics"],
  intervals: EvaluationSummary["intervals"],
  definitions: EvaluationSummary["definitions"],
): string {
  const rows = Object.entries(metrics).map(([key, value]) => {
    const interval = intervals?.[key];
    return [
      metricLabel(key),
      metricText(value),
      interval ? `${metricText(interval[0])} – ${metricText(interval[1])}` : "",
      definitions[key] ?? "",
    ];
  });
  return table([["metric", "mean", "95 % interval", "what it is"], ...rows], { right: [1] });
}
