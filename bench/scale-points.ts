/**
 * What the scale suite found at each size.
 *
 * @module
 */

import type { StageMeasurement } from "./ours/scale-stage.ts";

export const stages = ["ingestion", "training", "evaluation"] as const;
export type Stage = (typeof stages)[number];

/** What was found at one size. */
export interface ScalePoint {
  readonly interactions: number;
  readonly users: number;
  readonly items: number;
  readonly stages: Readonly<Record<Stage, StageMeasurement>>;
}

/** A value of a stage by interactions, where it was measured. */
export function valuesOf(
  points: readonly ScalePoint[],
  stage: Stage,
  pick: (found: ScalePoint["stages"][Stage]) => number | undefined,
): [number, number][] {
  return points.flatMap(({ interactions, stages: found }): [number, number][] => {
    const value = pick(found[stage]);
    return value === undefined ? [] : [[interactions, value]];
  });
}
