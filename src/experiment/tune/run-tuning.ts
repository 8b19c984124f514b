/**
 * The search: one trial after the other, each kept before the next begins.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { LumiereError, StoppedError } from "../../base/errors.ts";
import { checkFolder } from "../../base/folders.ts";
import { type ProgressReporter, silent } from "../../base/progress.ts";
import type { Dataset } from "../../data/interactions.ts";
import { loadDataset } from "../../data/load.ts";
import { parseSplit } from "../../data/split-language.ts";
import { splitDataset } from "../../data/splits.ts";
import { setSharedThreads } from "../../engine/shared.ts";
import type { Hyperparameters } from "../../models/recommender.ts";
import type { ExperimentInput } from "../description.ts";
import { idleSettings } from "../idle-settings.ts";
import { metricLabel } from "../metric-label.ts";
import { type BlindData, withoutTest } from "./blind-data.ts";
import { describeTuning } from "./describe-tuning.ts";
import { type PreparedTuning, prepareTuning, type TuningInput } from "./description.ts";
import { TrialMaker } from "./make-trial.ts";
import { searchIdentity } from "./search-identity.ts";
import type { Proposal } from "./search-method.ts";
import { type Trial, TrialsLog } from "./trials-log.ts";
import { type BestTrial, bestTrial, type Tuning } from "./tuning.ts";
import { writeTuning } from "./tuning-files.ts";

/** How a search tells of itself and is told to stop. */
export interface TuningOptions {
  readonly progress?: ProgressReporter;
  readonly notice?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Data that are loaded already, in place of those that the description names. */
  readonly dataset?: Dataset;
  /** Go on with the trials in the output folder, where there are some. */
  readonly resume?: boolean;
  /** Called as each trial ends, well or badly, with the best so far and what both are judged by. */
  readonly finished?: (
    trial: Trial,
    best: Trial | null,
    judged: Pick<Tuning, "metric" | "sampled">,
  ) => void;
  /** What to type to get this search again, for the report. */
  readonly command?: string | null;
  /** What to type to train a model with what was found; default: with `--config best.json`. */
  readonly trainCommand?: (experiment: ExperimentInput) => string;
}

/**
 * Searches for the hyperparameters with the best value of a metric on the validation part. The test
 * part is cut off before the first trial.
 * @returns all trials and the best; also where each trial failed
 * @throws BadInputError where the description or the data is wrong
 * @throws StoppedError on abort; with an output folder, finished trials are kept there and
 *   `resume` goes on: the trials are the same as those of a search that was not stopped
 *
 * @example
 * const { best, trials } = await tuneModel({ data: "ml-100k", model: "bpr", trials: 20 });
 * console.log(best?.value, best?.settings);
 */
export async function tuneModel(input: TuningInput, options: TuningOptions = {}): Promise<Tuning> {
  return runTuning(prepareTuning(input), options);
}

