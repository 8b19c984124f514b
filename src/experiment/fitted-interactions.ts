/**
 * What a model has learnt from once it is fitted.
 *
 * @module
 */

import {
  type Interactions,
  mergeInteractions,
  type Split,
  trainAndValidation,
} from "../data/interactions.ts";
import type { ModelDefinition } from "../models/gradient.ts";
import type { Hyperparameters } from "../models/recommender.ts";

/** What the model was fitted to in the end: train, and with `refit` the validation part too. */
export function fittedInteractions(
  definition: ModelDefinition,
  hyperparameters: Hyperparameters,
  split: Split,
): Interactions {
  const refitted = definition.kind === "gradient" && hyperparameters.refit === true;
  return refitted && split.validation ? mergeInteractions(trainAndValidation(split)) : split.train;
}
