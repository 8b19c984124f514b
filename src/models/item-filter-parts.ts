/**
 * What a linear filter of a history is made of; see `item-filter.ts`.
 *
 * @module
 */

import type { BipartiteGraph } from "../graph/bipartite.ts";
import type { DegreeExponents } from "../graph/interaction-matrix.ts";
import type { SavedTensors } from "./recommender.ts";

/** A part of F of low rank: L·Wᵀ. */
export interface LowRank {
  readonly width: number;
  /** L: items × width */
  readonly left: Float32Array;
  /** W: items × width */
  readonly right: Float32Array;
}

export interface ItemFilterParts {
  /** R */
  readonly graph: BipartiteGraph;
  /** a and b */
  readonly exponents: DegreeExponents;
  /** γ: the history is filtered as r·D_I^−γ, and what comes out times D_I^γ */
  readonly signalExponent: number;
  /** Hadamard power of P */
  readonly power: number;
  /** a_0 … a_n of A(P) = Σ a_j·Pʲ */
  readonly polynomial: readonly number[];
  readonly lowRank: LowRank | null;
  readonly saved: SavedTensors;
}
