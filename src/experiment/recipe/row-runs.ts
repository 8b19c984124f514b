/**
 * The run of a recipe's row: of a model that is trained, or of a blend of other rows.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type ProgressReporter, silent } from "../../base/progress.ts";
import { type JudgedReport, readJudgedRun } from "../comparison/judged-run.ts";
import { makeBlend, makeRun } from "../kept-run.ts";
import { blendedRows } from "./blended-rows.ts";
import { type Recipe, type RecipeRow, rowExperiment } from "./recipe.ts";
import { figuresText } from "./row-figures.ts";

/** Where runs are kept, how they tell of themselves and are told to stop. */
interface RowRunOptions {
  readonly root: string;
  readonly threads?: number;
  readonly progress?: ProgressReporter;
  readonly notice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes a row's run with a seed in a folder of `root`, unless it is there; a blend's parts first, each in the
 * folder of its own row.
 * @returns what the run reports; a blend's seconds and memory are those of its parts, too
 */
export async function runRow(
  recipe: Recipe,
  row: RecipeRow,
  seed: number,
  options: RowRunOptions,
): Promise<JudgedReport> {
  const { root, threads = availableParallelism(), progress = silent, signal } = options;
  const parts: { folder: string; weight: number; report: JudgedReport }[] = [];
  for (const part of blendedRows(recipe.rows, row)) {
    const report = await runRow(recipe, part.row, seed, options);
    parts.push({ ...part, report, folder: runFolder(recipe, part.row, seed, root) });
  }
  const stage = `${recipe.name}, ${row.label}, seed ${seed}`;
  const notice = (text: string) => options.notice?.(`${stage}: ${text}`);
  const reporters = {
    progress: ((event) =>
      progress({ ...event, stage: `${stage}: ${event.stage}` })) satisfies ProgressReporter,
    notice,
    ...(signal && { signal }),
  };
  const folder = runFolder(recipe, row, seed, root);
  if (parts.length > 0) {
    await makeBlend(parts, folder, { ...reporters, threads });
  } else {
    const { experiment, hyperparameters } = rowExperiment(recipe, row, seed);
    await makeRun(
      { ...experiment, hyperparameters: { ...hyperparameters }, threads },
      folder,
      // A blend needs the models of its parts.
      { ...reporters, bundle: recipe.rows.some(({ blend }) => blend && row.label in blend) },
    );
  }
  const { report } = await readJudgedRun(row.label, folder);
  notice(figuresText(recipe, row, report));
  return withParts(report, parts);
}

function runFolder({ name, rows }: Recipe, row: RecipeRow, seed: number, root: string): string {
  const slug = row.label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return join(root, name, `${rows.indexOf(row) + 1}-${slug}-seed${seed}`);
}

function withParts(
  report: JudgedReport,
  parts: readonly { readonly report: JudgedReport }[],
): JudgedReport {
  const all = [report, ...parts.map((part) => part.report)];
  const total = all.reduce((sum, { seconds }) => sum + seconds.total, 0);
  const peakMemoryBytes = Math.max(...all.map((each) => each.peakMemoryBytes));
  return { ...report, seconds: { ...report.seconds, total }, peakMemoryBytes };
}
