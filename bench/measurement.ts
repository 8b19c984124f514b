/**
 * What one turn of a contender tells.
 *
 * @module
 */

/** The line that a contender prints; which figures are there depends on the suite. */
export interface Measurement {
  readonly threads: number;
  readonly stepMs?: Spread;
  readonly rankMs?: Spread;
  readonly iterationMs?: Spread;
  readonly fitMs?: Spread;
  /** A whole process, from its start to its end. */
  readonly runMs?: Spread;
  /** Processor time of an iteration or step, all threads together: what others do hardly touches it. */
  readonly processorMs?: number;
  readonly propagateMs?: number;
  readonly samplingSeconds?: number;
  readonly epochSeconds?: number;
  /** Whether the longest of these times was reckoned from a part that was timed. */
  readonly extrapolated?: boolean;
  readonly checkLosses?: readonly number[];
  /** How far its check may be off, where the method itself is approximate. */
  readonly checkTolerance?: number;
  readonly meanTopScore?: number;
  readonly itemChecksum?: number;
  /** Objective after the same number of iterations, lower is better. */
  readonly checkObjective?: number;
  /** How well the model ranks after the same number of epochs. */
  readonly quality?: { readonly recall20: number; readonly ndcg100?: number };
  /** What a reader must know beside the figures, without a full stop. */
  readonly note?: string;
  readonly peakMebibytes?: number;
  /** Of a library with all that it brings along. */
  readonly installedMegabytes?: number;
  readonly versions: Readonly<Record<string, string>>;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}
