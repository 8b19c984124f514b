/**
 * Batches of pairs: a user, an item that the user likes, and items that the user
 * has not seen. Drawing happens on the device; a draw depends on the seed, the
 * epoch and the position in it, and on nothing else.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { purposeKey } from "../base/random.ts";
import type { Rows } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import type { SamplingOptions, SparseRows } from "../engine/kernels.ts";
import type { Tensor } from "../engine/tensor.ts";
import { type BipartiteGraph, uploadRows } from "../graph/bipartite.ts";
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
}

export class PairSampler {
  /** Pairs in an epoch: the distinct interactions. */
  readonly epochLength: number;
  readonly #device: Device;
  readonly #options: Omit<SamplingOptions, "epoch" | "first" | "values">;
  readonly #itemCount: number;
  readonly #negativeCount: number;
  readonly #seen: SparseRows;
  readonly #users: Tensor;
  readonly #items: Tensor;
  readonly #values: Tensor | null;

  /** @throws BadInputError where no user leaves an item unseen */
  constructor(device: Device, graph: BipartiteGraph, options: SamplerOptions) {
    const { users, items, ratings, active } = trainableInteractions(graph);
    if (users.length === 0) {
      throw new BadInputError(
        "no-negatives",
        "no user has both a seen and an unseen item, so there is nothing to learn from; use more data",
      );
    }
    const values = options.ratings ? requireRatings(ratings, options) : null;
    const popularity = options.popularityExponent;
    const alias = popularity === null ? null : aliasTable(itemPopularity(graph, popularity));
    this.epochLength = users.length;
    this.#device = device;
    this.#itemCount = graph.itemCount;
    this.#seen = uploadRows(device, graph.userItems, graph.itemCount);
    this.#users = device.upload([users.length], users);
    // Where everybody leaves something unseen, the pairs are the rows themselves: held once.
    this.#items =
      items.length === graph.edgeCount ? this.#seen.indices : device.upload([items.length], items);
    this.#values = values && device.upload([values.length], values);
    this.#negativeCount = options.negativeCount;
    this.#options = {
      key0: options.seed >>> 0,
      key1: purposeKey("triples"),
      epochLength: users.length,
      positives: options.positives,
      activeUsers: device.upload([active.length], active),
      alias: alias && {
        probability: device.upload([graph.itemCount], alias.probability),
        other: device.upload([graph.itemCount], alias.other),
      },
      candidates: options.candidates && uploadRows(device, options.candidates, graph.itemCount),
      candidateShare: options.candidateShare ?? 1,
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
    device.kernels.samplePairs(
      users,
      positives,
      negatives,
      this.#seen,
      this.#users,
      this.#items,
      this.#itemCount,
      {
        ...this.#options,
        epoch,
        first,
        values: this.#values && values && { from: this.#values, out: values },
      },
    );
    return { users, positives, negatives, values };
  }
}

/** Interactions of users who leave at least one item unseen, and these users. */
function trainableInteractions(graph: BipartiteGraph) {
  const { userItems, userCount, itemCount, edgeCount, values } = graph;
  const users = new Int32Array(edgeCount);
  const active = new Int32Array(userCount);
  const items = new Int32Array(edgeCount);
  const ratings = values && new Float32Array(edgeCount);
  let count = 0;
  let activeCount = 0;
  for (let user = 0; user < userCount; user++) {
    const [from, to] = [userItems.indptr[user]!, userItems.indptr[user + 1]!];
    const row = userItems.indices.subarray(from, to);
    if (row.length === 0 || row.length === itemCount) continue;
    active[activeCount++] = user;
    items.set(row, count);
    users.fill(user, count, count + row.length);
    if (values) ratings?.set(values.subarray(from, to), count);
    count += row.length;
  }
  return {
    users: users.subarray(0, count),
    items: items.subarray(0, count),
    ratings: ratings?.subarray(0, count) ?? null,
    active: active.subarray(0, activeCount),
  };
}

function requireRatings(ratings: Float32Array | null, { positives }: SamplerOptions): Float32Array {
  if (!ratings) {
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
  return ratings;
}

function itemPopularity({ itemUsers, itemCount }: BipartiteGraph, exponent: number): Float64Array {
  return Float64Array.from(
    { length: itemCount },
    (_, item) => (itemUsers.indptr[item + 1]! - itemUsers.indptr[item]!) ** exponent,
  );
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
