/**
 * A recommender whose score is a network of a user's and an item's vectors: all items
 * at once for one user after the other, on the process's device. A stranger's vectors are
 * the means of those of the most similar training users (`user-neighbours.ts`).
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { type Device, readFloats } from "../engine/device.ts";
import { exclusively } from "../engine/exclusive.ts";
import { sharedDevice } from "../engine/shared.ts";
import type { Tensor } from "../engine/tensor.ts";
import { checkIndices } from "./check-indices.ts";
import { meanRow } from "./neighbour-fold-in.ts";
import type { Recommender, SavedTensor, SavedTensors } from "./recommender.ts";
import { UserNeighbours } from "./user-neighbours.ts";

/** Writes the scores of all items, itemCount × 1, for one user's vectors, 1 × width of each table. */
export type ScoreItems = (vectors: readonly Tensor[], out: Tensor) => void;

export interface NetworkOptions {
  readonly itemCount: number;
  /** Everything that is saved. */
  readonly tensors: SavedTensors;
  /** Names of the tables of users' vectors, one row a user. */
  readonly userTables: readonly string[];
  /** Puts the rest of the network on a device. */
  readonly place: (device: Device) => ScoreItems;
  /** Training items of each user. */
  readonly seen: Rows;
  readonly neighbours: number;
}

/** Scores that a device holds at once: 16 Mi floats. */
const scoresAtOnce = 1 << 24;

export class NetworkRecommender implements Recommender {
  readonly userCount: number;
  readonly itemCount: number;
  readonly embeddings = null;
  readonly #options: NetworkOptions;
  readonly #tables: readonly SavedTensor[];
  #neighbours: UserNeighbours | null = null;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#tables = options.userTables.map((name) => options.tensors[name]!);
    this.userCount = this.#tables[0]!.shape[0]!;
    this.itemCount = options.itemCount;
  }

  async scoreUsers(users: Int32Array): Promise<Float32Array> {
    checkIndices("user", users, this.userCount);
    return this.#scores(users.length, (row, table) => this.#rowOf(table, users[row]!));
  }

  async scoreHistories({ indptr, indices }: Rows): Promise<Float32Array> {
    checkIndices("item", indices, this.itemCount);
    const { seen, neighbours } = this.#options;
    this.#neighbours ??= new UserNeighbours(seen, this.itemCount, neighbours);
    const near = Array.from({ length: indptr.length - 1 }, (_, row) =>
      this.#neighbours!.of(indices.subarray(indptr[row], indptr[row + 1])),
    );
    return this.#scores(near.length, (row, table) => {
      const { users, weights } = near[row]!;
      return meanRow(table.data, table.shape[1]!, users, weights);
    });
  }

  /** There is no vector whose inner products are the scores. */
  foldIn(): null {
    return null;
  }

  readonly explanationBasis = null;

  explain(): null {
    return null;
  }

  save(): SavedTensors {
    return this.#options.tensors;
  }

  /** @param vectorOf a person's row in one of the user tables */
  async #scores(
    count: number,
    vectorOf: (row: number, table: SavedTensor) => ArrayLike<number>,
  ): Promise<Float32Array> {
    const { itemCount } = this;
    const scores = new Float32Array(count * itemCount);
    const block = Math.max(1, Math.floor(scoresAtOnce / itemCount));
    const device = await sharedDevice();
    for (let first = 0; first < count; first += block) {
      const rows = Math.min(block, count - first);
      const vectors = this.#tables.map((table) => {
        const width = table.shape[1]!;
        const part = new Float32Array(rows * width);
        for (let row = 0; row < rows; row++) part.set(vectorOf(first + row, table), row * width);
        return { width, part };
      });
      const found = await exclusively(device, () => this.#scoreBlock(device, rows, vectors));
      scores.set(found, first * itemCount);
    }
    return scores;
  }

  #scoreBlock(
    device: Device,
    rows: number,
    vectors: readonly { readonly width: number; readonly part: Float32Array }[],
  ): Promise<Float32Array> {
    const { kernels } = device;
    const { itemCount } = this;
    const scores = device.allocate([rows, itemCount]);
    kernels.fill(scores, 0);
    const blocks = vectors.map(({ width, part }) => ({
      all: device.upload([rows, width], part),
      one: device.allocate([1, width]),
    }));
    const scoreItems = this.#options.place(device);
    const own = device.allocate([itemCount, 1]);
    const zero = device.upload([1], Int32Array.of(0));
    for (let row = 0; row < rows; row++) {
      for (const { all, one } of blocks) kernels.gatherRows(one, all, zero, row);
      scoreItems(
        blocks.map(({ one }) => one),
        own,
      );
      kernels.scatterAddRows(scores, zero, row, own, 1);
    }
    return readFloats(device, scores);
  }

  #rowOf({ shape, data }: SavedTensor, row: number): ArrayLike<number> {
    const width = shape[1]!;
    return data.subarray(row * width, (row + 1) * width);
  }
}
