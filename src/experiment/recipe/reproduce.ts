/**
 * Runs a recipe, each row and seed in a process of its own, and puts ours beside
 * theirs.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LumiereError, StoppedError } from "../../base/errors.ts";
import type { ProgressReporter } from "../../base/progress.ts";
import { catalogue, listDatasets } from "../../data/catalogue.ts";
import type { JudgedReport } from "../comparison/judged-run.ts";
import {
  chooseRows,
  type Recipe,
  type RecipeRow,
  rowExperiment,
  settingsDigest,
} from "./recipe.ts";
import { figureOf, keysOf } from "./row-figures.ts";
import { runRow } from "./row-runs.ts";
import { passes, type Verdict, verdictOf } from "./verdict.ts";

/** One published figure and what we measured. */
export interface ReproducedFigure {
  readonly key: string;
  /** Null where only we have one. */
  readonly theirs: number | null;
  /** Mean over the seeds. */
  readonly ours: number;
  readonly perSeed: readonly number[];
  /** Null where there is nothing to compare with. */
  readonly verdict: Verdict | null;
}

export interface ReproducedRow {
  readonly label: string;
  readonly note: string | null;
  readonly model: string;
  /** `settingsDigest` of what ran. */
  readonly settings: string;
  /** As the runs describe it. */
  readonly split: string;
  readonly figures: readonly ReproducedFigure[];
  readonly bestEpochs: readonly (number | null)[];
  /** Of one run: load, fit and evaluation; mean over the seeds. */
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  readonly sampled: boolean;
  /** False where a figure is below the published one by more than the tolerance. */
  readonly passed: boolean;
}

export interface Reproduction {
  readonly name: string;
  readonly title: string;
  readonly source: Recipe["source"];
  readonly protocol: string;
  readonly note: string | null;
  readonly seeds: readonly number[];
  /** "missing-data": nothing ran; "failed": a run ended with an error. */
  readonly status: "pass" | "miss" | "missing-data" | "failed";
  /** What is missing or failed, in one sentence. */
  readonly reason: string | null;
  readonly rows: readonly ReproducedRow[];
}

/** How a reproduction tells of itself and is told to stop. */
export interface ReproduceOptions {
  /** In place of the recipe's. */
  readonly seeds?: readonly number[];
  /** Only the rows that these name, as `chooseRows` has it; none given = all. */
  readonly rows?: readonly string[];
  /** Keeps every run, so that the same call goes on; null = keep nothing. */
  readonly output?: string | null;
  /** Fetch data that are not here; else a recipe without data is reported as such. */
  readonly download?: boolean;
  readonly threads?: number;
  readonly progress?: ProgressReporter;
  readonly notice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Names of the catalogue's datasets that a recipe needs and this machine has not. */
export async function missingData(recipe: Recipe): Promise<string[]> {
  const names = new Set(
    recipe.rows.map((row) => rowExperiment(recipe, row, 1).experiment.data.data),
  );
  const known = new Set(catalogue.map(({ name }) => name));
  const listed = await listDatasets();
  return [...names].filter(
    (name) => known.has(name) && listed.find((entry) => entry.name === name)?.found === "download",
  );
}

/**
 * Runs one recipe.
 * @throws BadInputError "unknown-row" where no label contains one of `rows`
 * @throws StoppedError on abort; with an output folder the same call goes on
 */
export async function reproduce(
  recipe: Recipe,
  options: ReproduceOptions = {},
): Promise<Reproduction> {
  const { name, title, source, protocol, note = null } = recipe;
  const wanted = chooseRows([recipe], options.rows ?? []);
  const seeds = options.seeds ?? recipe.seeds;
  const about = { name, title, source, protocol, note, seeds };
  const missing = options.download ? [] : await missingData(recipe);
  if (missing.length > 0) {
    const reason = `${missing.join(", ")} is not here; set LUMIERE_DATA, or pass --download`;
    return { ...about, status: "missing-data", reason, rows: [] };
  }
  const rows: ReproducedRow[] = [];
  const kept = options.output ?? null;
  const root = kept ?? (await mkdtemp(join(tmpdir(), "lumiere-recipe-")));
  try {
    for (const row of wanted) rows.push(await reproduceRow(recipe, row, seeds, root, options));
  } catch (error) {
    if (error instanceof StoppedError && kept !== null) {
      throw new StoppedError(
        `stopped in ${name}; the same call with the output folder ${kept} goes on`,
      );
    }
    if (!(error instanceof LumiereError) || error instanceof StoppedError) throw error;
    return { ...about, status: "failed", reason: error.message, rows };
  } finally {
    if (kept === null) await rm(root, { recursive: true, force: true });
  }
  const passed = rows.every((row) => row.passed);
  return { ...about, status: passed ? "pass" : "miss", reason: null, rows };
}

async function reproduceRow(
  recipe: Recipe,
  row: RecipeRow,
  seeds: readonly number[],
  root: string,
  options: ReproduceOptions,
): Promise<ReproducedRow> {
  const reports: JudgedReport[] = [];
  for (const seed of seeds) reports.push(await runRow(recipe, row, seed, { ...options, root }));
  return summarised(recipe, row, reports);
}

function summarised(
  recipe: Recipe,
  row: RecipeRow,
  reports: readonly JudgedReport[],
): ReproducedRow {
  const [first] = reports;
  if (first === undefined) throw new RangeError(`${recipe.name}, ${row.label}: no seed to run`);
  const tolerance = row.tolerance ?? recipe.tolerance;
  const mean = (figures: readonly number[]) =>
    figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  const figures = keysOf(recipe, row, first).map((key): ReproducedFigure => {
    const perSeed = reports.map((report) => figureOf(report, key));
    const ours = mean(perSeed);
    const theirs = row.published[key] ?? null;
    return {
      key,
      theirs,
      ours,
      perSeed,
      verdict: theirs === null ? null : verdictOf(theirs, ours, tolerance),
    };
  });
  return {
    label: row.label,
    note: row.note ?? null,
    model: first.model.name,
    settings: settingsDigest(recipe, row),
    split: first.split.specification,
    figures,
    bestEpochs: reports.map(({ bestEpoch }) => bestEpoch),
    seconds: mean(reports.map(({ seconds }) => seconds.total)),
    peakMemoryBytes: Math.max(...reports.map(({ peakMemoryBytes }) => peakMemoryBytes)),
    sampled: first.evaluation.sampled,
    passed: figures.every(({ key, verdict }) => verdict === null || passes(key, verdict)),
  };
}
