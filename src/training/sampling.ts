/**
 * Batches of pairs: a user, an item that the user likes, and items beside it, as a
 * rule ones that the user has not seen. Drawing happens on the device; a draw depends on the seed, the
 * epoch and the position in it, and on nothing else.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { purposeKey } from "../base/random.ts";
import type { Rows } from "../data/interactions.ts";
import { rowLengths } from "../data/rows.ts";
import type { Device } from "../engine/device.ts";
import type { SamplingOptions } from "../engine/sampling-kernels.ts";
import type { IndexLists } from "../engine/sparse-kernels.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { BipartiteGraph } from "../graph/bipartite.ts";
import type { PairBatch } from "../models/gradient.ts";

export interface SamplerOptions {
  readonly seed: number;
  readonly positives: "interaction" | "user";
  /** Negatives drawn beside each positive. */
  readonly negativeCount: number;
  /** Exponent of popularity for the negatives; null = uniform. */
  readonly popularityExponent: number | null;
  /** Whether the batch carries ratings. */
  readonly ratings: boolean;
  /** Items to draw each user's negatives from, none of them seen; null = all unseen items. */
  readonly candidates: Rows | null;
  /** Share of the negatives that come from there; the others as without. Default 1. */
  readonly candidateShare?: number;
  /** Whether a negative may be an item that the user likes; without candidates. Default false. */
  readonly mayBeLiked?: boolean;
}

export class PairSampler {
  /** Pairs in an epoch: the distinct interactions. */
  readonly epochLength: number;
  readonly #device: Device;
  readonly #options: Omit<SamplingOptions, "epoch" | "first" | "values">;
  readonly #itemCount: number;
  readonly #negativeCount: number;
  /** Each user's items, in rows of their own: graph models have them in their matrix too, in another order. */
  readonly #liked: IndexLists;
  readonly #values: Tensor | null;

  /** @throws BadInputError where no user leaves an item unseen */
  constructor(device: Device, graph: BipartiteGraph, options: SamplerOptions) {
    const { active, starts } = trainableUsers(graph);
    if (active.length === 0) {
      throw new BadInputError(
        "no-negatives",
        "no user has both a seen and an unseen item, so there is nothing to learn from; use more data",
      );
    }
    const values = options.ratings ? trainableRatings(graph, active, options) : null;
    const popularity = options.popularityExponent;
    const alias = popularity === null ? null : aliasTable(itemPopularity(graph, popularity));
    this.epochLength = starts[active.length]!;
    this.#device = device;
    this.#itemCount = graph.itemCount;
    const upload = ({ indptr, indices }: Rows): IndexLists => ({
      indptr: device.upload([indptr.length], indptr),
      indices: device.upload([indices.length], indices),
    });
    this.#liked = upload(graph.userItems);
    this.#values = values && device.upload([values.length], values);
    this.#negativeCount = options.negativeCount;
    this.#options = {
      key0: options.seed >>> 0,
      key1: purposeKey("triples"),
      epochLength: this.epochLength,
      positives: options.positives,
      activeUsers: device.upload([active.length], active),
      starts: device.upload([starts.length], starts),
      alias: alias && {
        probability: device.upload([graph.itemCount], alias.probability),
        other: device.upload([graph.itemCount], alias.other),
      },
      candidates: options.candidates && upload(options.candidates),
      candidateShare: options.candidateShare ?? 1,
      mayBeLiked: options.mayBeLiked ?? false,
    };
  }

  /** Pairs [first, first + size) of an epoch, in fresh tensors. */
  batch(epoch: number, first: number, size: number): Omit<PairBatch, "draw"> {
    const device = this.#device;
    const count = this.#negativeCount;
    const users = device.allocate([size], "i32");
    const positives = device.allocate([size], "i32");
    const negatives = count === 0 ? null : device.allocate([size, count], "i32");
    const values = this.#values && device.allocate([size]);
    device.kernels.samplePairs(users, positives, negatives, this.#liked, this.#itemCount, {
      ...this.#options,
      epoch,
      first,
      values: this.#values && values && { from: this.#values, out: values },
    });
    return { users, positives, negatives, values };
  }
}

/** Users with a seen and an unseen item, and where the pairs of each start in a list of theirs. */
function trainableUsers({ userItems: { indptr }, userCount, itemCount }: BipartiteGraph) {
  const active = Int32Array.from({ length: userCount }, (_, user) => user).filter((user) => {
    const count = indptr[user + 1]! - indptr[user]!;
    return count > 0 && count < itemCount;
  });
  const starts = new Int32Array(active.length + 1);
  active.forEach((user, at) => {
    starts[at + 1] = starts[at]! + indptr[user + 1]! - indptr[user]!;
  });
  return { active, starts };
}

/** Ratings of these users' pairs, one user after the other. */
function trainableRatings(
  { values, userItems: { indptr } }: BipartiteGraph,
  active: Int32Array,
  { positives }: SamplerOptions,
): Float32Array {
  if (!values) {
    throw new BadInputError(
      "no-ratings",
      "targets=ratings asks for ratings, and the data have none; set targets=ones (with negativeCount=4, say), or name the column with --rating-column",
    );
  }
  if (positives === "user") {
    throw new BadInputError(
      "positives",
      "ratings are learned interaction by interaction; set positives=interaction",
    );
  }
  const ratings = new Float32Array(values.length);
  let count = 0;
  for (const user of active) {
    const own = values.subarray(indptr[user], indptr[user + 1]);
    ratings.set(own, count);
    count += own.length;
  }
  return ratings.subarray(0, count);
}

/** Each item's interactions to a power, the weights with which negatives are drawn. */
function itemPopularity({ itemUsers }: BipartiteGraph, exponent: number): Float64Array {
  return Float64Array.from(rowLengths(itemUsers), (count) => count ** exponent);
}

/**
 * Walker's alias table (Vose 1991): draw a place uniformly, keep it with its
 * probability, else take the other.
 */
export function aliasTable(weights: Float64Array): {
  readonly probability: Float32Array;
  readonly other: Int32Array;
} {
  const count = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const share = weights.map((weight) => (weight * count) / total);
  const probability = new Float32Array(count).fill(1);
  const other = Int32Array.from({ length: count }, (_, place) => place);
  const small: number[] = [];
  const large: number[] = [];
  share.forEach((value, place) => {
    (value < 1 ? small : large).push(place);
  });
  while (small.length > 0 && large.length > 0) {
    const lesser = small.pop()!;
    const greater = large.pop()!;
    probability[lesser] = share[lesser]!;
    other[lesser] = greater;
    share[greater] = share[greater]! + share[lesser]! - 1;
    (share[greater]! < 1 ? small : large).push(greater);
  }
  return { probability, other };
}
