/**
 * Random search (Bergstra & Bengio. Random Search for Hyper-Parameter
 * Optimization. JMLR 2012): points drawn independently and uniformly, after the
 * model's own defaults as the point to beat.
 *
 * @module
 */

import { RandomStream } from "../../base/random.ts";
import { drawPoint, drawUntried, drawValue } from "./draw.ts";
import type { Outcome, Proposal, SearchMethod } from "./search-method.ts";
import type { SearchSpace, Settings } from "./space.ts";

export interface SearchOptions {
  readonly space: SearchSpace;
  /** Tried first; null = nothing */
  readonly start: Settings | null;
  readonly trials: number;
  readonly seed: number;
}

/** The random numbers of one configuration, from 1: no trial depends on how many others draw. */
export const randomOf = (seed: number, configuration: number): RandomStream =>
  new RandomStream(seed, `tune/configuration ${configuration}`);

/** A point that was not tried, drawn uniformly; null where every point was. */
export function randomPoint(
  { space, start, seed }: SearchOptions,
  tried: readonly Settings[],
): Settings | null {
  if (tried.length === 0 && start !== null) return start;
  const random = randomOf(seed, tried.length + 1);
  return drawUntried(space, tried, random, () =>
    drawPoint(space, (dimension) => drawValue(dimension, random)),
  );
}

export function randomSearch(options: SearchOptions): SearchMethod {
  return oneByOne(options.trials, (outcomes) =>
    randomPoint(
      options,
      outcomes.map(({ settings }) => settings),
    ),
  );
}

/** A method that makes one trial of each of its points. */
export function oneByOne(
  trials: number,
  point: (outcomes: readonly Outcome[]) => Settings | null,
): SearchMethod {
  return {
    work: trials,
    unit: "trials",
    workOf: () => 1,
    mayGoOn: () => new Set(),
    next(outcomes): Proposal | null {
      const settings = outcomes.length < trials ? point(outcomes) : null;
      const configuration = outcomes.length + 1;
      return settings && { configuration, settings, epochs: null, rung: null };
    },
  };
}
