/**
 * A part of a network's score: MLP has one, NeuMF two. The score of a pair is the sum of
 * its parts and a bias; the parts may have vectors of their own.
 *
 * @module
 */

import type { Device } from "../engine/device.ts";
import type { Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { PairBatch, Parameter, Parameters } from "./gradient.ts";
import type { SavedTensors } from "./recommender.ts";

export interface NetworkPart {
  /** Name of the table of its users' vectors, one row a user. */
  readonly userTable: string;
  /** Everything that it trains, by names of its own. */
  parameters(userCount: number, itemCount: number): Readonly<Record<string, Parameter>>;
  onTape(parameters: Parameters, batch: PairBatch): PartOnTape;
  /** Puts the fitted part on a device. */
  place(device: Device, tensors: SavedTensors): AddScores;
}

export interface PartOnTape {
  /**
   * Scores of n items beside each user of the batch.
   * @param items B·n dense indices
   * @returns B·n numbers
   */
  scores(items: Tensor): Variable;
  /**
   * Scores of N items for every user of the batch, B × N.
   * @param items N dense indices that have been scored beside the users already; null = all items
   */
  allPairs(items: Tensor | null): Variable;
  /** The batch's embeddings so far, for a penalty: those of `scores`, each once. */
  readonly rows: readonly Variable[];
}

/**
 * Adds a user's scores to `out`, itemCount × 1. Its work has the same shapes for every user, so
 * that the bits of a score do not depend on who else is asked for.
 * @param user 1 × width of the user table
 */
export type AddScores = (user: Tensor, out: Tensor) => void;
