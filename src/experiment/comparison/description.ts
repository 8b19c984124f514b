/**
 * A comparison as data: the same interactions, the same cuts, several models,
 * several seeds.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { didYouMean } from "../../base/nearest.ts";
import { userMetrics } from "../../evaluation/metrics.ts";
import {
  type Experiment,
  type ExperimentInput,
  experimentSchema,
  prepareExperiment,
  withDataObject,
} from "../description.ts";
import { checkedSettings } from "../settings.ts";

const { data, split, validation, validationUsers, evaluation, threads, output } =
  experimentSchema.shape;

const contenderSchema = z.strictObject({
  label: z
    .string()
    .regex(/^[\w.-]+$/, "expected letters, digits, dots, dashes and underscores")
    .optional()
    .describe("Name in the tables; default: the model's"),
  model: experimentSchema.shape.model,
  hyperparameters: experimentSchema.shape.hyperparameters,
});

/** One comparison. */
export const comparisonSchema = z.strictObject({
  data,
  split,
  validation,
  validationUsers,
  models: z
    .array(contenderSchema)
    .min(2, "expected two models at least, svd and popularity for instance")
    .describe("What is compared"),
  seeds: z
    .array(z.int().min(0).max(0xffffffff))
    .min(1)
    .default([1])
    .describe("One run of each model a seed; a seed cuts the data and starts the models"),
  metric: z
    .string()
    .optional()
    .describe("Ranks the leaderboard; default: ndcg at the longest list"),
  baseline: z
    .string()
    .optional()
    .describe("Label of the model that the others are tested against; default: the best"),
  evaluation,
  threads,
  output,
});

/** What a person writes. */
export type ComparisonInput = Omit<z.input<typeof comparisonSchema>, "data"> &
  Pick<ExperimentInput, "data">;

/** A run that is to be made, or was made before. */
export interface PlannedRun {
  readonly label: string;
  readonly experiment: Experiment;
}

/** A comparison that is known to make sense before anything runs. */
export interface PreparedComparison {
  /** Seed by seed, each with every model under the same cut. */
  readonly runs: readonly PlannedRun[];
  readonly labels: readonly string[];
  readonly ranking: RankingChoice;
  readonly output: string | null;
}

/** What orders the leaderboard, and whom the others are tested against. */
export interface RankingChoice {
  /** "ndcg@20" */
  readonly metric: string;
  /** Null: the best. */
  readonly baseline: string | null;
}

/**
 * Checks everything that can be checked without the data.
 * @param where names the source in errors
 * @throws BadInputError naming the field, what was found and the nearest known name
 */
export function prepareComparison(input: unknown, where = "comparison"): PreparedComparison {
  const checked = checkedSettings(comparisonSchema, withDataObject(input), where);
  const { models, seeds, metric, baseline, output: folder, ...shared } = checked;
  const labels = models.map(({ label, model }) => label ?? model);
  const repeated = labels.find((label, at) => labels.indexOf(label) !== at);
  if (repeated !== undefined) {
    throw new BadInputError(
      "settings",
      `${where}: two models are called "${repeated}"; give one another label (label=${repeated})`,
    );
  }
  if (new Set(seeds).size < seeds.length) {
    throw new BadInputError(
      "settings",
      `${where}: field "seeds": found ${seeds}; expected no repeats`,
    );
  }
  if (baseline !== undefined) checkLabel(baseline, labels, where);
  const { ks } = shared.evaluation;
  const ranking = metric ?? `ndcg@${Math.max(...ks)}`;
  checkRankingMetric(
    ranking,
    Object.keys(userMetrics).flatMap((name) => ks.map((k) => `${name}@${k}`)),
  );
  const runs = seeds.flatMap((seed) =>
    models.map(({ model, hyperparameters }, at): PlannedRun => {
      const prepared = prepareExperiment(
        { ...shared, model, hyperparameters, seed, output: null },
        `${where}, ${labels[at]}`,
      );
      const { experiment } = prepared;
      // With the defaults filled in: what a kept run is compared with.
      return {
        label: labels[at]!,
        experiment: { ...experiment, hyperparameters: { ...prepared.hyperparameters } },
      };
    }),
  );
  return {
    runs,
    labels,
    ranking: { metric: ranking, baseline: baseline ?? null },
    output: folder,
  };
}

function checkLabel(baseline: string, labels: readonly string[], where: string): void {
  if (labels.includes(baseline)) return;
  throw new BadInputError(
    "settings",
    `${where}: baseline "${baseline}" is not compared${didYouMean(baseline, labels)} (models: ${labels.join(", ")})`,
  );
}

/** Checks the metric that ranks; throws BadInputError with those there are. */
export function checkRankingMetric(metric: string, known: readonly string[]): void {
  const ranking = known.filter((key) => (key.split("@")[0] ?? "") in userMetrics);
  if (ranking.includes(metric)) return;
  throw new BadInputError(
    "unknown-metric",
    `metric "${metric}" was not measured${didYouMean(metric, ranking)} (measured: ${ranking.join(", ")})`,
  );
}
