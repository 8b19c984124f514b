/**
 * The data that a model was trained on, with the events of a store after them
 * and without the people who asked to be forgotten.
 *
 * @module
 */

import {
  type Dataset,
  type Interactions,
  type ItemFeatures,
  interactionCount,
  Vocabulary,
} from "../../data/interactions.ts";
import { sortIds } from "../../data/vocabulary-order.ts";
import type { EventLog } from "./event-log.ts";

/** Where each old dense index went; −1 = nowhere. */
type Renumbering = Int32Array;

/**
 * One dataset of both.
 * @param dataset before the filters on its shape
 * @param positions of the events that are added, each of them a like
 */
export function extendDataset(dataset: Dataset, log: EventLog, positions: Int32Array): Dataset {
  const { events } = log;
  const remembered = dataset.users.ids.filter((user) => !log.isForgotten(user));
  const users = new Vocabulary(
    sortIds([...remembered, ...idsAt(log.users, events.users, positions)]),
  );
  const items = new Vocabulary(
    sortIds([...dataset.items.ids, ...idsAt(log.items, events.items, positions)]),
  );
  const before = { users: renumber(dataset.users, users), items: renumber(dataset.items, items) };
  // Somebody forgotten who came back is there again, but not with what they did before.
  dataset.users.ids.forEach((user, old) => {
    if (log.isForgotten(user)) before.users[old] = -1;
  });
  return {
    ...dataset,
    users,
    items,
    interactions: joined(dataset.interactions, before, events, positions, {
      users: renumber(log.users, users),
      items: renumber(log.items, items),
    }),
    itemFeatures: extendedFeatures(dataset, items, log),
    userFeatures: Object.fromEntries(
      Object.entries(dataset.userFeatures).map(([name, column]) => [
        name,
        users.ids.map((id) => {
          const old = log.isForgotten(id) ? undefined : dataset.users.indexOf(id);
          return old === undefined ? null : column[old]!;
        }),
      ]),
    ),
    // Their files know nothing of the new indices, and no cut of theirs is asked for.
    shippedSplits: [],
  };
}

function idsAt({ ids }: Vocabulary, column: Int32Array, positions: Int32Array): string[] {
  return [...new Set(Array.from(positions, (at) => column[at]!))].map((number) => ids[number]!);
}

function renumber(from: Vocabulary, to: Vocabulary): Renumbering {
  return Int32Array.from(from.ids, (id) => to.indexOf(id) ?? -1);
}

/** The old interactions of people who are still there, then the events. */
function joined(
  old: Interactions,
  before: { readonly users: Renumbering; readonly items: Renumbering },
  events: EventLog["events"],
  positions: Int32Array,
  after: { readonly users: Renumbering; readonly items: Renumbering },
): Interactions {
  const kept: number[] = [];
  for (let at = 0; at < interactionCount(old); at++) {
    if (before.users[old.users[at]!]! >= 0) kept.push(at);
  }
  const count = kept.length + positions.length;
  const all = {
    users: new Int32Array(count),
    items: new Int32Array(count),
    // Where every interaction counts 1, an event does too.
    values: old.values && new Float32Array(count),
    times: old.times && new Float64Array(count),
  };
  const put = (
    to: number,
    from: Interactions,
    at: number,
    { users, items }: { readonly users: Renumbering; readonly items: Renumbering },
  ) => {
    all.users[to] = users[from.users[at]!]!;
    all.items[to] = items[from.items[at]!]!;
    if (all.values) all.values[to] = from.values![at]!;
    if (all.times) all.times[to] = from.times![at]!;
  };
  kept.forEach((at, to) => {
    put(to, old, at, before);
  });
  positions.forEach((at, to) => {
    put(kept.length + to, events, at, after);
  });
  return all;
}

/** Fields that somebody set win over those of the data, as at the server. */
function extendedFeatures(
  { items: old, itemFeatures: { titles, genres, years } }: Dataset,
  items: Vocabulary,
  { fields }: EventLog,
): ItemFeatures {
  const anySet = items.ids.some((id) => fields.has(id));
  const column = <T>(
    known: readonly T[] | undefined,
    pick: (id: string) => T | undefined,
    none: T,
  ) => items.ids.map((id) => pick(id) ?? known?.[old.indexOf(id) ?? -1] ?? none);
  return {
    ...((titles || anySet) && {
      titles: column<string | null>(titles, (id) => fields.get(id)?.title, null),
    }),
    ...((genres || anySet) && {
      genres: column<readonly string[]>(genres, (id) => fields.get(id)?.genres, []),
    }),
    ...((years || anySet) && {
      years: column<number | null>(years, (id) => fields.get(id)?.year ?? undefined, null),
    }),
  };
}
