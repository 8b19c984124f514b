/**
 * The recommender of every model whose score is a sum of item-to-item weights:
 *
 *   ŷ_j = Σ_{i ∈ S} W_ij
 *
 * for a known user with S = N_u, and for a stranger with S = the history. The weights
 * are sparse (rows of the strongest) or dense; what an item of the history carried is
 * its weight, exactly.
 *
 * @module
 */

import type { Rows } from "../data/interactions.ts";
import { placeInRow } from "../data/rows.ts";
import type { Device } from "../engine/device.ts";
import { plainProduct } from "../engine/kernels.ts";
import { uploadRows } from "../graph/bipartite.ts";
import { appendRow, selectRows, type WeightedRows } from "../graph/weighted-rows.ts";
import { factorScorer, type ScorerFactory } from "./factor-scorer.ts";
import type { BlockScorer, LoadContext, Recommender, SavedTensors } from "./recommender.ts";
import { scoredRecommender } from "./scored-recommender.ts";
import { floatTensor, savedRows } from "./tensors.ts";

/** W, by rows of the items that somebody liked. */
export interface ItemWeights {
  readonly itemCount: number;
  /** Adds row `item` to the scores of all items. */
  addRow(item: number, scores: Float32Array): void;
  /** W_ij; 0 where there is none. */
  between(item: number, target: number): number;
  /** How many people are scored at once on a device; null = not. */
  blockScorer(seen: Rows, bias: Float32Array | null): ScorerFactory | null;
  save(): SavedTensors;
}

/**
 * @param seen training items of each user
 * @param bias b_j, which everybody's score of item j starts from; null = 0
 */
export function itemWeightRecommender(
  weights: ItemWeights,
  seen: Rows,
  bias: Float32Array | null = null,
): Recommender {
  const { indptr, indices } = seen;
  const add = (history: Int32Array, scores: Float32Array) => {
    if (bias) scores.set(bias);
    for (const item of history) weights.addRow(item, scores);
  };
  return scoredRecommender({
    userCount: indptr.length - 1,
    itemCount: weights.itemCount,
    scoreUser: (user, scores) => add(indices.subarray(indptr[user], indptr[user + 1]), scores),
    scoreHistory: add,
    explanation: {
      basis: "item-weights",
      parts: (history, item) => Float32Array.from(history, (liked) => weights.between(liked, item)),
    },
    blockScorer: weights.blockScorer(seen, bias),
    save: () => ({
      ...weights.save(),
      ...(bias && { bias: { shape: [bias.length], data: bias } }),
    }),
  });
}

/** With a bias, everybody likes one item more, and its row of weights is the bias. */
function sparseScorer(rows: WeightedRows, seen: Rows, bias: Float32Array | null) {
  const itemCount = rows.indptr.length - 1;
  if (!bias) {
    return factorScorer(
      (users) => selectRows(seen, users),
      (histories) => histories,
      rows,
      itemCount,
    );
  }
  const everyItem = Int32Array.from({ length: itemCount }, (_, item) => item);
  const right = appendRow(rows, { indices: everyItem, values: bias });
  return factorScorer(
    (users) => withFirst(selectRows(seen, users), itemCount),
    (histories) => withFirst(histories, itemCount),
    right,
    itemCount,
  );
}

/** Every row with one column more, in front. */
function withFirst({ indptr, indices }: Rows, column: number): Rows {
  const longer = new Int32Array(indices.length + indptr.length - 1).fill(column);
  for (let row = 0; row + 1 < indptr.length; row++) {
    longer.set(indices.subarray(indptr[row], indptr[row + 1]), indptr[row]! + row + 1);
  }
  return { indptr: indptr.map((at, row) => at + row), indices: longer };
}

/** Largest matrix that is laid out on a device: 1 GiB. */
const largestOnDevice = 1 << 30;

/** Dense weights on a device, where they fit: a score is a sum of whole rows. */
function denseScorer(matrix: Float32Array, itemCount: number, seen: Rows) {
  if (matrix.byteLength > largestOnDevice) return null;
  return async (device: Device): Promise<BlockScorer> => {
    const weights = device.upload([itemCount, itemCount], matrix);
    return {
      blockSize: null,
      score(out, audience) {
        const histories =
          "users" in audience ? selectRows(seen, audience.users) : audience.histories;
        const mark = device.mark();
        const rows = uploadRows(device, histories, itemCount);
        device.kernels.propagate(out, rows, weights, plainProduct);
        device.release(mark);
      },
    };
  };
}

export class SparseItemWeights implements ItemWeights {
  readonly itemCount: number;
  readonly #rows: WeightedRows;

  /** @param rows W, its rows ascending */
  constructor(rows: WeightedRows) {
    this.#rows = rows;
    this.itemCount = rows.indptr.length - 1;
  }

  addRow(item: number, scores: Float32Array): void {
    const { indptr, indices, values } = this.#rows;
    const end = indptr[item + 1]!;
    for (let at = indptr[item]!; at < end; at++) scores[indices[at]!]! += values[at]!;
  }

  between(item: number, target: number): number {
    return this.#rows.values[placeInRow(this.#rows, item, target)] ?? 0;
  }

  blockScorer(seen: Rows, bias: Float32Array | null): ScorerFactory {
    return sparseScorer(this.#rows, seen, bias);
  }

  save(): SavedTensors {
    const { indptr, indices, values } = this.#rows;
    return {
      "weights.indptr": { shape: [indptr.length], data: indptr },
      "weights.indices": { shape: [indices.length], data: indices },
      "weights.values": { shape: [values.length], data: values },
    };
  }
}

export class DenseItemWeights implements ItemWeights {
  readonly itemCount: number;
  readonly #matrix: Float32Array;

  /** @param matrix items × items, row-major */
  constructor(matrix: Float32Array, itemCount: number) {
    this.#matrix = matrix;
    this.itemCount = itemCount;
  }

  addRow(item: number, scores: Float32Array): void {
    const row = this.#matrix.subarray(item * this.itemCount, (item + 1) * this.itemCount);
    for (let target = 0; target < row.length; target++) scores[target]! += row[target]!;
  }

  between(item: number, target: number): number {
    return this.#matrix[item * this.itemCount + target]!;
  }

  blockScorer(seen: Rows): ScorerFactory | null {
    return denseScorer(this.#matrix, this.itemCount, seen);
  }

  save(): SavedTensors {
    return { weights: { shape: [this.itemCount, this.itemCount], data: this.#matrix } };
  }
}

/** What `itemWeightRecommender` saved. */
export function loadItemWeights(
  tensors: SavedTensors,
  { itemCount, seen }: LoadContext,
): Recommender {
  const weights =
    "weights" in tensors
      ? new DenseItemWeights(floatTensor(tensors, "weights", [itemCount, itemCount]), itemCount)
      : new SparseItemWeights(savedRows(tensors, "weights", itemCount, itemCount));
  const bias = "bias" in tensors ? floatTensor(tensors, "bias", [itemCount]) : null;
  return itemWeightRecommender(weights, seen, bias);
}
