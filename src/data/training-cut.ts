/**
 * A cut without a test part, for a model that was or will be judged elsewhere:
 * everything trains, but for a validation part that picks the epoch.
 *
 * @module
 */

import { TRAIN, VALIDATION } from "./cuts.ts";
import { markedPositions } from "./grouping.ts";
import { type Dataset, interactionCount, type Split, selectInteractions } from "./interactions.ts";
import { judgedSample } from "./judged-sample.ts";
import { markValidation } from "./validation-part.ts";

/**
 * @param options.validation share that becomes the validation part, from 0 (none) to below 1; every
 *   user keeps an interaction in train
 * @param options.validationUsers most users whom validation judges; undefined = all
 * @param options.seed of the choice
 */
export function cutForTraining(
  dataset: Dataset,
  options: {
    readonly seed: number;
    readonly validation: number;
    readonly validationUsers?: number | undefined;
  },
): Split {
  const { interactions } = dataset;
  const marks = new Uint8Array(interactionCount(interactions)).fill(TRAIN);
  if (options.validation > 0) {
    markValidation(dataset, { kind: "random", ratio: 1 - options.validation }, options, marks);
  }
  const take = (mark: number) => selectInteractions(interactions, markedPositions(marks, mark));
  return {
    train: take(TRAIN),
    validation:
      options.validation > 0
        ? judgedSample(
            { targets: take(VALIDATION), history: null, candidates: null },
            options.validationUsers,
            options.seed,
          )
        : null,
    test: null,
    specification: "none",
    description: "everything trains",
    warnings: [],
  };
}
