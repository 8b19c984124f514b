/**
 * What a comparison has to show: the content of `comparison.json`, from which
 * the tables and the page are made. JSON-safe: what has no value is null.
 *
 * @module
 */

import type { Interval } from "../../evaluation/bootstrap.ts";
import type { JudgedReport } from "./judged-run.ts";

/** A metric of one model over its seeds. */
export interface ComparedMetric {
  /** Mean over users of each user's mean over the seeds (catalogue metrics: mean over the seeds). */
  readonly mean: number | null;
  /** 95 % bootstrap interval over users; null for metrics of all lists together. */
  readonly interval: readonly [number, number] | null;
  /** The runs' own figures, in the order of `seeds`. */
  readonly perSeed: readonly (number | null)[];
}

/** One model of the leaderboard. */
export interface ComparedModel {
  readonly label: string;
  readonly model: JudgedReport["model"];
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  /** Share of train that was cut off to pick the epoch. */
  readonly validation: number;
  readonly seeds: readonly number[];
  readonly metrics: Readonly<Record<string, ComparedMetric>>;
  /** Recall of rare and of popular items apart, the first seed's. */
  readonly byPopularity: JudgedReport["evaluation"]["byPopularity"];
  /** Epoch that was kept, each seed's; null for models without epochs. */
  readonly bestEpochs: readonly (number | null)[];
  /** Loss and validation metrics by epoch, the first seed's. */
  readonly curve: JudgedReport["curve"];
  /** Mean over the seeds. */
  readonly seconds: {
    readonly fit: number | null;
    readonly evaluate: number | null;
    readonly total: number;
  };
  /** Most that a run's process held at once, data and evaluation included. */
  readonly peakMemoryBytes: number;
  readonly folders: readonly string[];
}

/** What one test says of one pair. */
export interface PairTest {
  readonly statistic: number | null;
  readonly p: number | null;
  /** After Holm's correction over all pairs and metrics of the table. */
  readonly adjusted: number | null;
}

/** A model against the reference in one metric. */
export interface PairedComparison {
  readonly metric: string;
  readonly label: string;
  readonly reference: string;
  /** Users that both were judged on. */
  readonly users: number;
  /** Mean of the model's value minus the reference's. */
  readonly difference: number | null;
  readonly interval: readonly [number, number] | null;
  /** Users with a better, an equal and a worse value than under the reference, as the metric goes. */
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  readonly randomisation: PairTest;
  readonly t: PairTest;
  readonly wilcoxon: PairTest;
}

/** A run that did not end. */
export interface FailedRun {
  readonly label: string;
  readonly seed: number;
  readonly code: string;
  readonly message: string;
}

export interface Comparison {
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly command: string | null;
  readonly dataset: JudgedReport["dataset"];
  readonly split: Pick<JudgedReport["split"], "specification" | "description">;
  readonly evaluation: {
    readonly protocol: JudgedReport["evaluation"]["protocol"];
    /** True where test items were ranked among a few candidates and not among all items. */
    readonly sampled: boolean;
    /** Users of a run with a test item; of the first run. */
    readonly usersEvaluated: number;
  };
  readonly definitions: Readonly<Record<string, string>>;
  /** Orders the leaderboard. */
  readonly metric: string;
  /** Whom the others are tested against: the baseline, or the best. */
  readonly reference: string;
  /** Best first. */
  readonly models: readonly ComparedModel[];
  readonly tests: readonly PairedComparison[];
  readonly failures: readonly FailedRun[];
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  /** All that a reader should know before believing a difference. */
  readonly warnings: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

/** [low, high], or null where there is none. */
export function bounds(interval: Interval | undefined): readonly [number, number] | null {
  return interval === undefined || Number.isNaN(interval.low)
    ? null
    : [interval.low, interval.high];
}

/** JSON has no NaN. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
