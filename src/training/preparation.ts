/**
 * What a gradient model's run works out of its data before the first step: long work, done once, so
 * that the memory estimate and the training are given the same.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import type { WorkContext } from "../graph/weighted-rows.ts";
import type { GradientDefinition, TrainingData } from "../models/gradient.ts";
import type { Hyperparameters, SavedTensors } from "../models/recommender.ts";
import { lossSchema, samplingSchema } from "../models/training-schema.ts";
import { negativeCandidates } from "./negative-candidates.ts";

export interface Preparation {
  /** Items near each user to draw negatives from; null = none are drawn from there */
  readonly candidates: Rows | null;
  /** What the model's own `prepare` made; null = it has none */
  readonly model: SavedTensors | null;
}

/** Of runs that need none. */
export const unprepared: Preparation = { candidates: null, model: null };

/** Whether a run needs more than `unprepared`. */
export function needsPreparation(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
): boolean {
  return definition.prepare !== undefined || drawsNear(definition, hyperparameters);
}

/**
 * @param candidates of the same graph, where they are known already
 * @throws StoppedError on abort
 */
export async function prepare(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
  data: TrainingData,
  work: WorkContext,
  candidates: Rows | null = null,
): Promise<Preparation> {
  const staged: WorkContext = {
    ...work,
    progress: (event) => work.progress({ ...event, stage: "prepare" }),
  };
  return {
    candidates: drawsNear(definition, hyperparameters)
      ? (candidates ?? (await negativeCandidates(staged, data.graph)))
      : null,
    model: (await definition.prepare?.(hyperparameters, data, staged)) ?? null,
  };
}

/** Negatives drawn beside each positive: none where the batch's other positives, or all items, take their place. */
export function drawnNegatives(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
): number {
  if (definition.batches !== "pairs") return 0;
  const { negatives, negativeCount } = samplingSchema.parse(hyperparameters);
  const { loss } = lossSchema.parse(hyperparameters);
  const comparesOthers = negatives === "in-batch" || loss === "multinomial";
  return comparesOthers && !definition.alwaysDraws ? 0 : negativeCount;
}

/** Whether some negatives are drawn from near the user. */
export function drawsNear(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
): boolean {
  if (drawnNegatives(definition, hyperparameters) === 0) return false;
  const { negatives, candidateShare } = samplingSchema.parse(hyperparameters);
  return negatives === "rp3" && candidateShare > 0;
}
