/**
 * Writes what `lumiere reproduce --out runs/recipes` measured into the recipes' rows:
 * `node scripts/keep-figures.ts runs/recipes/results.json`, then `npm run format` and
 * `node scripts/document-results.ts`. Why a figure differs is for people to write: rows that still say
 * why of their last figures are named.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { RECIPES_FOLDER, readRecipe, settingsDigest } from "../src/experiment/recipe/recipe.ts";
import { rowSecondsText } from "../src/experiment/recipe/recipe-tables.ts";
import type { Reproduction } from "../src/experiment/recipe/reproduce.ts";

/** The text of a recipe's file with the figures of a reproduction, and the rows whose `why` may be old. */
export function withFigures(
  path: string,
  { rows, seeds }: Pick<Reproduction, "rows" | "seeds">,
): { readonly text: string; readonly toRead: readonly string[] } {
  const recipe = readRecipe(path);
  const file = JSON.parse(readFileSync(path, "utf8"));
  const toRead: string[] = [];
  for (const { label, figures, seconds, settings } of rows) {
    const at = recipe.rows.findIndex((row) => row.label === label);
    const row = recipe.rows[at];
    if (row === undefined || settingsDigest(recipe, row) !== settings) {
      throw new Error(`${path}: "${label}" was run with other settings than the file has now`);
    }
    const lost = figures.find(({ ours }) => !Number.isFinite(ours));
    if (lost) throw new Error(`${path}: "${label}" has no figure for ${lost.key}`);
    file.rows[at].measured = {
      figures: Object.fromEntries(figures.map(({ key, ours }) => [key, Number(ours.toFixed(4))])),
      seconds: Number(rowSecondsText(seconds)),
      ...(!isDeepStrictEqual(seeds, recipe.seeds) && { seeds }),
      settings,
      ...(row.measured?.why !== undefined && { why: row.measured.why }),
    };
    if (row.measured?.why !== undefined) toRead.push(`${recipe.name}, ${label}`);
  }
  return { text: `${JSON.stringify(file, null, 2)}\n`, toRead };
}

if (import.meta.main) {
  const results: Reproduction[] = process.argv
    .slice(2)
    .flatMap((path) => JSON.parse(readFileSync(path, "utf8")).recipes);
  const files = results
    .filter(({ rows }) => rows.length > 0)
    .map((reproduction) => {
      const path = join(RECIPES_FOLDER, `${reproduction.name}.json`);
      return { path, ...withFigures(path, reproduction) };
    });
  for (const { path, text } of files) writeFileSync(path, text);
  for (const row of files.flatMap(({ toRead }) => toRead)) {
    console.log(`${row}: does its "why" still say why?`);
  }
}
