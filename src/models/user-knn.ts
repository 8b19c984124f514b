/**
 * User-kNN — Resnick, Iacovou, Suchak, Bergstrom & Riedl, "GroupLens: An Open Architecture
 * for Collaborative Filtering of Netnews", CSCW 1994; for implicit data as Herlocker,
 * Konstan, Borchers & Riedl, "An Algorithmic Framework for Performing Collaborative
 * Filtering", SIGIR 1999, cut the neighbourhood.
 *
 *   ŷ_uj = Σ_{v ∈ K_u} s_uv·[j ∈ N_v],   K_u = the k users most like user u
 *
 * s is a cosine or a Pearson correlation of the users' rows of items (`similarity.ts`); with
 * `normalise` it is divided by Σ_{v ∈ K_u} s_uv. A stranger's neighbours are found from the
 * history. The items that two people share are what makes them alike, so that a score falls
 * apart into what each item of the history carried.
 *
 * @module
 */

import type { z } from "zod";
import { type Rows, rowsByUser, trainedUsers } from "../data/interactions.ts";
import { transposeRows } from "../graph/bipartite.ts";
import {
  joinRows,
  type RowProduct,
  selectRows,
  strongestProducts,
  unitSumRows,
  type WeightedRow,
  type WeightedRows,
} from "../graph/weighted-rows.ts";
import { factorScorer } from "./factor-scorer.ts";
import type { ClosedFormDefinition, Recommender } from "./recommender.ts";
import { scoredRecommender } from "./scored-recommender.ts";
import { neighbourSchema, Similarity } from "./similarity.ts";
import { savedRows } from "./tensors.ts";

const schema = neighbourSchema("a user");

type Settings = z.infer<typeof schema>;

export const userKnn: ClosedFormDefinition = {
  kind: "closed-form",
  name: "user-knn",
  title: "User-kNN",
  paper:
    "Resnick, Iacovou, Suchak, Bergstrom & Riedl. GroupLens: An Open Architecture for Collaborative Filtering of Netnews. CSCW 1994",
  summary: "Recommends what the people most like oneself liked.",
  hyperparameters: schema,
  async fit(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    const { users, items } = context.dataset;
    const seen = rowsByUser(context.train, users.size);
    const columns = transposeRows(seen, items.size);
    const product = similarityOf(seen, items.size, settings).product(seen);
    const near = await strongestProducts(context, seen, columns, product, settings.neighbours);
    const neighbours = settings.normalise ? unitSumRows(near) : near;
    return userKnnRecommender(neighbours, seen, columns, settings);
  },
  load(tensors, hyperparameters, { userCount, itemCount, seen }) {
    const neighbours = savedRows(tensors, "neighbours", userCount, userCount);
    const columns = transposeRows(seen, itemCount);
    return userKnnRecommender(neighbours, seen, columns, schema.parse(hyperparameters));
  },
};

function similarityOf(seen: Rows, itemCount: number, settings: Settings): Similarity {
  const counted = { rows: trainedUsers(seen).length, columns: itemCount };
  return new Similarity(seen, itemCount, counted, settings);
}

/**
 * @param neighbours the users most like each user, and how much
 * @param seen items of each user
 * @param columns users of each item
 */
