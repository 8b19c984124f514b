/** Datasets for the conformance suite: small, and with a right answer. */

import { silent } from "../../src/base/progress.ts";
import { RandomStream } from "../../src/base/random.ts";
import {
  type Dataset,
  type Interactions,
  type Split,
  selectInteractions,
  Vocabulary,
} from "../../src/data/interactions.ts";
import type { TrainingContext } from "../../src/training/fit.ts";

export function datasetOf(pairs: readonly (readonly [number, number])[]): Dataset {
  const most = (column: 0 | 1) => Math.max(...pairs.map((pair) => pair[column])) + 1;
  const vocabulary = (prefix: string, size: number) =>
    new Vocabulary(Array.from({ length: size }, (_, index) => `${prefix}${index}`));
  return {
    name: "small",
    users: vocabulary("u", most(0)),
    items: vocabulary("i", most(1)),
    interactions: {
      users: Int32Array.from(pairs, ([user]) => user),
      items: Int32Array.from(pairs, ([, item]) => item),
      values: null,
      times: null,
    },
    itemFeatures: {},
    userFeatures: {},
    source: "test",
    licence: null,
    synthetic: true,
    filterNotes: [],
    shippedSplits: [],
  };
}

export interface Checkerboard {
  readonly dataset: Dataset;
  /** The only right recommendation of each user. */
  readonly missing: Int32Array;
}

/**
 * Even users like even items, odd users odd ones; every user has left one item of
 * their own colour out, which is then the only right recommendation.
 * @param mixed every user has tried half of the other colour too, so that there is something to dislike
 */
export function checkerboard(side: number, mixed = false): Checkerboard {
  const missing = Int32Array.from({ length: side }, (_, user) => user);
  const pairs: [number, number][] = [];
  for (let user = 0; user < side; user++) {
    for (let item = 0; item < side; item++) {
      const isOwn = (user + item) % 2 === 0;
      const isTried = isOwn ? item !== missing[user] : mixed && (user + item) % 4 === 1;
      if (isTried) pairs.push([user, item]);
    }
  }
  return { dataset: datasetOf(pairs), missing };
}

/** People of four tastes over a catalogue with popular and rare items. */
export function tasteWorld(users: number, items: number, perUser: number, seed = 1): Dataset {
  const random = new RandomStream(seed, "taste world");
  const pairs: [number, number][] = [];
  for (let user = 0; user < users; user++) {
    const liked = new Set<number>();
    while (liked.size < perUser) {
      const popular = Math.floor(items * random.uniform() ** 2);
      const own = popular - (popular % 4) + (user % 4);
      liked.add(Math.min(items - 1, random.uniform() < 0.8 ? own : popular));
    }
    for (const item of liked) pairs.push([user, item]);
  }
  // Every item appears, so that the vocabulary has the size that was asked for.
  for (let item = 0; item < items; item++) pairs.push([item % users, item]);
  const unique = new Map(pairs.map((pair) => [pair.join(), pair]));
  return datasetOf([...unique.values()]);
}

/**
 * The same people and items with what MovieLens knows: ratings of 4 and 5 within a taste and of
 * 1 and 2 outside it, genres, and traits that not everybody tells.
 * @param tastes how many there are: user and item are of the same where their indices are equal modulo it
 */
export function withRatingsAndFeatures(dataset: Dataset, tastes: number): Dataset {
  const { users, items } = dataset.interactions;
  const isOwn = (at: number) => users[at]! % tastes === items[at]! % tastes;
  return {
    ...dataset,
    interactions: {
      ...dataset.interactions,
      values: Float32Array.from(users.keys(), (at) => (isOwn(at) ? 4 : 1) + (at % 2)),
    },
    itemFeatures: {
      genres: dataset.items.ids.map((_, item) =>
        item % 5 === 0 ? [`genre ${item % tastes}`, "Drama"] : [`genre ${item % tastes}`],
      ),
    },
    userFeatures: {
      occupation: dataset.users.ids.map((_, user) => `job ${user % tastes}`),
      gender: dataset.users.ids.map((_, user) => ["F", "M", null][user % 3]!),
    },
  };
}

/** Everything is training, or every tenth interaction validates. */
export function splitOf(dataset: Dataset, withValidation = false): Split {
  const { interactions } = dataset;
  const positions = Int32Array.from(interactions.users.keys());
  const part = (keep: (position: number) => boolean): Interactions =>
    selectInteractions(interactions, positions.filter(keep));
  const held = (position: number) => withValidation && position % 10 === 0;
  return {
    train: part((position) => !held(position)),
    validation: withValidation ? { targets: part(held), history: null, candidates: null } : null,
    test: null,
    specification: "test",
    description: "test",
    warnings: [],
  };
}

export function trainingContext(
  dataset: Dataset,
  split: Split,
  options: Partial<TrainingContext> = {},
): TrainingContext {
  return {
    dataset,
    split,
    seed: 1,
    threads: 1,
    checkpoint: null,
    resume: false,
    progress: silent,
    signal: new AbortController().signal,
    ...options,
  };
}
