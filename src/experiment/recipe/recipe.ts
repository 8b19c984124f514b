/**
 * A recipe: one file that says which experiment a published number claims, how
 * near is near enough, and what the paper left open. `recipes/*.json` holds them.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { didYouMean } from "../../base/nearest.ts";
import { parseMetricKey } from "../../evaluation/metrics.ts";
import { experimentSchema, type PreparedExperiment, prepareExperiment } from "../description.ts";
import { checkedSettings } from "../settings.ts";
import { blendedRows, checkBlend } from "./blended-rows.ts";

/** The one published figure that is no metric: the loss of the last epoch. */
export const LOSS = "loss";

const isFigure = (key: string): boolean => {
  try {
    return key === LOSS || parseMetricKey(key).k > 0;
  } catch {
    return false;
  }
};

const { data, split, validation, model, hyperparameters, evaluation } = experimentSchema.shape;

/** What a row changes of the recipe's experiment; `hyperparameters`, `data` and `evaluation` field by field. */
const partialExperiment = z.strictObject({
  data: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .optional()
    .describe(data.description ?? ""),
  split: split.unwrap().optional(),
  validation,
  model: model.unwrap().optional(),
  hyperparameters: hyperparameters.unwrap().optional(),
  evaluation: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(evaluation.description ?? ""),
});

const figureKey = z.string().refine(isFigure, "expected NAME@K, for instance recall@20, or loss");
const seedsSchema = z.array(z.int().min(0).max(0xffffffff)).min(1);

/** What a row gave here, from which `scripts/document-results.ts` writes the table of docs/results.md. */
const measuredSchema = z.strictObject({
  figures: z.record(figureKey, z.number()).describe("Means over the seeds, to four places"),
  seconds: z
    .number()
    .positive()
    .describe("Of one run, its mean over the seeds, on two cores or fewer that may be busy"),
  seeds: seedsSchema.optional().describe("In place of the recipe's"),
  settings: z
    .string()
    .regex(/^[0-9a-f]{12}$/, "expected twelve hexadecimal digits")
    .describe("Digest of the row's settings that gave them"),
  why: z
    .string()
    .optional()
    .describe("Why ours differs from theirs, as far as that is known; or how else it was measured"),
});

const rowSchema = z.strictObject({
  label: z.string().min(1).describe("What the row is, as tables print it"),
  published: z
    .record(figureKey, z.number())
    .default({})
    .describe("The published figures; none = a row that only we have"),
  tolerance: z.number().min(0).max(1).optional().describe("In place of the recipe's"),
  measured: measuredSchema.optional().describe("What the row gave here; none = not run yet"),
  note: z.string().optional().describe("What is particular about the row"),
  change: partialExperiment.prefault({}).describe("What differs from the recipe's experiment"),
  blend: z
    .record(z.string(), z.number().positive())
    .optional()
    .describe("The row is a blend of other rows of the recipe: their labels and weights"),
});

/** One recipe file. */
export const recipeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/, "expected small letters, digits and dashes")
    .describe("The file's name without .json"),
  title: z.string().min(1).describe("For tables and headings"),
  source: z
    .strictObject({
      text: z.string().min(1).describe("Authors, title, venue, table; or the repository"),
      url: z.url().optional(),
    })
    .describe("Who published the figures"),
  protocol: z.string().min(1).describe("How the figures are measured, in one sentence"),
  note: z.string().optional().describe("What the source leaves open, and the reading chosen here"),
  tolerance: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe("How far below a published figure still counts, as a share of it"),
  seeds: seedsSchema.default([1]).describe("One run of each row a seed"),
  show: z.array(figureKey).default([]).describe("Figures to print beside the published ones"),
  experiment: partialExperiment.describe("What the rows share"),
  rows: z.array(rowSchema).min(1),
});

export type Recipe = z.output<typeof recipeSchema>;
export type RecipeRow = Recipe["rows"][number];

/** Where the recipes are: beside src/ and dist/ alike. */
export const RECIPES_FOLDER = fileURLToPath(new URL("../../../recipes/", import.meta.url));

/** Every recipe of a folder, by name. @throws BadInputError "recipe" naming file and field */
export function loadRecipes(folder = RECIPES_FOLDER): Recipe[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => readRecipe(join(folder, file)));
}

