/**
 * The newest events of a store, held out in order of time: what the running
 * model has not seen, and what the new one must not see before both are judged.
 *
 * @module
 */

import { rowOf } from "../../artifact/bundle-columns.ts";
import type { RecommendationSource } from "../../artifact/recommendation-source.ts";
import { groupPositions } from "../../data/grouping.ts";
import { type Dataset, interactionCount, type Rows, rowsByUser } from "../../data/interactions.ts";
import type { EventLog } from "./event-log.ts";

/** Somebody whose newest events are to be found; items are dense indices of the log. */
export interface JudgedPerson {
  readonly user: string;
  /** What they met for the first time after the cut, and liked. */
  readonly targets: readonly number[];
  /** Items of their events before the cut, liked or not, and those among them that they liked. */
  readonly seen: readonly number[];
  readonly liked: readonly number[];
}

export interface HoldOut {
  /** Unix seconds of the first event that is held out; null where nothing is new. */
  readonly since: number | null;
  /** (user, item) pairs that are liked in the store and new to the running model. */
  readonly newPairs: number;
  readonly people: readonly JudgedPerson[];
  /** Positions of the likes that may be learnt from before the judgement. */
  readonly earlier: Int32Array;
  /** Positions of all likes. */
  readonly all: Int32Array;
}

/** What holds of the (user, item) pair of each event. */
interface Pairs {
  /** Time of the pair's first event. */
  readonly first: Float64Array;
  /** 1 where the running model or its data hold the pair. */
  readonly known: Uint8Array;
  /** 1 at one position of each new pair that was liked at some time. */
  readonly fresh: Uint8Array;
}

/**
 * Holds out the newest share of what is new: pairs that neither the running model nor the data that
 * it came from hold. Everything new at the time of the cut or later is held out together.
 * @param share of the new pairs, 0 < share < 1
 */
export function holdOutNewest(
  log: EventLog,
  running: RecommendationSource,
  original: Dataset,
  share: number,
): HoldOut {
  const { events } = log;
  const pairs = describePairs(log, [
    memoryOf(log, running, running.seen),
    memoryOf(log, original, rowsByUser(original.interactions, original.users.size)),
  ]);
  const times = pairs.first.filter((_, at) => pairs.fresh[at] === 1).sort();
  const since = times.length === 0 ? null : times[times.length - Math.ceil(share * times.length)]!;
  const all = Int32Array.from(events.items.keys()).filter((at) => events.values[at]! > 0);
  const isEarlier = (at: number) => since === null || events.times[at]! < since;
  return {
    since,
    newPairs: times.length,
    people: since === null ? [] : judgedPeople(log, pairs, since),
    earlier: all.filter((at) => isEarlier(at) || pairs.known[at] === 1),
    all,
  };
}

function describePairs(
  { events, users }: EventLog,
  memories: readonly ((user: number) => ReadonlySet<number>)[],
): Pairs {
  const count = interactionCount(events);
  const pairs = {
    first: new Float64Array(count),
    known: new Uint8Array(count),
    fresh: new Uint8Array(count),
  };
  const { indptr, positions } = groupPositions(events.users, users.size);
  for (let user = 0; user < users.size; user++) {
    const own = positions.subarray(indptr[user], indptr[user + 1]);
    const known = memories.map((memory) => memory(user));
    const firsts = new Map<number, number>();
    const fresh = new Set<number>();
    for (const at of own) {
      const item = events.items[at]!;
      firsts.set(item, Math.min(firsts.get(item) ?? Infinity, events.times[at]!));
      if (known.some((items) => items.has(item))) pairs.known[at] = 1;
      else if (events.values[at]! > 0 && !fresh.has(item)) {
        fresh.add(item);
        pairs.fresh[at] = 1;
      }
    }
    for (const at of own) pairs.first[at] = firsts.get(events.items[at]!)!;
  }
  return pairs;
}

/** For a user of the log: the items of the log that a model or a dataset holds of them. */
function memoryOf(
  log: EventLog,
  { users, items }: Pick<RecommendationSource, "users" | "items">,
  rows: Rows,
): (user: number) => ReadonlySet<number> {
  return (user) => {
    const row = users.indexOf(log.users.idOf(user));
    if (row === undefined) return new Set();
    const known = Array.from(rowOf(rows, row), (item) => log.items.indexOf(items.idOf(item)));
    return new Set(known.filter((item) => item !== undefined));
  };
}

function judgedPeople({ events, users }: EventLog, pairs: Pairs, since: number): JudgedPerson[] {
  const { indptr, positions } = groupPositions(events.users, users.size);
  const people: JudgedPerson[] = [];
  for (let user = 0; user < users.size; user++) {
    const own = positions.subarray(indptr[user], indptr[user + 1]);
    const targets = own.filter((at) => pairs.fresh[at] === 1 && pairs.first[at]! >= since);
    if (targets.length === 0) continue;
    const before = own.filter((at) => events.times[at]! < since || pairs.known[at] === 1);
    const itemsAt = (chosen: Int32Array) => [...new Set(chosen.map((at) => events.items[at]!))];
    people.push({
      user: users.idOf(user),
      targets: itemsAt(targets),
      seen: itemsAt(before),
      liked: itemsAt(before.filter((at) => events.values[at]! > 0)),
    });
  }
  return people;
}
