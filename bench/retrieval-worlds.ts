/** Where retrieval is measured: a trained catalogue and an invented one of any size. */

import { seenRows } from "../src/artifact/bundle-columns.ts";
import { RandomStream } from "../src/base/random.ts";
import type { Rows } from "../src/data/interactions.ts";
import { runExperiment } from "../src/experiment.ts";
import { EmbeddingRecommender } from "../src/models/embedding-recommender.ts";
import type { Embeddings, Recommender } from "../src/models/recommender.ts";

export interface World {
  readonly name: string;
  readonly title: string;
  readonly recommender: Recommender;
  readonly embeddings: Embeddings;
  readonly seen: Rows;
  readonly planes: readonly number[];
  readonly tables: readonly number[];
  readonly probes: readonly number[];
}

export async function movieLens(): Promise<World> {
  const { recommender, split, dataset } = await runExperiment({
    data: { data: "ml-100k" },
    model: "lightgcn",
    hyperparameters: { learningRate: 0.005, batchSize: 4096, l2: 1e-3 },
  });
  return {
    name: "ml-100k",
    title: "MovieLens 100K, LightGCN, 1,682 items",
    recommender,
    embeddings: recommender.embeddings!,
    seen: seenRows(split, dataset.users.size),
    planes: [4, 6, 8],
    tables: [1, 4, 8],
    probes: [1, 4, 8],
  };
}

/** Items around the centres of taste groups, with norms as skewed as popularity makes them. */
export function invented(itemCount: number): World {
  const [width, groups, userCount] = [64, 200, 2000];
  const random = new RandomStream(1, "invented items");
  const centres = Float32Array.from({ length: groups * width }, () => random.normal());
  const around = (count: number, spread: number, norm: () => number) => {
    const vectors = new Float32Array(count * width);
    for (let row = 0; row < count; row++) {
      const centre = random.below(groups) * width;
      const scale = norm();
      for (let column = 0; column < width; column++) {
        vectors[row * width + column] =
          scale * (centres[centre + column]! + spread * random.normal());
      }
    }
    return vectors;
  };
  const items = around(itemCount, 0.7, () => 0.3 + 0.7 * random.uniform() ** 3);
  const users = around(userCount, 0.5, () => 1);
  const embeddings = { width, users, items };
  return {
    name: "million",
    title: `${itemCount.toLocaleString("en")} invented items`,
    embeddings,
    recommender: new EmbeddingRecommender(embeddings, {
      explanationBasis: null,
      vectors: ({ indptr }) => new Float32Array((indptr.length - 1) * width),
      contributions: () => null,
      save: () => ({}),
    }),
    seen: { indptr: new Int32Array(userCount + 1), indices: new Int32Array(0) },
    planes: [12, 16],
    tables: [4, 8],
    probes: [4, 16, 64],
  };
}
