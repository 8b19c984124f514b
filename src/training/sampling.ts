/**
 * Batches of triples: a positive interaction of a user and an item that the user
 * has not seen. Drawing happens on the device; a draw depends on the seed, the
 * epoch and the position in it, and on nothing else.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { purposeKey } from "../base/random.ts";
import type { Device } from "../engine/device.ts";
import type { SamplingOptions, SparseRows } from "../engine/kernels.ts";
import type { Tensor } from "../engine/tensor.ts";
import { type BipartiteGraph, uploadRows } from "../graph/bipartite.ts";
import type { TripleBatch } from "../models/gradient.ts";

export interface SamplerOptions {
  readonly seed: number;
  readonly positives: "interaction" | "user";
  /** Exponent of popularity for the negatives; null = uniform. */
  readonly popularityExponent: number | null;
}

export class TripleSampler {
  /** Triples in an epoch: the distinct interactions. */
  readonly epochLength: number;
  readonly #device: Device;
  readonly #options: Omit<SamplingOptions, "epoch" | "first">;
  readonly #itemCount: number;
  readonly #seen: SparseRows;
  readonly #users: Tensor;
  readonly #items: Tensor;

  /** @throws BadInputError where no user leaves an item unseen */
  constructor(device: Device, graph: BipartiteGraph, options: SamplerOptions) {
    const { users, items, active } = trainableInteractions(graph);
    if (users.length === 0) {
      throw new BadInputError(
        "no-negatives",
        "no user has both a seen and an unseen item, so there is nothing to learn from; use more data",
      );
    }
    const popularity = options.popularityExponent;
    const alias = popularity === null ? null : aliasTable(itemPopularity(graph, popularity));
    this.epochLength = users.length;
    this.#device = device;
    this.#itemCount = graph.itemCount;
    this.#seen = uploadRows(device, graph.userItems);
    this.#users = device.upload([users.length], users);
    this.#items = device.upload([items.length], items);
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
    };
  }

  /** Triples [first, first + size) of an epoch, in fresh tensors. */
  batch(epoch: number, first: number, size: number): TripleBatch {
    const device = this.#device;
    const column = () => device.allocate([size], "i32");
    const batch = { users: column(), positives: column(), negatives: column() };
    device.kernels.sampleTriples(
      batch.users,
      batch.positives,
      batch.negatives,
      this.#seen,
      this.#users,
      this.#items,
      this.#itemCount,
      { ...this.#options, epoch, first },
    );
    return batch;
  }
}

/** Interactions of users who leave at least one item unseen, and these users. */
function trainableInteractions({ userItems, userCount, itemCount, edgeCount }: BipartiteGraph) {
  const users = new Int32Array(edgeCount);
  const active = new Int32Array(userCount);
  const items = new Int32Array(edgeCount);
  let count = 0;
  let activeCount = 0;
  for (let user = 0; user < userCount; user++) {
    const row = userItems.indices.subarray(userItems.indptr[user]!, userItems.indptr[user + 1]!);
    if (row.length === 0 || row.length === itemCount) continue;
    active[activeCount++] = user;
    items.set(row, count);
    users.fill(user, count, count + row.length);
    count += row.length;
  }
  return {
    users: users.subarray(0, count),
    items: items.subarray(0, count),
    active: active.subarray(0, activeCount),
  };
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
