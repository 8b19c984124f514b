/**
 * Writes the table of docs/results.md from the recipes: `node scripts/document-results.ts`. Given the
 * `results.json` that `lumiere reproduce --out` keeps, it first takes their figures into the recipes.
 * A test fails where the file and the recipes differ.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { metricLabel } from "../src/experiment/metric-label.ts";
import {
  loadRecipes,
  RECIPES_FOLDER,
  type Recipe,
  type RecipeRow,
  rowExperiment,
} from "../src/experiment/recipe/recipe.ts";
import { figureText } from "../src/experiment/recipe/recipe-tables.ts";
import type { Reproduction } from "../src/experiment/recipe/reproduce.ts";
import { judgeRow, type RowJudgement } from "../src/experiment/recipe/verdict.ts";

const page = new URL("../docs/results.md", import.meta.url);
const BEGINS = "<!-- Begin: written by node scripts/document-results.ts from recipes/*.json -->";
const ENDS = "<!-- End -->";

interface Entry {
  readonly recipe: Recipe;
  readonly row: RecipeRow;
  readonly dataset: string;
  readonly sampled: boolean;
}

const figuresText = (keys: readonly string[], figures: Readonly<Record<string, number>>) =>
  keys.map((key) => (figures[key] === undefined ? "–" : figureText(figures[key]))).join(" / ");

/** "−1.2 %", and "×2.4" where percentages say nothing. */
function differenceText(theirs: number, ours: number): string {
  const times = ours / theirs;
  if (times >= 2) return `×${times.toPrecision(2)}`;
  return `${times < 1 ? "−" : "+"}${Math.abs(100 * (times - 1)).toFixed(1)} %`;
}

function tableLine({ recipe, row, sampled }: Entry): string {
  const { published, measured } = row;
  const keys = Object.keys({ ...published, ...measured?.figures });
  const off = Object.keys(published).map((key) =>
    differenceText(published[key]!, measured?.figures[key] ?? Number.NaN),
  );
  const judgement = judgeRow(recipe, row);
  return `| ${[
    `\`${recipe.name}\``,
    row.label.replaceAll("|", "\\|"),
    keys.map((key) => metricLabel(key, sampled)).join(" / "),
    figuresText(keys, published),
    measured === undefined ? "" : figuresText(keys, measured.figures),
    measured === undefined ? "" : off.join(" / "),
    judgement === "miss" ? "**miss**" : judgement,
    measured === undefined ? "" : (measured.seeds ?? recipe.seeds).join(", "),
    measured === undefined ? "" : measured.seconds.toFixed(measured.seconds < 10 ? 1 : 0),
  ].join(" | ")} |`;
}

function protocols(entries: readonly Entry[]): string[] {
  const names = new Map<string, Set<string>>();
  for (const { recipe } of entries) {
    const { text, url } = recipe.source;
    const source = url === undefined ? text : `[${text}](${url})`;
    const line = `${recipe.protocol}. Theirs: ${source}`;
    names.set(line, (names.get(line) ?? new Set()).add(`\`${recipe.name}\``));
  }
  return [...names].map(([line, recipes]) => `- ${[...recipes].join(", ")}: ${line}.`);
}

/** The reasons of rows, one line for those of a recipe that share it. */
function reasons(entries: readonly Entry[]): string[] {
  const labels = new Map<string, string[]>();
  for (const { recipe, row } of entries) {
    if (row.measured?.why === undefined) continue;
    const line = `\`${recipe.name}\`|${row.measured.why}`;
    labels.set(line, [...(labels.get(line) ?? []), row.label]);
  }
  return [...labels].map(([line, rows]) => {
    const [name, why] = line.split("|");
    return `- ${name}, ${rows.join("; ")}: ${why}.`;
  });
}