/** One recipe file. @throws BadInputError "recipe" naming file and field */
export function readRecipe(path: string): Recipe {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BadInputError("recipe", `${path}: ${reason}; expected a recipe as JSON`, { cause });
  }
  const recipe = checkedSettings(recipeSchema, raw, path);
  if (recipe.name !== basename(path, ".json")) {
    throw new BadInputError(
      "recipe",
      `${path}: field "name": found "${recipe.name}"; expected the file's name, "${basename(path, ".json")}"`,
    );
  }
  const labels = recipe.rows.map(({ label }) => label);
  const repeated = labels.find((label, at) => labels.indexOf(label) !== at);
  if (repeated !== undefined) {
    throw new BadInputError("recipe", `${path}: two rows are called "${repeated}"`);
  }
  for (const row of recipe.rows) checkBlend(recipe.rows, row, path);
  return recipe;
}

/**
 * The recipes that the words name: a name, or a beginning with `*`.
 * @throws BadInputError "unknown-recipe" with the nearest
 */
export function chooseRecipes(recipes: readonly Recipe[], words: readonly string[]): Recipe[] {
  const chosen = words.flatMap((word) => {
    const found = recipes.filter(({ name }) =>
      word.endsWith("*") ? name.startsWith(word.slice(0, -1)) : name === word,
    );
    if (found.length > 0) return found;
    const names = recipes.map(({ name }) => name);
    throw new BadInputError(
      "unknown-recipe",
      `recipe "${word}" is not known${didYouMean(word, names, 3)} (lumiere reproduce --list shows all)`,
    );
  });
  return [...new Set(chosen)];
}

/**
 * The rows that the texts name, of whichever recipes have some; without a text, all. A text names the row of that
 * label, and in a recipe without such a row all whose label contains it.
 * @throws BadInputError "unknown-row" with the rows there are, where a text is in none of the labels
 */
export function chooseRows(recipes: readonly Recipe[], texts: readonly string[]): RecipeRow[] {
  if (texts.length === 0) return recipes.flatMap(({ rows }) => rows);
  const chosen = texts.map((text) => recipes.flatMap(({ rows }) => rowsNamed(rows, text)));
  const missing = texts.find((_, at) => chosen[at]?.length === 0);
  if (missing === undefined) {
    const named = new Set(chosen.flat());
    return recipes.flatMap(({ rows }) => rows.filter((row) => named.has(row)));
  }
  const rows = recipes.map(
    ({ name, rows }) => `${name} has ${rows.map(({ label }) => `"${label}"`).join(", ")}`,
  );
  throw new BadInputError(
    "unknown-row",
    `row: found "${missing}", expected a part of a row's label: ${rows.join("; ")}`,
  );
}

function rowsNamed(rows: readonly RecipeRow[], text: string): readonly RecipeRow[] {
  const exact = rows.filter(({ label }) => label === text);
  return exact.length > 0 ? exact : rows.filter(({ label }) => label.includes(text));
}

/** What a row trains and how it is judged, as its file has it: neither defaults nor seed; what it blends aside. */
function rowSettings({ experiment }: Recipe, { change }: RecipeRow) {
  const asObject = (from: string | Record<string, unknown> | undefined) =>
    typeof from === "string" ? { data: from } : from;
  return {
    ...experiment,
    ...change,
    data: { ...asObject(experiment.data), ...asObject(change.data) },
    hyperparameters: {
      // Another model has other fields.
      ...(change.model === undefined ? experiment.hyperparameters : {}),
      ...change.hyperparameters,
    },
    evaluation: { ...experiment.evaluation, ...change.evaluation },
  };
}

/** Twelve hexadecimal digits that change with a row's settings, so that figures can tell which they are of. */
export function settingsDigest(recipe: Recipe, row: RecipeRow): string {
  const inOrder = (_key: string, value: unknown) =>
    value instanceof Object && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  const parts = blendedRows(recipe.rows, row).map((part) => [
    rowSettings(recipe, part.row),
    part.weight,
  ]);
  const own = parts.length > 0 ? parts : rowSettings(recipe, row);
  const text = JSON.stringify(own, inOrder);
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** The experiment of a row with a seed; of a blend what its parts share. @throws BadInputError naming recipe, row and field */
export function rowExperiment(recipe: Recipe, row: RecipeRow, seed: number): PreparedExperiment {
  const settings = rowSettings(recipe, row);
  return prepareExperiment(
    { ...settings, evaluation: { intervals: false, ...settings.evaluation }, seed },
    `recipe ${recipe.name}, ${row.label}`,
  );
}
