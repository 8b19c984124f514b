/**
 * One description turned into one run: load, filter, cut, fit, judge, keep.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { z } from "zod";
import { BUNDLE_FOLDER, checkBundleTarget, writeBundle } from "./artifact/bundle.ts";
import { seenRows } from "./artifact/bundle-columns.ts";
import type { RecommendationSource } from "./artifact/recommendation-source.ts";
import { checkFolder } from "./base/folders.ts";
import { type ProgressReporter, silent } from "./base/progress.ts";
import { type Dataset, rowsByUser, type Split, trainAndValidation } from "./data/interactions.ts";
import { loadDataset } from "./data/load.ts";
import type { DataOptions } from "./data/options.ts";
import { rememberable } from "./data/source.ts";
import { parseSplit } from "./data/split-language.ts";
import { splitDataset } from "./data/splits.ts";
import type { Profile } from "./engine/profile.ts";
import { setSharedThreads } from "./engine/shared.ts";
import { judgedUsers } from "./evaluation/audience.ts";
import type { Evaluation } from "./evaluation/evaluate.ts";
import { parseProtocol } from "./evaluation/protocols.ts";
import { describeRun } from "./experiment/describe-run.ts";
import {
  type ExperimentInput,
  type PreparedExperiment,
  prepareExperiment,
} from "./experiment/description.ts";
import { type JudgementSettings, judge } from "./experiment/final-evaluation.ts";
import { fittedInteractions } from "./experiment/fitted-interactions.ts";
import { idleSettings } from "./experiment/idle-settings.ts";
import { peakMemoryBytes } from "./experiment/peak-memory.ts";
import { writePerUserValues } from "./experiment/per-user-values.ts";
import type { Report } from "./experiment/report.ts";
import { withdrawReport, writeReport } from "./experiment/report-files.ts";
import { sampleLists } from "./experiment/samples.ts";
import { fitModel } from "./training/fit.ts";

/** How a run tells of itself and is told to stop. */
export interface RunOptions {
  readonly progress?: ProgressReporter;
  /** Receives sentences for people: the licence of a download, what a filter removed, … */
  readonly notice?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Data that are loaded already, in place of those that the description names. */
  readonly dataset?: Dataset;
  /** Go on from the checkpoint in the output folder, where there is one. */
  readonly resume?: boolean;
  /** Notes where the time of fitting goes. */
  readonly profile?: Profile;
  /** What to type to get this run again, for the report. */
  readonly command?: string | null;
  /** Whether the output folder gets the model too, and not the report alone; default true. */
  readonly bundle?: boolean;
}

/** A finished run; recommendations can be asked of it as of a bundle. */
export interface ExperimentResult extends RecommendationSource {
  readonly report: Report;
  readonly dataset: Dataset;
  readonly split: Split;
  /** Null where the split has no test part. */
  readonly evaluation: Evaluation | null;
}

/**
 * Runs an experiment.
 * @throws BadInputError where the description or the data is wrong
 * @throws StoppedError on abort; what was trained is kept in the output folder's checkpoint
 *
 * @example
 * const result = await runExperiment({ data: "ml-100k", model: "lightgcn", seed: 1 });
 * result.report.metrics["recall@20"];
 */
export async function runExperiment(
  input: ExperimentInput,
  options: RunOptions = {},
): Promise<ExperimentResult> {
  return runPrepared(prepareExperiment(input), options);
}

