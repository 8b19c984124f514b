/**
 * A comparison as tables of text, shared by the terminal, Markdown and the page,
 * and as CSV with every figure in full.
 *
 * @module
 */

import { parseMetricKey } from "../../evaluation/metrics.ts";
import { metricLabel, metricText } from "../metric-label.ts";
import { durationText, sizeText } from "../units.ts";
import type { ComparedModel, Comparison, PairedComparison } from "./comparison.ts";

/** Header and rows; the first column names the model. */
export interface TextTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Metrics that a table has room for: the ranking one, recall, NDCG, hit rate (where sampled), coverage. */
export function shownMetrics({ metric, models, evaluation }: Comparison): string[] {
  const { k } = parseMetricKey(metric);
  const names = ["recall", "ndcg", ...(evaluation.sampled ? ["hr"] : []), "coverage"];
  const wanted = [metric, ...names.map((name) => `${name}@${k}`)];
  return [...new Set(wanted)].filter((key) => models.every(({ metrics }) => key in metrics));
}

/** "12 models" */
export function modelsText(models: readonly ComparedModel[]): string {
  return models.length === 1 ? "1 model" : `${models.length} models`;
}

/** "NDCG@20", and where candidates were given "NDCG@20 (sampled)". */
export function labelOf(key: string, { evaluation }: Comparison): string {
  return metricLabel(key, evaluation.sampled);
}

/** "0.3141 – 0.3255", or nothing where there is no interval. */
export function intervalText(interval: readonly [number, number] | null): string {
  return interval ? `${metricText(interval[0])} – ${metricText(interval[1])}` : "";
}

/** Standard deviation between seeds; null with one seed. */
export function deviation(perSeed: readonly (number | null)[]): number | null {
  const figures = perSeed.filter((figure) => figure !== null);
  if (figures.length < 2) return null;
  const mean = figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  const squares = figures.reduce((sum, figure) => sum + (figure - mean) ** 2, 0);
  return Math.sqrt(squares / (figures.length - 1));
}

/** One row a model, best first. */
export function leaderboard(comparison: Comparison): TextTable {
  const keys = shownMetrics(comparison);
  const seeded = comparison.models.some(({ seeds }) => seeds.length > 1);
  const k = parseMetricKey(comparison.metric).k;
  const cells = ({ metrics }: ComparedModel, key: string): string[] => {
    const figure = metrics[key]!;
    const interval = key.startsWith("coverage") ? [] : [intervalText(figure.interval)];
    return [metricText(figure.mean), ...interval];
  };
  return {
    header: [
      "model",
      ...keys.flatMap((key) =>
        key === `coverage@${k}`
          ? [labelOf(key, comparison)]
          : [labelOf(key, comparison), "95 % over users"],
      ),
      ...(seeded ? ["± seeds"] : []),
      "fit",
      "memory",
    ],
    rows: comparison.models.map((model) => [
      model.label,
      ...keys.flatMap((key) => cells(model, key)),
      ...(seeded ? [metricText(deviation(model.metrics[comparison.metric]!.perSeed))] : []),
      durationText(model.seconds.fit),
      sizeText(model.peakMemoryBytes),
    ]),
  };
}

/** A p value for people. */
export function probabilityText(p: number | null): string {
  if (p === null) return "–";
  if (p < 0.0001) return "< 0.0001";
  return p.toFixed(4);
}

/** One row a pair and metric; p values after Holm's correction. */
export function testTable(comparison: Comparison): TextTable {
  const signed = (value: number | null) =>
    value === null ? "–" : `${value > 0 ? "+" : ""}${value.toFixed(4)}`;
  const row = (pair: PairedComparison): string[] => [
    pair.label,
    labelOf(pair.metric, comparison),
    signed(pair.difference),
    pair.interval ? `${signed(pair.interval[0])} – ${signed(pair.interval[1])}` : "",
    `${pair.wins} / ${pair.ties} / ${pair.losses}`,
    probabilityText(pair.randomisation.adjusted),
    probabilityText(pair.t.adjusted),
    probabilityText(pair.wilcoxon.adjusted),
  ];
  return {
    header: [
      `against ${comparison.reference}`,
      "metric",
      "difference",
      "95 % over users",
      "users better / equal / worse",
      "randomisation",
      "t",
      "Wilcoxon",
    ],
    rows: comparison.tests.map(row),
  };
}

/** What the figures of the tests mean, in one sentence. */
export const TESTS_NOTE =
  "Two-sided paired tests over users (each user's mean over the seeds), p values after Holm's correction over all rows of a column.";

/** The comparison as Markdown. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { dataset, split, evaluation, command, warnings, tests } = comparison;
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const lines = ({ header, rows }: TextTable): string =>
    [
      `| ${header.map(cell).join(" | ")} |`,
      `|---|${"---:|".repeat(header.length - 1)}`,
      ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`),
    ].join("\n");
  const seeds = [...new Set(comparison.models.flatMap((model) => model.seeds))];
  return `${[
    `# ${modelsText(comparison.models)} on ${dataset.title}`,
    [
      `\`${split.specification}\`: ${split.description}. Seeds ${seeds.join(", ")}. `,
      `${evaluation.sampled ? "**Sampled metrics, not comparable with full ranking.** " : "Every item ranked. "}`,
      `${evaluation.protocol.description}.`,
    ].join(""),
    ...(command === null ? [] : [`\`${command}\``]),
    lines(leaderboard(comparison)),
    ...(tests.length > 0 ? [TESTS_NOTE, lines(testTable(comparison))] : []),
    ...(warnings.length > 0
      ? [
          ["Before you believe a difference:", "", ...warnings.map((line) => `- ${line}`)].join(
            "\n",
          ),
        ]
      : []),
  ].join("\n\n")}\n`;
}

/** RFC 4180. */
function csv(rows: readonly (readonly (string | number | null)[])[]): string {
  const field = (value: string | number | null): string => {
    const text = value === null ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** One line a model and metric, every figure in full. */
export function leaderboardCsv({ models, evaluation }: Comparison): string {
  const rows = models.flatMap((model) =>
    Object.entries(model.metrics).map(([key, { mean, interval, perSeed }]) => [
      model.label,
      model.model.name,
      key,
      evaluation.sampled ? "sampled" : "full",
      mean,
      interval?.[0] ?? null,
      interval?.[1] ?? null,
      deviation(perSeed),
      model.seeds.join(" "),
      model.seconds.fit,
      model.seconds.total,
      model.peakMemoryBytes,
    ]),
  );
  const header = [
    "label,model,metric,ranking,mean,low,high,deviation_between_seeds,seeds",
    "fit_seconds,total_seconds,peak_memory_bytes",
  ].join(",");
  return csv([header.split(","), ...rows]);
}

/** One line a pair and metric, every figure in full. */
export function testsCsv({ tests, evaluation }: Comparison): string {
  const header = [
    "label,reference,metric,ranking,users,difference,low,high,better,equal,worse",
    ...["randomisation", "t", "wilcoxon"].map((name) => `${name}_p,${name}_holm`),
  ].join(",");
  const rows = tests.map((pair) => [
    pair.label,
    pair.reference,
    pair.metric,
    evaluation.sampled ? "sampled" : "full",
    pair.users,
    pair.difference,
    pair.interval?.[0] ?? null,
    pair.interval?.[1] ?? null,
    pair.wins,
    pair.ties,
    pair.losses,
    ...[pair.randomisation, pair.t, pair.wilcoxon].flatMap(({ p, adjusted }) => [p, adjusted]),
  ]);
  return csv([header.split(","), ...rows]);
}
