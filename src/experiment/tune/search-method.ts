/**
 * What a search method is: a pure function from the trials so far to the next
 * one, so that a search that was cut off goes on exactly as if it had not been.
 *
 * @module
 */

import type { Settings } from "./space.ts";

/** A trial that ended. */
export interface Outcome {
  /** Which settings these are: trials of the same settings with more epochs share the number. From 1. */
  readonly configuration: number;
  readonly settings: Settings;
  /** What was to be maximised; null where the trial failed. */
  readonly value: number | null;
}

/** A trial that should be made. */
export interface Proposal {
  readonly configuration: number;
  readonly settings: Settings;
  /** Most epochs, where the method decides that; null = as the settings say */
  readonly epochs: number | null;
  /** Round of the method, from 1; null where there are none */
  readonly rung: number | null;
}

export interface SearchMethod {
  /** Work in all: trials, or epochs where trials differ by those. */
  readonly work: number;
  readonly unit: "trials" | "epochs";
  /** Work of one trial. */
  workOf(proposal: Proposal): number;
  /** The trial after these, in the order in which they were made; null = the search is over */
  next(outcomes: readonly Outcome[]): Proposal | null;
  /** Configurations that were tried and may be tried again, with more epochs. */
  mayGoOn(outcomes: readonly Outcome[]): ReadonlySet<number>;
}
