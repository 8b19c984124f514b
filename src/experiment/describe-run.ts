/**
 * What a run says of itself: its description, its data and its result, gathered
 * for the report.
 *
 * @module
 */

import { versions } from "../artifact/versions.ts";
import { findEntry } from "../data/catalogue.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { type Dataset, interactionCount, type Split } from "../data/interactions.ts";
import { datasetStatistics } from "../data/statistics.ts";
import type { Evaluation } from "../evaluation/evaluate.ts";
import { summarise } from "../evaluation/summary.ts";
import type { FitResult } from "../training/fit.ts";
import type { PreparedExperiment } from "./description.ts";
import type { Report } from "./report.ts";

/** What a judgement puts into a report. */
export function judgementFields(
  evaluation: Evaluation | null,
): Pick<Report, "metrics" | "intervals" | "definitions" | "evaluation"> {
  if (evaluation === null) {
    return { metrics: {}, intervals: null, definitions: {}, evaluation: null };
  }
  const { metrics, intervals, definitions, ...rest } = summarise(evaluation);
  return { metrics, intervals, definitions, evaluation: rest };
}

/** The parts of a report that follow from what ran. */
export function describeRun(
  { experiment, definition, hyperparameters }: PreparedExperiment,
  dataset: Dataset,
  split: Split,
  fit: FitResult,
  evaluation: Evaluation | null,
): Omit<Report, "command" | "seconds" | "samples" | "peakMemoryBytes" | "files"> {
  const { name, title, paper } = definition;
  return {
    created: new Date().toISOString(),
    model: { name, title, paper },
    hyperparameters,
    seed: experiment.seed,
    threads: experiment.threads,
    device: fit.device,
    dataset: {
      name: dataset.name,
      title: datasetTitle(dataset),
      source: dataset.source,
      licence: dataset.licence,
      synthetic: dataset.synthetic,
      users: dataset.users.size,
      items: dataset.items.size,
      interactions: interactionCount(dataset.interactions),
      fingerprint: fingerprint(dataset),
      filterNotes: dataset.filterNotes,
      statistics: datasetStatistics(dataset),
    },
    split: {
      specification: split.specification,
      description: split.description,
      validation: experiment.validation,
      warnings: split.warnings,
      train: interactionCount(split.train),
      validationInteractions: split.validation ? interactionCount(split.validation.targets) : 0,
      ...(split.validation?.judged && { validationUsers: split.validation.judged.length }),
      test: split.test ? interactionCount(split.test.targets) : 0,
    },
    ...judgementFields(evaluation),
    epochsRun: fit.epochsRun,
    bestEpoch: fit.bestEpoch,
    stoppedEarly: fit.stoppedEarly,
    curve: fit.curve,
    versions: { ...versions(), engine: fit.device },
    warnings: [
      ...runWarnings(dataset, split, evaluation, {
        unvalidated: definition.kind === "gradient" && split.validation === null,
      }),
      ...refitWarning(fit),
    ],
  };
}

/** A catalogue's title; a file that only shares a name with an entry keeps its own. */
export function datasetTitle({ name, licence }: Pick<Dataset, "name" | "licence">): string {
  const entry = findEntry(name);
  return entry?.licence === licence ? entry.title : name;
}

/**
 * What a reader should know of the data, the cut and the judgement before believing a number.
 * @param options.unvalidated whether a model was trained by epochs, and no validation part picked one
 */
export function runWarnings(
  dataset: Pick<Dataset, "synthetic" | "source">,
  split: Pick<Split, "warnings">,
  evaluation: Evaluation | null,
  { unvalidated }: { readonly unvalidated: boolean },
): string[] {
  return [
    ...(dataset.synthetic
      ? [`made-up data (${dataset.source}): the metrics say nothing about real people`]
      : []),
    ...split.warnings,
    ...(unvalidated
      ? [
          "no validation part: the last epoch was kept, whatever it was; pass --validation 0.1 to pick the best one honestly",
        ]
      : []),
    ...(evaluation === null ? ["no test part: nothing was judged"] : []),
    ...(evaluation && evaluation.maskedTargets > 0
      ? [
          `${evaluation.maskedTargets} test items are in the user's training part too and cannot be found`,
        ]
      : []),
  ];
}

/** How many times the loss of the epoch that was picked the second training may end with. */
const MOST_REFIT_LOSS = 2;

/** Nobody validates the model that is trained on everything; its loss says at least whether it went the same way. */
function refitWarning({ curve, bestEpoch, refitLoss }: FitResult): string[] {
  const picked = curve.find(({ epoch }) => epoch === bestEpoch)?.loss;
  if (refitLoss === undefined || picked === undefined) return [];
  if (picked <= 0 || refitLoss <= MOST_REFIT_LOSS * picked) return [];
  return [
    `training on train and validation together ended with a loss of ${refitLoss.toFixed(4)}, where the ` +
      `training that picked epoch ${bestEpoch} had ${picked.toFixed(4)}: it is unsteady, and the model may be ` +
      "of no use; a smaller learningRate, or decayEpochs, steadies it",
  ];
}
