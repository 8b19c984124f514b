/**
 * Every model with every seed, each in a process of its own, and what they say
 * together. Runs that a folder holds already are not made again, so the same
 * call goes on after a stop.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LumiereError, StoppedError } from "../../base/errors.ts";
import { checkFolder } from "../../base/folders.ts";
import { type ProgressReporter, silent } from "../../base/progress.ts";
import { makeRun } from "../kept-run.ts";
import { compareRuns } from "./compare-runs.ts";
import type { Comparison, FailedRun } from "./comparison.ts";
import { writeComparison } from "./comparison-files.ts";
import { type ComparisonInput, type PreparedComparison, prepareComparison } from "./description.ts";
import { type JudgedRun, readJudgedRun, runFolders } from "./judged-run.ts";

/** How a comparison tells of itself and is told to stop. */
export interface ComparisonOptions {
  readonly progress?: ProgressReporter;
  readonly notice?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Keep each run's model too, and not its report alone; default false. */
  readonly bundles?: boolean;
  /** Called as each run ends; `made` is false for one that was there already. */
  readonly finished?: (run: JudgedRun, made: boolean) => void;
  readonly command?: string | null;
}

/**
 * Runs and compares.
 * @throws BadInputError where the description or the data is wrong
 * @throws StoppedError on abort; with an output folder the same call goes on
 *
 * @example
 * const { models, tests } = await compareModels({
 *   data: "ml-100k",
 *   models: [{ model: "lightgcn" }, { model: "popularity" }],
 *   seeds: [1, 2, 3],
 * });
 */
export async function compareModels(
  input: ComparisonInput,
  options: ComparisonOptions = {},
): Promise<Comparison> {
  return runComparison(prepareComparison(input), options);
}

/** Runs a comparison that was checked before. */
export async function runComparison(
  { runs, ranking, output }: PreparedComparison,
  options: ComparisonOptions = {},
): Promise<Comparison> {
  const { progress = silent, notice = () => {}, finished, signal, bundles, command } = options;
  if (output !== null) checkFolder("output folder", output);
  const root = output ?? (await mkdtemp(join(tmpdir(), "lumiere-comparison-")));
  try {
    const judged: JudgedRun[] = [];
    const failures: FailedRun[] = [];
    const said = new Set<string>();
    for (const [at, { label, experiment }] of runs.entries()) {
      const { seed } = experiment;
      const name = `${label}, seed ${seed} (${at + 1} of ${runs.length})`;
      const folder = join(root, "runs", `${label}-seed${seed}`);
      try {
        const made = await makeRun(experiment, folder, {
          progress: (event) => progress({ ...event, stage: `${name}: ${event.stage}` }),
          notice(text) {
            // What is true of a model with every seed is said with the first.
            if (!said.has(`${label}: ${text}`)) notice(`${name}: ${text}`);
            said.add(`${label}: ${text}`);
          },
          bundle: bundles === true,
          command: null,
          ...(signal && { signal }),
        });
        const run = await readJudgedRun(label, folder);
        judged.push(run);
        finished?.(run, made);
      } catch (error) {
        if (error instanceof StoppedError) throw stoppedIn(name, output);
        if (!(error instanceof LumiereError)) throw error;
        // Bad input is the same for every run that follows.
        if (error.exitCode === 2 && judged.length === 0) throw error;
        failures.push({ label, seed, code: error.code, message: error.message });
        notice(`${name} failed: ${error.message}`);
      }
    }
    const [failure] = failures;
    if (judged.length === 0 && failure) {
      const whose = `${failure.label}, seed ${failure.seed}`;
      throw new LumiereError("comparison", `no run ended well; ${whose}: ${failure.message}`);
    }
    const comparison = compareRuns(judged, ranking, { command: command ?? null, failures });
    return output === null ? withoutFolders(comparison) : await writeComparison(output, comparison);
  } finally {
    if (output === null) await rm(root, { recursive: true, force: true });
  }
}

function stoppedIn(name: string, output: string | null): StoppedError {
  const how =
    output === null ? "" : `; the same comparison with the output folder ${output} goes on`;
  return new StoppedError(`stopped in ${name}${how}`);
}

/**
 * Compares runs that are there: folders of `lumiere train --out`, of a blend, or of a comparison.
 * @param output folder for the tables and the page; null = write nothing
 * @param nameOf what a run is called where its model's name is not enough; default: its folder
 * @throws BadInputError where a folder holds no judged run, or they cannot be compared
 */
export async function compareFolders(
  folders: readonly string[],
  {
    metric = null,
    baseline = null,
    output = null,
    command = null,
    nameOf = (folder) => folder,
  }: {
    readonly nameOf?: (folder: string) => string;
    readonly metric?: string | null;
    readonly baseline?: string | null;
    readonly output?: string | null;
    readonly command?: string | null;
  } = {},
): Promise<Comparison> {
  if (output !== null) checkFolder("output folder", output);
  // A folder that is named twice, or beside the comparison that holds it, is one run.
  const found = new Map(folders.flatMap(runFolders).map((folder) => [resolve(folder), folder]));
  const runs: JudgedRun[] = [];
  for (const folder of found.values()) runs.push(await readJudgedRun(folder, folder));
  const comparison = compareRuns(
    labelled(runs, nameOf),
    { metric, baseline },
    { command, failures: [] },
  );
  return output === null ? comparison : writeComparison(output, comparison);
}

/** Runs of the same model and settings with different seeds are one model; others get labels of their own. */
function labelled(runs: readonly JudgedRun[], nameOf: (folder: string) => string): JudgedRun[] {
  const identity = ({ report }: JudgedRun) =>
    JSON.stringify(
      [report.model.name, report.hyperparameters, report.split.validation],
      // A blend names the seeds of its parts.
      (key, value) => (key === "seed" ? undefined : value),
    );
  const groups = Map.groupBy(runs, identity);
  return [...groups.values()].flatMap((group) => {
    const { name } = group[0]!.report.model;
    const alone = [...groups.values()].every(
      (other) => other === group || other[0]!.report.model.name !== name,
    );
    const seeds = new Set(group.map(({ report }) => report.seed));
    const repeated = seeds.size < group.length;
    return group.map((run) => ({
      ...run,
      label:
        alone && !repeated ? name : `${name} (${nameOf(repeated ? run.folder : group[0]!.folder)})`,
    }));
  });
}

/** The runs' folders are gone with the comparison. */
function withoutFolders(comparison: Comparison): Comparison {
  return { ...comparison, models: comparison.models.map((model) => ({ ...model, folders: [] })) };
}
