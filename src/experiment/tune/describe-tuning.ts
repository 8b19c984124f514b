/**
 * What a search says of itself: its description, its data and its trials.
 *
 * @module
 */

import { versions } from "../../artifact/versions.ts";
import { type Dataset, interactionCount } from "../../data/interactions.ts";
import { withoutPasswords } from "../../data/source.ts";
import type { Evaluator } from "../../evaluation/evaluate.ts";
import { parseMetricKey } from "../../evaluation/metrics.ts";
import { datasetTitle } from "../describe-run.ts";
import type { ExperimentInput } from "../description.ts";
import type { BlindData } from "./blind-data.ts";
import type { PreparedTuning } from "./description.ts";
import type { Trial } from "./trials-log.ts";
import { type BestTrial, bestTrial, type Tuning } from "./tuning.ts";

/** A search and its trials, gathered for the report. */
export function describeTuning(
  prepared: PreparedTuning,
  full: Dataset,
  { split, evaluator }: BlindData & { readonly evaluator: Evaluator },
  trials: readonly Trial[],
  command: (experiment: ExperimentInput) => string | null,
): Omit<Tuning, "command" | "complete"> {
  const { definition, tuning, fixed, space } = prepared;
  const { name, title, paper } = definition;
  return {
    created: new Date().toISOString(),
    model: { name, title, paper },
    dataset: {
      name: full.name,
      title: datasetTitle(full),
      source: full.source,
      synthetic: full.synthetic,
      users: full.users.size,
      items: full.items.size,
      filterNotes: full.filterNotes,
    },
    split: {
      specification: split.specification,
      description: split.description,
      validation: tuning.validation,
      train: interactionCount(split.train),
      validationInteractions: interactionCount(split.validation.targets),
      ...(split.validation.judged && { validationUsers: split.validation.judged.length }),
    },
    seed: tuning.seed,
    method: tuning.method,
    metric: tuning.metric,
    sampled: evaluator.sampled,
    // The sentence is written for reports, which judge on the test part.
    definition: evaluator.definition(tuning.metric).replaceAll("test item", "validation item"),
    space,
    fixed,
    trials,
    best: best(prepared, trials, command),
    seconds: trials.reduce((sum, { seconds }) => sum + seconds, 0),
    versions: versions(),
    warnings: warningsOf(full, trials),
    files: {},
  };
}

function best(
  { definition, tuning, fixed, experiment: prepared }: PreparedTuning,
  trials: readonly Trial[],
  command: (experiment: ExperimentInput) => string | null,
): BestTrial | null {
  const found = bestTrial(trials);
  if (found === null) return null;
  const { trial, value, settings } = found;
  const { data, split, model, protocol, seed, validation, validationUsers } = tuning;
  const gradient = definition.kind === "gradient";
  // The run prints what the search was about.
  const { ks } = prepared.evaluation;
  const { k } = parseMetricKey(tuning.metric);
  const listed = ks.includes(k);
  const { stopMetric } = definition.hyperparameters.parse(fixed);
  const experiment: ExperimentInput = {
    data: { ...data, data: withoutPasswords(data.data) },
    split,
    // Without epochs to pick there is nothing to hold out any more.
    ...(gradient && { validation }),
    ...(gradient && validationUsers !== undefined && { validationUsers }),
    model,
    hyperparameters: {
      ...fixed,
      // Where nobody says otherwise, the epoch is picked as it was in the trials.
      ...(gradient &&
        fixed.stopMetric === undefined &&
        stopMetric !== tuning.metric && { stopMetric: tuning.metric }),
      ...settings,
    },
    ...((protocol !== "lightgcn" || !listed) && {
      evaluation: { ...prepared.evaluation, protocol, ...(!listed && { ks: [...ks, k] }) },
    }),
    seed,
  };
  return { trial, value, settings, experiment, command: command(experiment) };
}

function warningsOf(dataset: Dataset, trials: readonly Trial[]): string[] {
  const failed = trials.filter(({ error }) => error !== null).length;
  return [
    ...(dataset.synthetic
      ? [`made-up data (${dataset.source}): the metrics say nothing about real people`]
      : []),
    ...(failed > 0
      ? [
          `${failed} of ${trials.length} trials failed; ${failed === 1 ? "its error is" : "their errors are"} in the table`,
        ]
      : []),
    "the best of many validation values flatters itself: only the test part, looked at once at the end, says how good the model is",
  ];
}
