/**
 * PureSVD — Cremonesi, Koren & Turrin, "Performance of Recommender Algorithms on
 * Top-N Recommendation Tasks", RecSys 2010.
 *
 *   R ≈ U·Σ·Qᵀ,   P = U·Σ = R·Q,   r̂_ui = r_u·Q·q_iᵀ   (equations 7–10)
 *
 * Missing entries count as zeros. A user's vector is the sum of the vectors of
 * their items, so that strangers fold in exactly as users do.
 *
 * Different from the paper: entries of R are 1 and not ratings, and the SVD is
 * randomised (`engine/randomised-svd.ts`).
 *
 * @module
 */

import { z } from "zod";
import type { Rows } from "../data/interactions.ts";
import { readFloats } from "../engine/device.ts";
import { buildGraph } from "../graph/bipartite.ts";
import { InteractionMatrix } from "../graph/interaction-matrix.ts";
import {
  dotRow,
  EmbeddingRecommender,
  type FoldIn,
  loadEmbeddings,
  oneByOne,
} from "./embedding-recommender.ts";
import type { ClosedFormDefinition, Embeddings } from "./recommender.ts";
import { singularVectors, svdFields, svdWidth } from "./singular-vectors.ts";

const schema = z.strictObject({
  width: svdWidth(64, "f: singular vectors, and numbers in an embedding"),
  ...svdFields,
});

/** Users and items in the space of the leading singular vectors of the interactions. */
export const svd: ClosedFormDefinition = {
  kind: "closed-form",
  name: "svd",
  title: "PureSVD",
  paper:
    "Cremonesi, Koren & Turrin. Performance of Recommender Algorithms on Top-N Recommendation Tasks. RecSys 2010",
  summary: "The interaction matrix, seen through its leading singular vectors.",
  hyperparameters: schema,
  async fit(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    const { width } = settings;
    const { dataset, train, device } = context;
    const graph = buildGraph(train, dataset.users.size, dataset.items.size);
    const matrix = new InteractionMatrix(device, graph, { users: 0, items: 0 });
    const { right: items } = await singularVectors(matrix, settings, context);
    const users = device.allocate([graph.userCount, width]);
    matrix.multiply(users, device.upload([graph.itemCount, width], items));
    return pureSvd({ width, users: await readFloats(device, users), items });
  },
  load(tensors, hyperparameters, context) {
    return pureSvd(loadEmbeddings(tensors, context, schema.parse(hyperparameters).width));
  },
};

function pureSvd(embeddings: Embeddings): EmbeddingRecommender {
  return new EmbeddingRecommender(embeddings, new SumOfItems(embeddings));
}

/** p = r·Q: the sum of the history's item vectors. */
class SumOfItems implements FoldIn {
  readonly explanationBasis = "item-weights";
  readonly #width: number;
  readonly #items: Float32Array;

  constructor({ width, items }: Embeddings) {
    this.#width = width;
    this.#items = items;
  }

  vectors(histories: Rows): Float32Array {
    return oneByOne(histories, this.#width, (history) => {
      const sum = new Float64Array(this.#width);
      for (const item of history) {
        for (let at = 0; at < this.#width; at++) sum[at]! += this.#items[item * this.#width + at]!;
      }
      return Float32Array.from(sum);
    });
  }

  contributions(history: Int32Array, item: number): Float32Array {
    const target = this.#items.subarray(item * this.#width, (item + 1) * this.#width);
    return Float32Array.from(history, (liked) => dotRow(target, this.#items, liked));
  }

  save() {
    return {};
  }
}
