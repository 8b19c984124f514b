/**
 * What a search has to show: the content of `search.json`, from which the page
 * and the lines of the command line are made.
 *
 * @module
 */

import type { ExperimentInput } from "../description.ts";
import { metricLabel } from "../metric-label.ts";
import type { SearchMethodName } from "./description.ts";
import type { SearchSpace, Settings } from "./space.ts";
import type { Trial } from "./trials-log.ts";

/** The best trial. */
export interface BestTrial {
  readonly trial: number;
  readonly value: number;
  readonly settings: Settings;
  /** What `--config best.json` takes: the data, the model, what was fixed and what was found. */
  readonly experiment: ExperimentInput;
  /** How to train it; null where nobody can say */
  readonly command: string | null;
}

export interface Tuning {
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly command: string | null;
  readonly model: { readonly name: string; readonly title: string; readonly paper: string | null };
  readonly dataset: {
    readonly name: string;
    readonly title: string;
    readonly source: string;
    readonly synthetic: boolean;
    readonly users: number;
    readonly items: number;
    readonly filterNotes: readonly string[];
  };
  readonly split: {
    readonly specification: string;
    readonly description: string;
    readonly validation: number;
    readonly train: number;
    readonly validationInteractions: number;
    /** Users of the sample that trials are judged on; absent = everybody in the validation part. */
    readonly validationUsers?: number;
  };
  readonly seed: number;
  readonly method: SearchMethodName;
  /** "ndcg@20", of the validation part. */
  readonly metric: string;
  /** True where validation items were ranked among a few candidates and not among all items. */
  readonly sampled: boolean;
  /** What the metric means, in one sentence. */
  readonly definition: string;
  readonly space: SearchSpace;
  /** Settings that were not searched and differ from nothing: those that a person fixed. */
  readonly fixed: Readonly<Record<string, unknown>>;
  /** In the order in which they were made. */
  readonly trials: readonly Trial[];
  /** False where the search was stopped. */
  readonly complete: boolean;
  /** Null where every trial failed. */
  readonly best: BestTrial | null;
  /** Of all trials together. */
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

/** What trials are judged by, for people: "NDCG@20", and where candidates were given "NDCG@20 (sampled)". */
export function judgedBy({ metric, sampled }: Pick<Tuning, "metric" | "sampled">): string {
  return metricLabel(metric, sampled);
}

/** The trial with the largest value, the earliest of equals; null where every trial failed. */
export function bestTrial(trials: readonly Trial[]): (Trial & { readonly value: number }) | null {
  return trials.reduce<(Trial & { readonly value: number }) | null>((best, trial) => {
    const { value } = trial;
    return value !== null && (best === null || value > best.value) ? { ...trial, value } : best;
  }, null);
}

/** Each configuration's last trial: with halving, the one with the most epochs. */
export function lastOfEach(trials: readonly Trial[]): Trial[] {
  return [...new Map(trials.map((trial) => [trial.configuration, trial])).values()];
}
