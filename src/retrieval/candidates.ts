/**
 * The contract of approximate retrieval: an index proposes a few items for each
 * query vector, and the one ranking path orders them exactly (`models/rank.ts`).
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";

export interface CandidateIndex {
  readonly itemCount: number;
  readonly width: number;
  /**
   * Items whose inner product with a query may be among the largest.
   * @param queries n × width, row-major
   * @param least how many items to look for at least, for each query
   * @param masked items to leave out, a row for each query; null = none
   * @returns n rows of items, each item at most once
   */
  candidates(queries: Float32Array, least: number, masked: Rows | null): Rows;
}