/** Runs an experiment that was checked before. */
export async function runPrepared(
  prepared: PreparedExperiment,
  {
    progress = silent,
    notice = () => {},
    signal = new AbortController().signal,
    resume = false,
    command = null,
    bundle = true,
    profile,
    dataset: loaded,
  }: RunOptions = {},
): Promise<ExperimentResult> {
  const { experiment, definition, hyperparameters } = prepared;
  const { seed, threads, output } = experiment;
  const checkpointFolder = output === null ? null : join(output, "checkpoint");
  // Found out now, not after an hour of training.
  if (output !== null) {
    checkFolder("output folder", output);
    if (bundle) checkFolder("output folder", join(output, BUNDLE_FOLDER));
  }
  if (output !== null && bundle) await checkBundleTarget(join(output, BUNDLE_FOLDER));
  for (const idle of idleSettings(definition.hyperparameters, hyperparameters)) notice(idle);
  setSharedThreads(threads);
  const clock = new StageClock();

  const dataset = loaded ?? (await loadDataset(experiment.data, { progress, notice, signal }));
  clock.end("load");
  const split = await splitDataset(dataset, parseSplit(experiment.split), {
    seed,
    validation: experiment.validation,
    validationUsers: experiment.validationUsers,
  });
  // That nobody can be judged is found out before the training, not after it; the rows are made anew then.
  if (split.test) judgedUsers(split.test, trainAndValidation(split));
  clock.end("split");
  if (checkpointFolder !== null && resume !== existsSync(checkpointFolder)) {
    notice(
      resume
        ? `${checkpointFolder} does not exist: starting from the beginning`
        : `${checkpointFolder} holds an unfinished run, which this one replaces; --resume would go on with it`,
    );
  }
  const fit = await fitModel(definition, hyperparameters, {
    dataset,
    split,
    protocol: parseProtocol(experiment.evaluation.protocol),
    seed,
    threads,
    checkpoint:
      checkpointFolder === null ? null : { directory: checkpointFolder, ...experiment.checkpoint },
    resume,
    progress,
    signal,
    profile,
  });
  clock.end("fit", fit.seconds);
  const train = fittedInteractions(definition, hyperparameters, split);
  const evaluation =
    split.test &&
    (await judge(
      fit.recommender,
      { train, validation: split.validation, test: split.test },
      experiment.evaluation,
      seed,
      { progress, signal },
    ));
  if (evaluation !== null) clock.end("evaluate");

  const { users, items, itemFeatures } = dataset;
  const source: RecommendationSource = {
    recommender: fit.recommender,
    users,
    items,
    itemFeatures,
    train: rowsByUser(train, users.size),
    seen: seenRows(split, users.size),
  };
  const report: Report = {
    ...describeRun(prepared, dataset, split, fit, evaluation),
    command,
    seconds: clock.seconds(),
    samples: await sampleLists(source, train, seed),
    peakMemoryBytes: peakMemoryBytes(),
    files: {},
  };
  const result = { ...source, report, dataset, split, evaluation };
  if (output === null) return result;
  const isDescribed = loaded === undefined || loaded.name === experiment.data.data;
  const data = isDescribed ? rememberable(experiment.data) : undefined;
  withdrawReport(output);
  if (bundle) await keepBundle(output, result, experiment.evaluation, data);
  if (evaluation !== null) await writePerUserValues(output, evaluation.perUser);
  const written = await writeReport(output, report, dataset, { bundle });
  const isKept = experiment.checkpoint.keep && definition.kind === "gradient";
  if (checkpointFolder !== null && !isKept) {
    await rm(checkpointFolder, { recursive: true, force: true });
  }
  return { ...result, report: written };
}

async function keepBundle(
  output: string,
  { report, dataset, split, evaluation, ...source }: ExperimentResult,
  settings: JudgementSettings,
  data: DataOptions | undefined,
): Promise<void> {
  const { paper: _paper, ...model } = report.model;
  const { statistics: _statistics, title: _title, ...described } = report.dataset;
  await writeBundle(join(output, BUNDLE_FOLDER), {
    manifest: {
      created: report.created,
      model,
      hyperparameters: z.record(z.string(), z.json()).parse(report.hyperparameters),
      dataset: { ...described, filterNotes: [...described.filterNotes] },
      split: { ...report.split, warnings: [...report.split.warnings] },
      ...(data && { data }),
      seed: report.seed,
      evaluation: evaluation && {
        ...settings,
        ks: [...settings.ks],
        sampled: evaluation.sampled,
      },
      metrics: report.metrics,
      versions: report.versions,
    },
    ...source,
    validation: split.validation,
    test: split.test,
  });
}

/** Seconds of the stages of a run, one after the other. */
class StageClock {
  readonly #begin = performance.now();
  #last = this.#begin;
  /** Seconds of earlier sittings of a run that was resumed. */
  #before = 0;
  readonly #stages: Record<string, number> = {};

  /** @param all seconds of the stage, those of earlier sittings too */
  end(stage: "load" | "split" | "fit" | "evaluate", all = 0): void {
    const now = performance.now();
    const sitting = (now - this.#last) / 1000;
    this.#stages[stage] = Math.max(sitting, all);
    this.#before += this.#stages[stage] - sitting;
    this.#last = now;
  }

  seconds(): Report["seconds"] {
    const { load = 0, split = 0, fit = 0, evaluate = null } = this.#stages;
    const sitting = (performance.now() - this.#begin) / 1000;
    return { load, split, fit, evaluate, total: this.#before + sitting };
  }
}
