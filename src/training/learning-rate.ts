/**
 * The step size while training goes on.
 *
 * @module
 */

import type { TrainingHyperparameters } from "../models/training-schema.ts";

/** What is left of the step size when it has fallen: a model still learns from what comes after. */
const least = 0.01;

/**
 * Step size of a batch. With `decayEpochs` it falls along half a cosine (Loshchilov & Hutter, SGDR, ICLR
 * 2017, equation 5, without restarts) until a hundredth is left, by the place in training alone, so that a run that was broken off
 * goes on as it would have.
 * @param epoch from 1
 * @param batch from 0
 */
export function learningRateAt(
  { learningRate, decayEpochs }: Pick<TrainingHyperparameters, "learningRate" | "decayEpochs">,
  epoch: number,
  batch: number,
  batchesPerEpoch: number,
): number {
  if (decayEpochs === 0) return learningRate;
  const share = Math.min((epoch - 1 + batch / batchesPerEpoch) / decayEpochs, 1);
  return learningRate * Math.max((1 + Math.cos(Math.PI * share)) / 2, least);
}
