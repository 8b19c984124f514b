/**
 * A bundle of three users and four items, fitted by popularity by hand. Run as a
 * program it replaces the bundle of a folder again and again, for the tests that
 * kill it.
 */
import { type BundleContents, writeBundle } from "../../src/artifact/bundle.ts";
import { seenRows } from "../../src/artifact/bundle-columns.ts";
import { rowsByUser, Vocabulary } from "../../src/data/interactions.ts";
import { popularity } from "../../src/models/popularity.ts";

const interactions = (pairs: readonly (readonly [number, number])[]) => ({
  users: Int32Array.from(pairs, ([user]) => user),
  items: Int32Array.from(pairs, ([, item]) => item),
  values: null,
  times: null,
});

/** @param recall stands in the metric and in the first title, so that mixtures show */
export function smallBundle(recall = 0.75): BundleContents {
  const users = new Vocabulary(["u-1", "ü", "3"]);
  const items = new Vocabulary(["10", "20", 'quo"te, \\ é漢🎬', "40"]);
  const counts = Float32Array.of(2, 1, 1, 0);
  const train = interactions([
    [0, 1],
    [0, 0],
    [1, 2],
    [2, 0],
  ]);
  const validation = { targets: interactions([[0, 3]]), history: null, candidates: null };
  return {
    manifest: {
      created: "2026-01-02T03:04:05.000Z",
      model: { name: "popularity", title: "Popularity" },
      hyperparameters: {},
      dataset: {
        name: "small",
        source: "by hand",
        licence: null,
        synthetic: true,
        users: users.size,
        items: items.size,
        interactions: 8,
        fingerprint: "0123",
        filterNotes: [],
      },
      split: {
        specification: "random:0.5",
        description: "half",
        validation: 0.1,
        warnings: [],
        train: 4,
        validationInteractions: 1,
        test: 3,
      },
      seed: 1,
      evaluation: { ks: [2], protocol: "lightgcn", intervals: false },
      metrics: { "recall@2": recall },
      versions: { lumiere: "0" },
    },
    recommender: popularity.load(
      { counts: { shape: [4], data: counts } },
      {},
      {
        userCount: users.size,
        itemCount: items.size,
        seen: { indptr: new Int32Array(4), indices: new Int32Array(0) },
      },
    ),
    users,
    items,
    itemFeatures: {
      titles: [`version ${recall}`, null, "Amélie (2001)", "Plain"],
      years: [1999, null, 2001, null],
      genres: [["Drama", "Action"].sort(), [], ["Comedy"], ["Drama"]],
    },
    train: rowsByUser(train, 3),
    seen: seenRows(
      { train, validation, test: null, specification: "", description: "", warnings: [] },
      3,
    ),
    validation,
    test: {
      targets: interactions([
        [1, 3],
        [1, 0],
        [2, 1],
      ]),
      history: null,
      candidates: null,
    },
  };
}

if (import.meta.main) {
  for (let version = 1; ; version++) {
    await writeBundle(process.argv[2]!, smallBundle(version));
    if (version === 1) console.log("writing");
  }
}
