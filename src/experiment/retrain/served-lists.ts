/**
 * The lists that a server with a model would have given people at the time of
 * the cut: trained vectors, fold-in or popularity, whatever is known of each.
 *
 * @module
 */

import {
  audienceOf,
  type Listener,
  type RoutedModel,
  withItems,
} from "../../artifact/routed-model.ts";
import { StoppedError } from "../../base/errors.ts";
import type { ProgressReporter } from "../../base/progress.ts";
import type { Vocabulary } from "../../data/interactions.ts";
import { rowsOfLists } from "../../data/rows.ts";
import { type RankedLists, rank } from "../../models/rank.ts";

/** Somebody as both models meet them; items are external ids. */
export interface Audient {
  /** Null: nothing that a model learnt of the person may be used. */
  readonly user: string | null;
  readonly liked: readonly string[];
  /** Not to be listed. */
  readonly seen: readonly string[];
}

export interface ServedListsOptions {
  /** Length of the lists. */
  readonly k: number;
  /** Dense indices in which the lists are written: at least the items of the model. */
  readonly items: Vocabulary;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

/** People ranked at a time, which bounds memory. */
const BLOCK = 1024;

/** One list for each person; it is shorter than k where the model has fewer items. */
export async function servedLists(
  model: RoutedModel,
  people: readonly Audient[],
  { k, items, progress, signal }: ServedListsOptions,
): Promise<RankedLists> {
  const { source } = model;
  const common = Int32Array.from(source.items.ids, (id) => items.indexOf(id)!);
  const places = Math.min(k, source.items.size);
  const lists = {
    k,
    items: new Int32Array(people.length * k).fill(-1),
    scores: new Float32Array(people.length * k).fill(-Infinity),
  };
  for (let first = 0; first < people.length; first += BLOCK) {
    if (signal.aborted) {
      throw new StoppedError(`judgement stopped after ${first} of ${people.length} people`);
    }
    const block = people.slice(first, first + BLOCK).map((person) => meet(model, person));
    for (const kind of ["trained", "fold-in", "popularity"] as const) {
      const rows = [...block.keys()].filter((row) => block[row]!.listener.kind === kind);
      if (rows.length === 0) continue;
      const group = rows.map((row) => block[row]!);
      const ranker = kind === "popularity" ? model.popular : source.recommender;
      const masked = rowsOfLists(group.map((met) => met.masked));
      const found = await rank(
        ranker,
        audienceOf(group.map(({ listener }) => listener)),
        places,
        masked,
      );
      rows.forEach((row, at) => {
        for (let place = 0; place < places; place++) {
          const item = found.items[at * places + place]!;
          if (item < 0) break;
          lists.items[(first + row) * k + place] = common[item]!;
          lists.scores[(first + row) * k + place] = found.scores[at * places + place]!;
        }
      });
    }
    const done = first + block.length;
    progress({ stage: "judge", done, total: people.length, unit: "people" });
  }
  return lists;
}

/** A person in the dense indices of a model. */
interface Met {
  readonly listener: Listener;
  readonly masked: Int32Array;
}

function meet(model: RoutedModel, { user, liked, seen }: Audient): Met {
  const { users, items } = model.source;
  const row = user === null ? undefined : users.indexOf(user);
  const translated = (ids: readonly string[]) =>
    ids.map((id) => items.indexOf(id)).filter((item) => item !== undefined);
  const known = model.seenItems(row);
  return {
    listener: model.route(row, withItems(known, translated(liked))),
    masked: withItems(known, translated(seen)),
  };
}
