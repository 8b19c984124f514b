/**
 * Batches of users with their whole rows: everybody who likes something once an
 * epoch, in an order that depends on the seed and the epoch alone.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import { trainedUsers } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import type { SparseRows } from "../engine/kernels.ts";
import { type BipartiteGraph, uploadRows } from "../graph/bipartite.ts";
import type { UserBatch } from "../models/gradient.ts";

export class UserSampler {
  /** Users in an epoch. */
  readonly epochLength: number;
  readonly #device: Device;
  readonly #seed: number;
  readonly #active: Int32Array;
  readonly #rows: SparseRows;
  #order = { epoch: 0, users: new Int32Array(0) };

  /** @throws BadInputError where nobody likes anything */
  constructor(device: Device, graph: BipartiteGraph, seed: number) {
    this.#active = trainedUsers(graph.userItems);
    if (this.#active.length === 0) {
      throw new BadInputError(
        "empty",
        "no user has an interaction, so there is nothing to learn from",
      );
    }
    this.#device = device;
    this.#seed = seed;
    this.#rows = uploadRows(device, graph.userItems, graph.itemCount);
    this.epochLength = this.#active.length;
  }

  /** Users [first, first + size) of an epoch, in a fresh tensor. */
  batch(epoch: number, first: number, size: number): Omit<UserBatch, "draw"> {
    if (this.#order.epoch !== epoch) {
      const random = new RandomStream(this.#seed, `users of epoch ${epoch}`);
      this.#order = { epoch, users: random.shuffle(this.#active.slice()) };
    }
    const users = this.#order.users.slice(first, first + size);
    return { users: this.#device.upload([size], users), rows: this.#rows };
  }
}
