/**
 * What a run has to show for itself: the content of `report.json`, from which
 * the HTML page and the lines of the command line are made.
 *
 * @module
 */

import type { NamedItem } from "../artifact/recommendation-source.ts";
import type { Recommendation } from "../artifact/recommendations.ts";
import type { DatasetStatistics } from "../data/statistics.ts";
import type { EvaluationSummary } from "../evaluation/summary.ts";
import type { EpochRecord } from "../training/fit.ts";

/** A person's list, as an example of what the model does. */
export interface SampleList {
  readonly user: string;
  /** Items in the person's training history. */
  readonly historyCount: number;
  /** A few of them. */
  readonly history: readonly NamedItem[];
  readonly recommendations: readonly (Recommendation & { readonly genres: readonly string[] })[];
}

/** Wall-clock seconds of each stage; of a resumed run, training counts all its sittings. */
export interface StageSeconds {
  readonly load: number;
  readonly split: number;
  /** Null where the models were trained before: a blend. */
  readonly fit: number | null;
  /** Null where there is no test part. */
  readonly evaluate: number | null;
  readonly total: number;
}

export interface Report {
  /** ISO 8601, UTC. */
  readonly created: string;
  /** What to type to get this run again; null where it was started from a program. */
  readonly command: string | null;
  readonly model: { readonly name: string; readonly title: string; readonly paper: string | null };
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly threads: number;
  /** What the engine ran on. */
  readonly device: string;
  readonly dataset: {
    readonly name: string;
    /** Name for people: "MovieLens 100K". */
    readonly title: string;
    readonly source: string;
    readonly licence: string | null;
    /** True for data that Lumière made up: the metrics say nothing about real people. */
    readonly synthetic: boolean;
    readonly users: number;
    readonly items: number;
    readonly interactions: number;
    readonly fingerprint: string;
    readonly filterNotes: readonly string[];
    readonly statistics: DatasetStatistics;
  };
  readonly split: {
    readonly specification: string;
    readonly description: string;
    /** Share of train that was cut off to pick the epoch. */
    readonly validation: number;
    readonly warnings: readonly string[];
    readonly train: number;
    readonly validationInteractions: number;
    /** Users of the sample that validation judges; absent = everybody in it. */
    readonly validationUsers?: number;
    readonly test: number;
  };
  /** "recall@20" → mean over the evaluated users; empty where there is no test part. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** "recall@20" → 95 % bootstrap interval. */
  readonly intervals: EvaluationSummary["intervals"];
  readonly definitions: Readonly<Record<string, string>>;
  /** How the metrics were computed; null where there is no test part. */
  readonly evaluation: Omit<EvaluationSummary, "metrics" | "intervals" | "definitions"> | null;
  readonly epochsRun: number;
  readonly bestEpoch: number | null;
  readonly stoppedEarly: boolean;
  readonly curve: readonly EpochRecord[];
  readonly seconds: StageSeconds;
  /** Most memory that the process has held at once. */
  readonly peakMemoryBytes: number;
  readonly versions: Readonly<Record<string, string>>;
  /** All that a reader should know before believing a number. */
  readonly warnings: readonly string[];
  readonly samples: readonly SampleList[];
  /** Files that were written, by kind; empty where nothing was kept. */
  readonly files: Readonly<Record<string, string>>;
}
