/**
 * A technique for speed, and the ways of doing the same work that take turns: as the engine does
 * it first, then with the technique taken away or exchanged. Every way is made of parts that the
 * engine has anyhow; where there are none, the technique is not here (docs/benchmarks.md says which).
 *
 * @module
 */

import type { CpuOptions } from "../../src/engine/cpu/device.ts";
import type { Device } from "../../src/engine/device.ts";
import type { BipartiteGraph } from "../../src/graph/bipartite.ts";
import type { Neutral } from "../ours/neutral.ts";

/** What every technique is measured on. */
export interface Ground {
  readonly device: Device;
  readonly neutral: Neutral;
  readonly graph: BipartiteGraph;
  /** Another device with as many threads, to be closed by whoever made the ground. */
  start(options: Pick<CpuOptions, "variant" | "blas">): Promise<Device>;
}

/** One way of doing the work. */
export interface Way {
  /** "" for the engine's own; else what is different. */
  readonly title: string;
  /** Does the work once. */
  run(): void | Promise<void>;
  /** Does it from the same start as every other way, and says what came out, in a common order. */
  result(): Promise<Float32Array>;
  /**
   * How far that may be from the first way's, ‖difference‖ ÷ ‖result‖; 0 = the same bits.
   */
  readonly tolerance: number;
}

export interface Technique {
  /** Short name for `--only`. */
  readonly key: string;
  /** What is timed. */
  readonly title: string;
  /** Whether a second process, with 128-bit vectors, takes turns too. */
  readonly alsoNarrow?: boolean;
  /** Why it says nothing on this graph; null or absent where it does. */
  absent?(graph: BipartiteGraph): string | null;
  ways(ground: Ground): readonly Way[] | Promise<readonly Way[]>;
  /** What a reader must know of this graph beside the times, each without a full stop. */
  notes?(ground: Ground): readonly string[];
}

/** Rounding of float32 where a sum is taken in another order, or with fused multiply-adds. */
export const roundingTolerance = 1e-6;
