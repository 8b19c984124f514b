/**
 * Successive halving (Jamieson & Talwalkar. Non-stochastic Best Arm
 * Identification and Hyperparameter Optimization. AISTATS 2016): many settings
 * with few epochs, the best of them with more, and so on until a few have had all.
 *
 * Differs from the paper: a share 1/η stays after each rung in place of a half
 * (Li et al., Hyperband, JMLR 2018), and epochs are counted per trial, η times
 * as many in each rung as in the one before.
 *
 * @module
 */

import { BadInputError } from "../../base/errors.ts";
import { drawPoint, drawUntried, drawValue } from "./draw.ts";
import { randomOf, type SearchOptions } from "./random-search.ts";
import type { Outcome, Proposal, SearchMethod } from "./search-method.ts";
import type { Settings } from "./space.ts";

/** A round: so many settings, each with so many epochs. */
export interface Rung {
  readonly size: number;
  readonly epochs: number;
}

/** Budget of a search by halving. */
export interface HalvingBudget {
  /** Settings in the first rung. */
  readonly trials: number;
  /** Epochs in the last rung. */
  readonly epochs: number;
  /** Epochs between validations: no rung has fewer, and all but the last have a multiple. */
  readonly evaluateEvery: number;
  /** η */
  readonly reduction: number;
}

/**
 * The rungs, each with a share 1/η of the settings and η times the epochs of the one before.
 * @throws BadInputError where there is room for one rung only
 *
 * @example
 * rungsOf({ trials: 27, epochs: 90, evaluateEvery: 5, reduction: 3 });
 * // 27 × 10, 9 × 30, 3 × 90 epochs
 */
export function rungsOf({ trials, epochs, evaluateEvery, reduction }: HalvingBudget): Rung[] {
  let count = 1;
  while (trials >= reduction ** count && epochs >= evaluateEvery * reduction ** count) count++;
  if (count === 1) {
    throw new BadInputError(
      "tune",
      `halving by ${reduction} needs ${reduction} trials or more and ${reduction * evaluateEvery} epochs or more ` +
        `(${reduction} × evaluateEvery); found ${trials} trials and ${epochs} epochs; take more, or --method tpe`,
    );
  }
  return Array.from({ length: count }, (_, at) => {
    const share = epochs / reduction ** (count - 1 - at);
    const whole = evaluateEvery * Math.ceil(share / evaluateEvery);
    return {
      size: Math.floor(trials / reduction ** at),
      epochs: at === count - 1 ? epochs : Math.min(epochs, whole),
    };
  });
}

/**
 * The configurations that go on from a rung: the best, best first, the earlier of equals; failed
 * ones never. From the rung's own outcomes.
 */
export function promoted(outcomes: readonly Outcome[], size: number): Outcome[] {
  return outcomes
    .filter(({ value }) => value !== null)
    .sort((a, b) => b.value! - a.value! || a.configuration - b.configuration)
    .slice(0, size);
}

export function halving(
  options: SearchOptions,
  budget: Omit<HalvingBudget, "trials">,
): SearchMethod {
  const points = startingPoints(options);
  const rungs = rungsOf({ ...budget, trials: points.length });
  return {
    work: rungs.reduce((sum, { size, epochs }) => sum + size * epochs, 0),
    unit: "epochs",
    workOf: ({ epochs }) => epochs ?? 0,
    next(outcomes): Proposal | null {
      const { rung, points: inRung, made } = standing(points, rungs, outcomes);
      const next = inRung[made];
      return next === undefined ? null : { ...next, epochs: rungs[rung - 1]!.epochs, rung };
    },
    mayGoOn(outcomes) {
      const { rung, points: inRung } = standing(points, rungs, outcomes);
      return new Set(rung === rungs.length ? [] : inRung.map(({ configuration }) => configuration));
    },
  };
}

interface Standing {
  /** Rung in progress, from 1; the last one once all is done */
  readonly rung: number;
  readonly points: readonly { readonly configuration: number; readonly settings: Settings }[];
  /** How many of them have been tried in this rung. */
  readonly made: number;
}

/** Where a search stands after these outcomes. */
function standing(
  starting: readonly Settings[],
  rungs: readonly Rung[],
  outcomes: readonly Outcome[],
): Standing {
  let points: Standing["points"] = starting.map((settings, at) => ({
    configuration: at + 1,
    settings,
  }));
  let before = 0;
  for (let rung = 1; ; rung++) {
    const made = outcomes.slice(before, before + points.length);
    const above = rungs[rung];
    if (above === undefined || made.length < points.length) {
      return { rung, points, made: made.length };
    }
    before += points.length;
    points = promoted(made, above.size).map(({ configuration, settings }) => ({
      configuration,
      settings,
    }));
  }
}

/** Different points, the starting one first; fewer where the space has fewer. */
function startingPoints({ space, start, trials, seed }: SearchOptions): Settings[] {
  const points = start === null ? [] : [start];
  while (points.length < trials) {
    const random = randomOf(seed, points.length + 1);
    const point = drawUntried(space, points, random, () =>
      drawPoint(space, (dimension) => drawValue(dimension, random)),
    );
    if (point === null) break;
    points.push(point);
  }
  return points;
}