/** Runs a search that was checked before. */
export async function runTuning(
  prepared: PreparedTuning,
  {
    progress = silent,
    notice = () => {},
    signal = new AbortController().signal,
    dataset: loaded,
    resume = false,
    finished = () => {},
    command = null,
    trainCommand,
  }: TuningOptions = {},
): Promise<Tuning> {
  const { experiment, definition, method } = prepared;
  const { seed, threads, output } = experiment;
  if (output !== null) checkFolder("output folder", output);
  for (const idle of idleSettings(definition.hyperparameters, unsearched(prepared))) {
    notice(idle);
  }
  setSharedThreads(threads);
  const dataset = loaded ?? (await loadDataset(experiment.data, { progress, notice, signal }));
  const { validation, validationUsers } = experiment;
  const cut = { seed, validation, validationUsers };
  const split = await splitDataset(dataset, parseSplit(experiment.split), cut);
  const data = withoutTest(dataset, split);
  const log = openLog(prepared, data, { resume, notice });
  const maker = new TrialMaker(prepared, data, output && join(output, "checkpoints"));
  if (log.trials.length === 0) maker.forgetAll();
  const { metric } = prepared.tuning;
  const { sampled } = maker.evaluator;

  const described = (complete: boolean): Tuning => ({
    ...describeTuning(
      prepared,
      dataset,
      { ...data, evaluator: maker.evaluator },
      log.trials,
      trainCommand ?? configCommand(output),
    ),
    command,
    complete,
  });
  const keep = (tuning: Tuning) => (output === null ? tuning : writeTuning(output, tuning));

  let done = workDone(prepared, log.trials);
  for (;;) {
    const proposal = method.next(log.trials);
    if (proposal === null) break;
    const best = bestTrial(log.trials);
    const report = (share: number) =>
      progress({
        stage: "tune",
        done: done + share * method.workOf(proposal),
        total: method.work,
        unit: method.unit,
        // Whoever prints it adds "(sampled)" where that holds.
        figures: best ? { [`best validation ${metricLabel(metric, false)}`]: best.value } : {},
        sampled,
      });
    report(0);
    try {
      if (signal.aborted) throw new StoppedError(`stopped before trial ${log.trials.length + 1}`);
      const trial = await maker.make(log.trials.length + 1, proposal, {
        signal,
        progress: (event) => report(event.stage === "train" ? shareOf(event) : 0),
      });
      log.append(trial);
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error;
      await keep(described(false));
      throw new StoppedError(error.message + howToGoOn(output, log.trials.length));
    }
    done += method.workOf(proposal);
    const goingOn = method.mayGoOn(log.trials);
    for (const { configuration } of log.trials) {
      if (!goingOn.has(configuration)) maker.forget(configuration);
    }
    finished(log.trials.at(-1)!, bestTrial(log.trials), { metric, sampled });
  }
  maker.forgetAll();
  return keep(described(true));
}

/** The hyperparameters that every trial has. */
function unsearched({ hyperparameters, space }: PreparedTuning): Hyperparameters {
  const searched = new Set(space.map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(hyperparameters).filter(([name]) => !searched.has(name)),
  );
}

/** The log of an output folder, or one that is kept nowhere. */
function openLog(
  prepared: PreparedTuning,
  data: BlindData,
  { resume, notice }: { readonly resume: boolean; readonly notice: (text: string) => void },
): Pick<TrialsLog, "trials" | "append"> {
  const { output } = prepared.experiment;
  if (output === null) {
    const trials: Trial[] = [];
    return { trials, append: (trial) => void trials.push(trial) };
  }
  const path = join(output, "trials.jsonl");
  const identity = searchIdentity(prepared, data);
  if (!resume) return TrialsLog.create(path, identity);
  if (existsSync(path)) return TrialsLog.resume(path, identity);
  notice(`${path} does not exist: starting from the beginning`);
  return TrialsLog.create(path, identity);
}

function configCommand(output: string | null): (experiment: ExperimentInput) => string | null {
  return () => (output === null ? null : `lumiere train --config ${join(output, "best.json")}`);
}

/** Share of a run that is done; early stopping may end it sooner. */
function shareOf({ done, total = 0 }: { readonly done: number; readonly total?: number }): number {
  return total > 0 ? Math.min(1, done / total) : 0;
}

/** Work of the trials that were made. */
function workDone({ method }: PreparedTuning, trials: readonly Trial[]): number {
  return trials.reduce((sum, trial) => sum + method.workOf(asProposal(trial)), 0);
}

const asProposal = ({ configuration, settings, epochs, rung }: Trial): Proposal => ({
  ...{ configuration, settings },
  ...{ epochs, rung },
});

function howToGoOn(output: string | null, trials: number): string {
  const kept = `; ${trials} finished trials`;
  return output === null
    ? `${kept} are lost`
    : `${kept} are kept in ${output}, and "--resume" goes on`;
}

/**
 * Says why no trial succeeded, with the commonest reason.
 * @throws LumiereError "tune" where every trial failed
 */
export function requireBest({ best, trials }: Tuning): BestTrial {
  if (best !== null) return best;
  const messages = trials.flatMap(({ error }) => (error ? [error.message] : []));
  const commonest = messages.toSorted(
    (a, b) => messages.filter((m) => m === b).length - messages.filter((m) => m === a).length,
  )[0];
  throw new LumiereError("tune", `all ${trials.length} trials failed; most often: ${commonest}`);
}
