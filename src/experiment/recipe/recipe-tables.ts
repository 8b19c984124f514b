/**
 * Recipes and what they gave, as tables of text and as Markdown.
 *
 * @module
 */

import { deviation, type TextTable } from "../comparison/tables.ts";
import { metricLabel } from "../metric-label.ts";
import { durationText } from "../units.ts";
import type { Recipe } from "./recipe.ts";
import type { ReproducedFigure, ReproducedRow, Reproduction } from "./reproduce.ts";
import { judgeRow, passes, type RowJudgement } from "./verdict.ts";

/** ".1823" as papers print shares; a loss or a larger figure in full. */
export function figureText(value: number): string {
  return value.toFixed(4).replace(/^0\./, ".");
}

function oursText({ ours, perSeed }: ReproducedFigure): string {
  const spread = deviation(perSeed);
  return figureText(ours) + (spread === null ? "" : ` ± ${figureText(spread)}`);
}

function judged({ key, verdict }: ReproducedFigure): string {
  if (verdict === null) return "";
  if (!passes(key, verdict)) return "MISS";
  return verdict === "above" ? "pass, above" : "pass";
}

/** One line a figure: theirs beside ours. */
export function reproductionTable({ rows }: Reproduction): TextTable {
  return {
    header: ["", "metric", "theirs", "ours", "", "epochs", "a run"],
    rows: rows.flatMap((row) =>
      row.figures.map((figure, at) => [
        at === 0 ? row.label : "",
        metricLabel(figure.key, row.sampled),
        figure.theirs === null ? "–" : figureText(figure.theirs),
        oursText(figure),
        judged(figure),
        at === 0 ? epochsText(row) : "",
        at === 0 ? durationText(row.seconds) : "",
      ]),
    ),
  };
}

function epochsText({ bestEpochs }: ReproducedRow): string {
  return bestEpochs.every((epoch) => epoch === null)
    ? "–"
    : bestEpochs.map((epoch) => epoch ?? "–").join(", ");
}

/** Who published a recipe's figures, as a link where it has an address. */
export function sourceText({ source: { text, url } }: Pick<Recipe, "source">): string {
  return url === undefined ? text : `[${text}](${url})`;
}

/** "1281", "9.3" */
export function rowSecondsText(seconds: number): string {
  return seconds.toFixed(seconds < 10 ? 1 : 0);
}

/** One Markdown table a recipe: theirs, ours, protocol, command, seeds, seconds. */
export function reproductionMarkdown(reproduction: Reproduction): string {
  const { name, title, protocol, note, seeds, reason, rows } = reproduction;
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const sampled = rows.some((row) => row.sampled) ? " **Sampled metrics.**" : "";
  const lines = rows.map((row) => {
    const names = row.figures.map(({ key }) => metricLabel(key, row.sampled)).join(" / ");
    const theirs = row.figures.map((figure) =>
      figure.theirs === null ? "–" : figureText(figure.theirs),
    );
    const verdict = row.figures.some(({ theirs }) => theirs !== null)
      ? row.passed
        ? "pass"
        : "**miss**"
      : "–";
    return `| ${[
      cell(row.label),
      cell(names),
      theirs.join(" / "),
      row.figures.map(oursText).join(" / "),
      verdict,
      epochsText(row),
      seeds.join(", "),
      rowSecondsText(row.seconds),
    ].join(" | ")} |`;
  });
  return [
    `## ${title}`,
    "",
    `\`lumiere reproduce ${name}\` — ${protocol}.${sampled} Theirs: ${sourceText(reproduction)}.${note === null ? "" : ` ${note}`}`,
    "",
    ...(reason === null ? [] : [reason, ""]),
    ...(lines.length === 0
      ? []
      : [
          "| | metrics | theirs | ours | | epochs | seeds | seconds a run |",
          "|---|---|---|---|---|---|---|---|",
          ...lines,
          "",
        ]),
  ].join("\n");
}

/** One line a recipe. */
export function recipeTable(
  recipes: readonly { readonly recipe: Recipe; readonly missing: readonly string[] }[],
): TextTable {
  return {
    header: ["recipe", "rows", "here", "a run takes", "data", ""],
    rows: recipes.map(({ recipe, missing }) => {
      const measured = recipe.rows.flatMap((row) => row.measured?.seconds ?? []);
      const longest = Math.max(...measured);
      return [
        recipe.name,
        String(recipe.rows.length),
        judgementsText(recipe.rows.map((row) => judgeRow(recipe, row))),
        measured.length === 0
          ? ""
          : `${measured.length < recipe.rows.length ? "some " : ""}≤ ${durationText(longest)}`,
        missing.length === 0 ? "here" : `${missing.join(", ")} not here`,
        recipe.title,
      ];
    }),
  };
}

/** "3 pass, 1 miss, 2 not run" */
export function judgementsText(judgements: readonly RowJudgement[]): string {
  return (["pass", "miss", "ours alone", "not run"] as const)
    .map((kind) => [judgements.filter((each) => each === kind).length, kind] as const)
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${count} ${kind}`)
    .join(", ");
}
