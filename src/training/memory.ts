/**
 * How much memory a training run takes, found by taking one step on a device
 * that only counts.
 *
 * @module
 */

import { PlanningDevice } from "../engine/planning.ts";
import type { GradientDefinition, TrainingData } from "../models/gradient.ts";
import type { Hyperparameters } from "../models/recommender.ts";
import { type Preparation, unprepared } from "./preparation.ts";
import { Trainer } from "./trainer.ts";

/**
 * Bytes of the engine's arena for this run.
 * @param prepared what the run's `Trainer` is given
 */
export function estimateMemory(
  definition: GradientDefinition,
  hyperparameters: Hyperparameters,
  data: TrainingData,
  { threads, seed }: { readonly threads: number; readonly seed: number },
  prepared: Preparation = unprepared,
): number {
  const device = new PlanningDevice(threads);
  const trainer = new Trainer(definition, hyperparameters, data, device, seed, prepared);
  trainer.step(1, 0);
  return device.peakBytes;
}
