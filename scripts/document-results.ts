/**
 * Writes the table of docs/results.md from what the recipes' rows gave (`measured`):
 * `node scripts/document-results.ts`. A test fails where the page and the recipes differ.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { metricLabel } from "../src/experiment/metric-label.ts";
import {
  loadRecipes,
  type Recipe,
  type RecipeRow,
  rowExperiment,
} from "../src/experiment/recipe/recipe.ts";
import {
  figureText,
  judgementsText,
  rowSecondsText,
  sourceText,
} from "../src/experiment/recipe/recipe-tables.ts";
import { judgeRow } from "../src/experiment/recipe/verdict.ts";

const page = new URL("../docs/results.md", import.meta.url);
const BEGINS = "<!-- Begin: written by node scripts/document-results.ts from recipes/*.json -->";
const ENDS = "<!-- End -->";

interface Entry {
  readonly recipe: Recipe;
  readonly row: RecipeRow;
  /** Whether items are ranked among NCF's candidates. */
  readonly sampled: boolean;
}

/** "−1.2 %", and "×2.4" where percentages say nothing. */
function differenceText(theirs: number, ours: number | undefined): string {
  if (ours === undefined) return "–";
  const times = ours / theirs;
  if (times >= 2) return `×${times.toFixed(times < 10 ? 1 : 0)}`;
  const percent = (100 * Math.abs(times - 1)).toFixed(1);
  return `${percent === "0.0" ? "" : times < 1 ? "−" : "+"}${percent} %`;
}

/** What follows `lumiere reproduce` to run the row as it was run. */
function commandWords({ name, rows }: Recipe, { label, measured }: RecipeRow): string {
  return [
    name,
    ...(rows.length > 1 ? [`--row "${label.replaceAll("|", "\\|")}"`] : []),
    ...(measured?.seeds ? [`--seeds ${measured.seeds}`] : []),
  ].join(" ");
}

function tableLine({ recipe, row, sampled }: Entry): string {
  const { published, measured } = row;
  const keys = Object.keys({ ...published, ...measured?.figures });
  const figures = (of: Readonly<Record<string, number>>) =>
    keys.map((key) => (of[key] === undefined ? "–" : figureText(of[key]))).join(" / ");
  const judgement = judgeRow(recipe, row);
  const theirs = [
    `\`${commandWords(recipe, row)}\``,
    keys.map((key) => metricLabel(key, sampled)).join(" / "),
    figures(published),
  ];
  const ours = measured && [
    figures(measured.figures),
    Object.entries(published)
      .map(([key, figure]) => differenceText(figure, measured.figures[key]))
      .join(" / "),
    judgement === "miss" ? "**miss**" : judgement,
    (measured.seeds ?? recipe.seeds).join(", "),
    rowSecondsText(measured.seconds),
  ];
  return `| ${[...theirs, ...(ours ?? ["", "", judgement, "", ""])].join(" | ")} |`;
}

/** `of` each entry, and the entries that share it. */
function grouped(entries: readonly Entry[], of: (entry: Entry) => string | undefined) {
  const groups = Map.groupBy(entries, of);
  groups.delete(undefined);
  return [...groups];
}

function datasetSection(dataset: string, entries: readonly Entry[]): string {
  const protocols = grouped(
    entries,
    ({ recipe }) => `${recipe.protocol}. Theirs: ${sourceText(recipe)}`,
  ).map(([text, group]) => {
    const names = new Set(group.map(({ recipe }) => `\`${recipe.name}\``));
    return `- ${[...names].join(", ")}: ${text}.`;
  });
  const reasons = [...Map.groupBy(entries, ({ recipe }) => recipe)].flatMap(([recipe, rows]) =>
    grouped(rows, ({ row }) => row.measured?.why).map(
      ([why, group]) =>
        `- \`${recipe.name}\`, ${group.map(({ row }) => row.label).join("; ")}: ${why}.`,
    ),
  );
  return [
    `### ${dataset}`,
    "",
    ...protocols,
    "",
    "| `lumiere reproduce` … | | theirs | ours | off by | | seeds | seconds |",
    "|---|---|---|---|---|---|---|---|",
    ...entries.map(tableLine),
    "",
    ...(reasons.length === 0 ? [] : ["Where we differ, and why:", "", ...reasons, ""]),
  ].join("\n");
}

/** The part of docs/results.md between its marks, as it should be. */
export function resultsTable(recipes: readonly Recipe[]): string {
  const rows = recipes.flatMap((recipe) =>
    recipe.rows.map((row) => {
      const { data, split } = rowExperiment(recipe, row, 1).experiment;
      return { dataset: data.data, entry: { recipe, row, sampled: split === "file:ncf" } };
    }),
  );
  const byDataset = [...Map.groupBy(rows, ({ dataset }) => dataset)].map(
    ([dataset, of]) => [dataset, of.map(({ entry }) => entry)] as const,
  );
  const hasRun = (entries: readonly Entry[]) => entries.some(({ row }) => row.measured);
  const run = byDataset.filter(([, entries]) => hasRun(entries));
  const untouched = byDataset.filter(([, entries]) => !hasRun(entries));
  const judgements = run.flatMap(([, of]) => of.map(({ recipe, row }) => judgeRow(recipe, row)));
  return [
    `Of ${judgements.length} rows: ${judgementsText(judgements)}; ${rows.length - judgements.length} more are on data of which nothing has been run.`,
    "",
    ...run.map(([dataset, entries]) => datasetSection(dataset, entries)),
    ...(untouched.length === 0 ? [] : ["### Data of which nothing has been run", ""]),
    ...untouched.map(([dataset, entries]) => {
      const names = new Set(entries.map(({ recipe }) => `\`${recipe.name}\``));
      return `- ${dataset}, ${entries.length} rows: ${[...names].join(", ")}`;
    }),
  ].join("\n");
}

/** The whole page, its table brought up to date. */
export function resultsPage(text: string, recipes: readonly Recipe[]): string {
  const begin = text.indexOf(BEGINS);
  const end = text.indexOf(ENDS);
  const once = begin === text.lastIndexOf(BEGINS) && end === text.lastIndexOf(ENDS);
  if (begin < 0 || end < begin || !once) {
    throw new Error(`docs/results.md: expected "${BEGINS}" and after it "${ENDS}", each once`);
  }
  return `${text.slice(0, begin)}${BEGINS}\n\n${resultsTable(recipes)}\n\n${text.slice(end)}`;
}

if (import.meta.main) {
  writeFileSync(page, resultsPage(readFileSync(page, "utf8"), loadRecipes()));
}
