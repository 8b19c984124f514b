/**
 * The data of a search, without the test part: it is cut off before the first
 * trial, and no trial holds anything from which it could be learnt.
 *
 * @module
 */

import { BadInputError } from "../../base/errors.ts";
import {
  type Dataset,
  type EvaluationPart,
  interactionCount,
  type Split,
} from "../../data/interactions.ts";

export interface BlindData {
  /** Its interactions are the training part's. */
  readonly dataset: Dataset;
  readonly split: Split & { readonly validation: EvaluationPart; readonly test: null };
}

/**
 * A dataset and its split as trials may see them.
 * @throws BadInputError where there is nothing to judge a trial on
 */
export function withoutTest(dataset: Dataset, split: Split): BlindData {
  const { train, validation, specification, description } = split;
  if (validation === null || interactionCount(validation.targets) === 0) {
    throw new BadInputError(
      "tune",
      "trials are judged on a validation part, and the split leaves none; pass --validation 0.1",
    );
  }
  return {
    dataset: { ...dataset, interactions: train, shippedSplits: [] },
    // Warnings speak of the test part too.
    split: { train, validation, test: null, specification, description, warnings: [] },
  };
}
