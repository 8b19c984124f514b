/**
 * The one way to report progress: long work receives a `ProgressReporter` and
 * tells it what it has done; who shows it (terminal line, server, test) is not
 * the worker's business.
 *
 * @module
 */

/** One report from long work. */
export interface ProgressEvent {
  /** What is going on: "download", "ingest", "epoch", "evaluate", … */
  readonly stage: string;
  /** Units done so far. */
  readonly done: number;
  /** Units in all, where known. */
  readonly total?: number;
  /** Unit of `done` and `total`: "bytes", "rows", "epochs", "users". */
  readonly unit: string;
  /** Figures worth showing now: loss, validation metric, … */
  readonly figures?: Readonly<Record<string, number>>;
  /** True where the metrics among the figures are of ranking a few candidates and not all items. */
  readonly sampled?: boolean;
}

export type ProgressReporter = (event: ProgressEvent) => void;

/** Reports to nobody. */
export const silent: ProgressReporter = () => {};
