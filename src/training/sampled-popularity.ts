/**
 * What a sampler shows a model: how often it draws items of each decile of
 * popularity, as somebody's liked item and as somebody's unseen one.
 *
 * @module
 */

import { rowLengths } from "../data/rows.ts";
import { type Device, readIntegers } from "../engine/device.ts";
import { byDegree } from "../graph/adjacency-picture.ts";
import type { BipartiteGraph } from "../graph/bipartite.ts";
import { PairSampler, type SamplerOptions } from "./sampling.ts";

export const DECILES = 10;

const BATCH = 65_536;

/** Draws of an epoch by decile: 0 = the tenth of the items with most interactions. */
export interface SampledPopularity {
  /** Pairs that were drawn: an epoch's worth, or as many as were allowed. */
  readonly drawn: number;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/** Decile of each item; where there are fewer than ten items some deciles are empty. */
export function popularityDeciles({ itemUsers, itemCount }: BipartiteGraph): Uint8Array {
  const deciles = new Uint8Array(itemCount);
  byDegree(rowLengths(itemUsers)).forEach((item, rank) => {
    deciles[item] = Math.floor((rank * DECILES) / itemCount);
  });
  return deciles;
}

/**
 * Draws the pairs of the first epoch and counts them.
 * @param mostPairs bounds the work on large data
 * @throws BadInputError where no user leaves an item unseen
 */
export async function sampledPopularity(
  device: Device,
  graph: BipartiteGraph,
  deciles: Uint8Array,
  options: Pick<SamplerOptions, "seed" | "positives" | "popularityExponent">,
  mostPairs: number,
): Promise<SampledPopularity> {
  const around = device.mark();
  const sampler = new PairSampler(device, graph, {
    ...options,
    negativeCount: 1,
    ratings: false,
    candidates: null,
  });
  const drawn = Math.min(sampler.epochLength, mostPairs);
  const positives = new Float64Array(DECILES);
  const negatives = new Float64Array(DECILES);
  for (let first = 0; first < drawn; first += BATCH) {
    const mark = device.mark();
    const batch = sampler.batch(1, first, Math.min(BATCH, drawn - first));
    for (const item of await readIntegers(device, batch.positives)) positives[deciles[item]!]!++;
    for (const item of await readIntegers(device, batch.negatives!)) negatives[deciles[item]!]!++;
    device.release(mark);
  }
  device.release(around);
  return { drawn, positives, negatives };
}
