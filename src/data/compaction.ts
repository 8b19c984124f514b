/**
 * A dataset without the users, items and interactions that filters took away:
 * dense indices close up and keep their order, and everything that is written in
 * dense indices (features, shipped splits) follows.
 *
 * @module
 */

import {
  type Dataset,
  type Interactions,
  type ItemFeatures,
  type Rows,
  type ShippedSplit,
  type UserFeatures,
  Vocabulary,
} from "./interactions.ts";
import type { Survivors } from "./k-core.ts";

/** New dense index of each old one, −1 where it is gone, and the old index of each new one. */
interface Renumbering {
  readonly newIndex: Int32Array;
  readonly oldIndex: Int32Array;
}

/** The dataset reduced to the survivors, with `notes` appended to its filter notes. */
export function compactDataset(
  dataset: Dataset,
  survivors: Survivors,
  notes: readonly string[],
): Dataset {
  const users = renumber(survivors.users);
  const items = renumber(survivors.items);
  return {
    ...dataset,
    users: pick(dataset.users, users),
    items: pick(dataset.items, items),
    interactions: translate(dataset.interactions, users, items, survivors.interactions),
    itemFeatures: pickItemFeatures(dataset.itemFeatures, items),
    userFeatures: pickUserFeatures(dataset.userFeatures, users),
    filterNotes: [...dataset.filterNotes, ...notes],
    shippedSplits: dataset.shippedSplits.map((split) => translateShipped(split, users, items)),
  };
}

function renumber(alive: Uint8Array): Renumbering {
  const newIndex = new Int32Array(alive.length).fill(-1);
  const oldIndex = new Int32Array(alive.length);
  let count = 0;
  for (let old = 0; old < alive.length; old++) {
    if (alive[old] === 0) continue;
    oldIndex[count] = old;
    newIndex[old] = count++;
  }
  return { newIndex, oldIndex: oldIndex.slice(0, count) };
}

/** The entries of a column by dense index, for the indices that are left. */
function pickColumn<T>(column: readonly T[], { oldIndex }: Renumbering): T[] {
  return Array.from(oldIndex, (old) => column[old]!);
}

function pick(vocabulary: Vocabulary, renumbering: Renumbering): Vocabulary {
  if (renumbering.oldIndex.length === vocabulary.size) return vocabulary;
  return new Vocabulary(pickColumn(vocabulary.ids, renumbering));
}

function pickItemFeatures(features: ItemFeatures, items: Renumbering): ItemFeatures {
  return {
    ...(features.titles && { titles: pickColumn(features.titles, items) }),
    ...(features.genres && { genres: pickColumn(features.genres, items) }),
    ...(features.years && { years: pickColumn(features.years, items) }),
  };
}

function pickUserFeatures(features: UserFeatures, users: Renumbering): UserFeatures {
  return Object.fromEntries(
    Object.entries(features).map(([name, column]) => [name, pickColumn(column, users)]),
  );
}

/** The interactions of users and items that are left (and marked in `keep`, if given), renumbered. */
function translate(
  interactions: Interactions,
  users: Renumbering,
  items: Renumbering,
  keep: Uint8Array | null,
): Interactions {
  const stays = (at: number): boolean =>
    (keep === null || keep[at] === 1) &&
    users.newIndex[interactions.users[at]!]! >= 0 &&
    items.newIndex[interactions.items[at]!]! >= 0;
  let count = 0;
  for (let at = 0; at < interactions.users.length; at++) if (stays(at)) count++;
  const left = {
    users: new Int32Array(count),
    items: new Int32Array(count),
    values: interactions.values && new Float32Array(count),
    times: interactions.times && new Float64Array(count),
  };
  let next = 0;
  for (let at = 0; at < interactions.users.length; at++) {
    if (!stays(at)) continue;
    left.users[next] = users.newIndex[interactions.users[at]!]!;
    left.items[next] = items.newIndex[interactions.items[at]!]!;
    if (left.values) left.values[next] = interactions.values![at]!;
    if (left.times) left.times[next] = interactions.times![at]!;
    next++;
  }
  return left;
}

/** Renumbers rows of items by user; relative order is kept, so rows stay ascending. */
function translateRows(rows: Rows, users: Renumbering, items: Renumbering): Rows {
  const indptr = new Int32Array(users.oldIndex.length + 1);
  const indices = new Int32Array(rows.indices.length);
  let count = 0;
  users.oldIndex.forEach((old, user) => {
    for (let at = rows.indptr[old]!; at < rows.indptr[old + 1]!; at++) {
      const item = items.newIndex[rows.indices[at]!]!;
      if (item >= 0) indices[count++] = item;
    }
    indptr[user + 1] = count;
  });
  return { indptr, indices: indices.slice(0, count) };
}

/** The shipped split in the new indices; its files are read only when it is loaded. */
function translateShipped(
  split: ShippedSplit,
  users: Renumbering,
  items: Renumbering,
): ShippedSplit {
  return {
    name: split.name,
    isDefault: split.isDefault,
    description: split.description,
    load: async () => {
      const { train, test, candidates } = await split.load();
      return {
        train: translate(train, users, items, null),
        test: translate(test, users, items, null),
        candidates: candidates && translateRows(candidates, users, items),
      };
    },
  };
}
