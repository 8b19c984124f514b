/** Finished runs written by hand: what a comparison reads back from folders. */
import { metricDefinition } from "../../../src/evaluation/metrics.ts";
import type { JudgedReport, JudgedRun } from "../../../src/experiment/comparison/judged-run.ts";
import { exampleReport } from "../example-report.ts";

/** A run of a model with the given values of users 0, 1, 2, … (or of the users named). */
export function judgedRun(
  label: string,
  seed: number,
  values: Readonly<Record<string, readonly number[]>>,
  change: Partial<JudgedReport> & { readonly users?: readonly number[] } = {},
): JudgedRun {
  const { users, ...changed } = change;
  const { evaluation, ...report } = exampleReport();
  const first = Object.values(values)[0] ?? [];
  const mean = (figures: readonly number[]) =>
    figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  return {
    label,
    folder: `runs/${label}-seed${seed}`,
    perUser: {
      users: Int32Array.from(users ?? first.keys()),
      values: Object.fromEntries(
        Object.entries(values).map(([key, column]) => [key, Float64Array.from(column)]),
      ),
    },
    report: {
      ...report,
      dataset: { ...report.dataset, filterNotes: [] },
      split: { ...report.split, warnings: [] },
      curve: report.curve.map((record) => ({ ...record })),
      model: { name: label, title: label.toUpperCase(), paper: null },
      seed,
      metrics: {
        ...Object.fromEntries(Object.entries(values).map(([key, column]) => [key, mean(column)])),
        "coverage@20": 0.25,
      },
      definitions: { "ndcg@20": metricDefinition("ndcg@20") },
      evaluation: {
        byPopularity: {
          groups: [
            { items: 90, least: 1, most: 4, users: 3 },
            { items: 10, least: 4, most: 60, users: 5 },
          ],
          recall: { "recall@20": [0.1, 0.4] },
        },
        usersEvaluated: first.length,
        sampled: evaluation!.sampled,
        protocol: evaluation!.protocol,
      },
      ...changed,
    },
  };
}
