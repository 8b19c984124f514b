/**
 * A recommender whose score is the inner product of a user's and an item's
 * vector. How a stranger's vector comes from a history differs by model.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import type { Rows } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import { checkIndices } from "./check-indices.ts";
import type {
  Embeddings,
  ExplanationBasis,
  Histories,
  LoadContext,
  Recommender,
  SavedTensors,
} from "./recommender.ts";
import { floatTensor } from "./tensors.ts";

/** From histories of dense item indices to vectors in the space of the users. */
export interface FoldIn {
  /** What the contributions are; null where there are none. */
  readonly explanationBasis: ExplanationBasis | null;
  /**
   * One row of the width of the users for each history.
   * @param device one that the caller has alone; default: the process's own, in turn
   */
  vectors(histories: Histories, device?: Device): Promise<Float32Array> | Float32Array;
  /**
   * One number per history item, summing to the score of `item` for the folded-in vector; null where
   * `explanationBasis` is.
   */
  contributions(history: Int32Array, item: number): Promise<Float32Array> | Float32Array | null;
  /** Arrays beyond the embeddings that it needs to come back from disk. */
  save(): SavedTensors;
}

export class EmbeddingRecommender implements Recommender {
  readonly embeddings: Embeddings;
  readonly userCount: number;
  readonly itemCount: number;
  readonly #foldIn: FoldIn;

  constructor(embeddings: Embeddings, foldIn: FoldIn) {
    this.embeddings = embeddings;
    this.userCount = embeddings.users.length / embeddings.width;
    this.itemCount = embeddings.items.length / embeddings.width;
    this.#foldIn = foldIn;
  }

  async scoreUsers(users: Int32Array): Promise<Float32Array> {
    const { width, users: table } = this.embeddings;
    checkIndices("user", users, this.userCount);
    const queries = new Float32Array(users.length * width);
    users.forEach((user, row) => {
      queries.set(table.subarray(user * width, (user + 1) * width), row * width);
    });
    return this.#score(queries);
  }

  async scoreHistories(histories: Histories): Promise<Float32Array> {
    return this.#score(await this.foldIn(histories));
  }

  async foldIn(histories: Histories, device?: Device): Promise<Float32Array> {
    const { indices, values } = histories;
    checkIndices("item", indices, this.itemCount);
    if (values && values.length !== indices.length) {
      throw new BadInputError(
        "ratings",
        `${values.length} ratings of ${indices.length} items; give one for each`,
      );
    }
    return this.#foldIn.vectors(histories, device);
  }

  get explanationBasis(): ExplanationBasis | null {
    return this.#foldIn.explanationBasis;
  }

  explain(history: Int32Array, item: number): Promise<Float32Array> | Float32Array | null {
    return this.#foldIn.contributions(history, item);
  }

  save(): SavedTensors {
    const { width, users, items } = this.embeddings;
    return {
      "user.embedding": { shape: [this.userCount, width], data: users },
      "item.embedding": { shape: [this.itemCount, width], data: items },
      ...this.#foldIn.save(),
    };
  }

  #score(queries: Float32Array): Float32Array {
    const { width, items } = this.embeddings;
    const { itemCount } = this;
    const rows = queries.length / width;
    const scores = new Float32Array(rows * itemCount);
    for (let row = 0; row < rows; row++) {
      const query = queries.subarray(row * width, (row + 1) * width);
      for (let item = 0; item < itemCount; item++) {
        scores[row * itemCount + item] = dotRow(query, items, item);
      }
    }
    return scores;
  }
}

/** Rows of vectors that are made one by one; zeros for who has no history. */
export function oneByOne(
  { indptr, indices }: Rows,
  width: number,
  vector: (history: Int32Array) => Float32Array,
): Float32Array {
  const people = indptr.length - 1;
  const vectors = new Float32Array(people * width);
  for (let row = 0; row < people; row++) {
    const history = indices.subarray(indptr[row], indptr[row + 1]);
    if (history.length > 0) vectors.set(vector(history), row * width);
  }
  return vectors;
}

/** Saved embeddings of the given width. */
export function loadEmbeddings(
  tensors: SavedTensors,
  { userCount, itemCount }: LoadContext,
  width: number,
): Embeddings {
  return {
    width,
    users: floatTensor(tensors, "user.embedding", [userCount, width]),
    items: floatTensor(tensors, "item.embedding", [itemCount, width]),
  };
}

/** Inner product of a vector with one row of a table of the same width. */
export function dotRow(vector: Float32Array, table: Float32Array, row: number): number {
  const width = vector.length;
  let sum = 0;
  for (let column = 0; column < width; column++) {
    sum += vector[column]! * table[row * width + column]!;
  }
  return sum;
}
