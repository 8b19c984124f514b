/**
 * The judgement that counts: on the test part, with training and validation
 * items left out of the lists. A run makes it once; a bundle can make it again.
 *
 * @module
 */

import type { Bundle } from "../artifact/bundle.ts";
import { interactionsOf } from "../artifact/bundle-columns.ts";
import { BadInputError } from "../base/errors.ts";
import type { ProgressReporter } from "../base/progress.ts";
import { countByKey } from "../data/grouping.ts";
import {
  type EvaluationPart,
  type Interactions,
  joinedRows,
  trainAndValidation,
} from "../data/interactions.ts";
import { type Evaluation, evaluate } from "../evaluation/evaluate.ts";
import { parseProtocol } from "../evaluation/protocols.ts";
import type { Recommender } from "../models/recommender.ts";

/** How metrics are computed; the `evaluation` of an experiment. */
export interface JudgementSettings {
  readonly ks: readonly number[];
  readonly protocol: string;
  readonly intervals: boolean;
}

/** Who listens, and who may stop it. */
export interface JudgementOptions {
  readonly progress?: ProgressReporter;
  readonly signal?: AbortSignal;
}

/**
 * Judges a recommender on a test part.
 * @param parts `train` may hold the validation part already, where the model was refitted on both
 */
export async function judge(
  recommender: Recommender,
  parts: {
    readonly train: Interactions;
    readonly validation: EvaluationPart | null;
    readonly test: EvaluationPart;
  },
  settings: JudgementSettings,
  seed: number,
  options: JudgementOptions = {},
): Promise<Evaluation> {
  // All that is not test counts, whether a model learns from it or picks its epoch by it, so that
  // the popularity of an item is the same for every model under the same cut.
  const seen = trainAndValidation(parts);
  const known = joinedRows(seen, recommender.userCount);
  return evaluate(recommender, parts.test, {
    seen,
    ks: settings.ks,
    trainPopularity: countByKey(known.indices, recommender.itemCount),
    protocol: parseProtocol(settings.protocol),
    intervals: settings.intervals,
    seed,
    ...options,
  });
}

/**
 * Judges a bundle from what it holds; with its own settings the metrics equal its report's.
 * @param change settings to use in place of the bundle's own
 * @throws BadInputError where the bundle was trained without a test part
 */
export async function evaluateBundle(
  bundle: Bundle,
  change: Partial<JudgementSettings> = {},
  options: JudgementOptions = {},
): Promise<Evaluation> {
  const { validation, test } = await bundle.heldOut();
  if (test === null) {
    throw new BadInputError(
      "no-test",
      `${bundle.directory} was trained without a test part, so there is nothing to judge it on; train with --split random:0.8, for instance`,
    );
  }
  const own = bundle.manifest.evaluation ?? { ks: [10, 20], protocol: "lightgcn", intervals: true };
  const train = interactionsOf(bundle.train);
  return judge(
    bundle.recommender,
    { train, validation, test },
    { ...own, ...change },
    bundle.manifest.seed,
    options,
  );
}