function datasetSection(dataset: string, entries: readonly Entry[]): string {
  const why = reasons(entries);
  return [
    `### ${dataset}`,
    "",
    ...protocols(entries),
    "",
    "| recipe | row | | theirs | ours | off by | | seeds | seconds |",
    "|---|---|---|---|---|---|---|---|---|",
    ...entries.map(tableLine),
    ...(why.length === 0 ? [] : ["", "Where we differ, and why:", "", ...why]),
    "",
  ].join("\n");
}

/** Every row of every recipe, by the name of its data. */
function entriesByDataset(recipes: readonly Recipe[]): Map<string, Entry[]> {
  const byDataset = new Map<string, Entry[]>();
  for (const recipe of recipes) {
    for (const row of recipe.rows) {
      const { data, split } = rowExperiment(recipe, row, recipe.seeds[0]!).experiment;
      const entry = { recipe, row, dataset: data.data, sampled: split === "file:ncf" };
      byDataset.set(data.data, [...(byDataset.get(data.data) ?? []), entry]);
    }
  }
  return byDataset;
}

/** The part of docs/results.md between its marks, as it should be. */
export function resultsTable(recipes: readonly Recipe[]): string {
  const byDataset = [...entriesByDataset(recipes)];
  const hasRun = ([, entries]: (typeof byDataset)[number]) =>
    entries.some(({ row }) => row.measured !== undefined);
  const here = byDataset.filter(hasRun);
  const elsewhere = byDataset.filter((dataset) => !hasRun(dataset));
  const judgements = here.flatMap(([, entries]) =>
    entries.map(({ recipe, row }) => judgeRow(recipe, row)),
  );
  const count = (judgement: RowJudgement) => judgements.filter((each) => each === judgement).length;
  return [
    `Of ${judgements.length} rows ${count("pass")} pass, ${count("miss")} miss, ${count("not run")} have not been run, ` +
      `and ${count("ours alone")} are ours alone.`,
    "",
    ...here.map(([dataset, entries]) => datasetSection(dataset, entries)),
    "### Data that are not at hand",
    "",
    ...elsewhere.map(([dataset, entries]) => {
      const names = new Set(entries.map(({ recipe }) => `\`${recipe.name}\``));
      return `- ${dataset}, ${entries.length} rows: ${[...names].join(", ")}`;
    }),
  ].join("\n");
}

/** The whole page, its table brought up to date. */
export function resultsPage(text: string, recipes: readonly Recipe[]): string {
  const [before, rest] = text.split(BEGINS);
  const after = rest?.split(ENDS)[1];
  if (after === undefined) throw new Error(`docs/results.md lacks "${BEGINS}" or "${ENDS}"`);
  return `${before}${BEGINS}\n\n${resultsTable(recipes)}\n\n${ENDS}${after}`;
}

/** Writes what `lumiere reproduce --out` measured into the recipes; a row's `why` is for people to write. */
function takeFigures(resultsFile: string): void {
  const { recipes }: { recipes: Reproduction[] } = JSON.parse(readFileSync(resultsFile, "utf8"));
  for (const { name, rows, seeds } of recipes) {
    const path = join(RECIPES_FOLDER, `${name}.json`);
    const recipe: Recipe = JSON.parse(readFileSync(path, "utf8"));
    for (const { label, figures, seconds } of rows) {
      const row = recipe.rows.find((each) => each.label === label);
      if (row === undefined) throw new Error(`${path} has no row "${label}"`);
      row.measured = {
        figures: Object.fromEntries(figures.map(({ key, ours }) => [key, Number(ours.toFixed(4))])),
        seconds: Number(seconds.toPrecision(seconds < 100 ? 2 : 4)),
        ...(`${seeds}` !== `${recipe.seeds ?? [1]}` && { seeds: [...seeds] }),
        ...(row.measured?.why !== undefined && { why: row.measured.why }),
      };
    }
    writeFileSync(path, `${JSON.stringify(recipe, null, 2)}\n`);
  }
}

if (import.meta.main) {
  for (const file of process.argv.slice(2)) takeFigures(file);
  writeFileSync(page, resultsPage(readFileSync(page, "utf8"), loadRecipes()));
}