function userKnnRecommender(
  neighbours: WeightedRows,
  seen: Rows,
  columns: Rows,
  settings: Settings,
): Recommender {
  const userCount = seen.indptr.length - 1;
  const itemCount = columns.indptr.length - 1;
  const strangers = new StrangersNeighbours(seen, columns, settings);
  const add = ({ indices, values }: WeightedRow, scores: Float32Array) => {
    indices.forEach((user, at) => {
      for (const item of itemsOf(seen, user)) scores[item]! += values[at]!;
    });
  };
  const row = (user: number) => {
    const [from, to] = [neighbours.indptr[user]!, neighbours.indptr[user + 1]!];
    return {
      indices: neighbours.indices.subarray(from, to),
      values: neighbours.values.subarray(from, to),
    };
  };
  return scoredRecommender({
    userCount,
    itemCount,
    scoreUser: (user, scores) => add(row(user), scores),
    scoreHistory: (history, scores) => add(strangers.of(history), scores),
    explanation: {
      basis: "neighbours",
      parts: (history, item) => strangers.contributions(history, item),
    },
    blockScorer: factorScorer(
      (users) => selectRows(neighbours, users),
      (histories) =>
        joinRows(
          Array.from({ length: histories.indptr.length - 1 }, (_, at) =>
            strangers.of(itemsOf(histories, at)),
          ),
        ),
      seen,
      itemCount,
    ),
    save: () => ({
      "neighbours.indptr": { shape: [userCount + 1], data: neighbours.indptr },
      "neighbours.indices": { shape: [neighbours.indices.length], data: neighbours.indices },
      "neighbours.values": { shape: [neighbours.values.length], data: neighbours.values },
    }),
  });
}

/** The training users most like somebody who was not among them. */
class StrangersNeighbours {
  readonly #seen: Rows;
  readonly #columns: Rows;
  readonly #settings: Settings;
  readonly #similarity: Similarity;
  readonly #product: RowProduct;
  readonly #sums: Float64Array;

  constructor(seen: Rows, columns: Rows, settings: Settings) {
    this.#seen = seen;
    this.#columns = columns;
    this.#settings = settings;
    this.#similarity = similarityOf(seen, columns.indptr.length - 1, settings);
    this.#product = this.#similarity.product(seen);
    this.#sums = new Float64Array(seen.indptr.length - 1);
  }

  of(history: Int32Array): WeightedRow {
    const near = this.#near(history);
    return {
      indices: Int32Array.from(near, ({ user }) => user),
      values: Float32Array.from(near, ({ weight }) => weight),
    };
  }

  /** What each item of the history carried of ŷ_j: its share of s_uv of every neighbour v who has j. */
  contributions(history: Int32Array, item: number): Float32Array {
    const liked = new Set(itemsOf(this.#columns, item));
    const parts = new Float64Array(history.length);
    for (const { user, weight, sum } of this.#near(history)) {
      if (!liked.has(user)) continue;
      const own = new Set(itemsOf(this.#seen, user));
      // Σ of the shares is s: the shift of Pearson's correlation is the same part of each.
      history.forEach((other, at) => {
        if (own.has(other)) parts[at]! += (weight * this.#similarity.shared(other)) / sum;
      });
    }
    return Float32Array.from(parts);
  }

  #near(history: Int32Array) {
    const { neighbours, normalise, shrinkage } = this.#settings;
    const sums = this.#sums;
    const touched = new Set<number>();
    for (const item of history) {
      for (const user of itemsOf(this.#columns, item)) {
        touched.add(user);
        sums[user]! += this.#similarity.shared(item);
      }
    }
    const own = this.#similarity.terms(history);
    const { factor, shift, norm } = this.#product;
    const near: { user: number; weight: number; sum: number }[] = [];
    for (const user of touched) {
      const sum = sums[user]!;
      sums[user] = 0;
      const above = sum - own.shift * (shift?.[user] ?? 0);
      const scaled = own.factor * (factor?.[user] ?? 1) * above;
      const weight = scaled / (own.norm * (norm?.columns[user] ?? 1) + shrinkage);
      if (weight > 0) near.push({ user, weight, sum });
    }
    near.sort((a, b) => b.weight - a.weight || a.user - b.user);
    near.length = Math.min(near.length, neighbours);
    if (!normalise) return near;
    const total = near.reduce((all, { weight }) => all + weight, 0);
    return near.map((one) => ({ ...one, weight: one.weight / total }));
  }
}

function itemsOf({ indptr, indices }: Rows, row: number): Int32Array {
  return indices.subarray(indptr[row], indptr[row + 1]);
}
