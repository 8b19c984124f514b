/**
 * A model of MovieLens 1M's size: 6,040 users × 3,706 items, a million training
 * interactions, 64 wide; drawn at random, since speed does not depend on taste.
 */

import { writeBundle } from "../../src/artifact/bundle.ts";
import { RandomStream } from "../../src/base/random.ts";
import { compressRows, Vocabulary } from "../../src/data/interactions.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";

export const [USERS, ITEMS] = [6040, 3706];
const [INTERACTIONS, WIDTH] = [1_000_209, 64];
export async function writeModel(folder: string): Promise<void> {
  const random = new RandomStream(1, "bench serve");
  const vectors = (rows: number) => ({
    shape: [rows, WIDTH],
    data: Float32Array.from({ length: rows * WIDTH }, () => random.uniform() - 0.5),
  });
  const users = Int32Array.from({ length: INTERACTIONS }, () => random.below(USERS));
  // Squaring a uniform number makes few items popular and many rare.
  const items = Int32Array.from({ length: INTERACTIONS }, () =>
    Math.floor(random.uniform() ** 2 * ITEMS),
  );
  const train = compressRows(users, items, USERS);
  const hyperparameters = { width: WIDTH };
  await writeBundle(folder, {
    manifest: {
      created: new Date().toISOString(),
      model: { name: "lightgcn", title: "LightGCN" },
      hyperparameters,
      dataset: {
        name: "drawn at random",
        source: "bench/serve.ts",
        licence: null,
        synthetic: true,
        users: USERS,
        items: ITEMS,
        interactions: train.indices.length,
        fingerprint: "",
        filterNotes: [],
      },
      split: {
        specification: "none",
        description: "everything is training data",
        validation: 0,
        warnings: [],
        train: train.indices.length,
        validationInteractions: 0,
        test: 0,
      },
      seed: 1,
      evaluation: null,
      metrics: {},
      versions: {},
    },
    recommender: lightgcn.load(
      {
        "user.embedding": vectors(USERS),
        "item.embedding": vectors(ITEMS),
        "item.message": vectors(ITEMS),
      },
      lightgcn.hyperparameters.parse(hyperparameters),
      { userCount: USERS, itemCount: ITEMS, seen: train },
    ),
    users: new Vocabulary(Array.from({ length: USERS }, (_, user) => `${user}`)),
    items: new Vocabulary(Array.from({ length: ITEMS }, (_, item) => `${item}`)),
    itemFeatures: { titles: Array.from({ length: ITEMS }, (_, item) => `Title ${item}`) },
    train,
    seen: train,
    validation: null,
    test: null,
  });
}
