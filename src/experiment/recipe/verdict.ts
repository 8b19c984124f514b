/**
 * How near a published figure ours is, for a run and for what a recipe keeps of one.
 *
 * @module
 */

import { LOSS, type Recipe, type RecipeRow } from "./recipe.ts";

/** Ours beside theirs. */
export type Verdict = "above" | "match" | "below";

/** Where ours lies, with `tolerance` as a share of theirs. */
export function verdictOf(theirs: number, ours: number, tolerance: number): Verdict {
  const room = tolerance * Math.abs(theirs);
  if (ours > theirs + room) return "above";
  return ours >= theirs - room ? "match" : "below";
}

/** A metric is to be met or beaten; a loss is to be met: below it, something else was measured. */
export function passes(key: string, verdict: Verdict): boolean {
  return key === LOSS ? verdict === "match" : verdict !== "below";
}

export type RowJudgement = "pass" | "miss" | "ours alone" | "not run";

/** What the figures that a recipe keeps of a row come to. */
export function judgeRow(
  recipe: Pick<Recipe, "tolerance">,
  row: Pick<RecipeRow, "published" | "measured" | "tolerance">,
): RowJudgement {
  const { published, measured, tolerance = recipe.tolerance } = row;
  if (measured === undefined) return "not run";
  const theirs = Object.entries(published);
  if (theirs.length === 0) return "ours alone";
  const passed = theirs.every(([key, figure]) =>
    passes(key, verdictOf(figure, measured.figures[key] ?? Number.NaN, tolerance)),
  );
  return passed ? "pass" : "miss";
}
