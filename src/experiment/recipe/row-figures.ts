/**
 * Which figures of a run a recipe's row asks for.
 *
 * @module
 */

import type { JudgedReport } from "../comparison/judged-run.ts";
import { metricLabel } from "../metric-label.ts";
import { LOSS, type Recipe, type RecipeRow } from "./recipe.ts";

/** A row's published figures and those to show beside them; where there are none, the usual ones. */
export function keysOf(
  { show }: Recipe,
  { published }: RecipeRow,
  { metrics }: JudgedReport,
): string[] {
  const keys = [...new Set([...Object.keys(published), ...show])];
  return keys.length > 0
    ? keys
    : Object.keys(metrics).filter((key) => /^(recall|precision|ndcg)@/.test(key));
}

/** NaN where the run has none. */
export function figureOf({ metrics, curve }: JudgedReport, key: string): number {
  const figure = key === LOSS ? curve.at(-1)?.loss : metrics[key];
  return figure ?? Number.NaN;
}

/** "Recall@20 0.1823, NDCG@20 0.1560 in 903 s" */
export function figuresText(recipe: Recipe, row: RecipeRow, report: JudgedReport): string {
  const { sampled } = report.evaluation;
  const figures = keysOf(recipe, row, report).map(
    (key) => `${metricLabel(key, sampled)} ${figureOf(report, key).toFixed(4)}`,
  );
  return `${figures.join(", ")} in ${report.seconds.total.toFixed(0)} s`;
}
