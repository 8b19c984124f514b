/**
 * Lists of a few people, as examples in reports.
 *
 * @module
 */

import { namedItem, type RecommendationSource } from "../artifact/recommendation-source.ts";
import { recommendToUser } from "../artifact/recommendations.ts";
import { RandomStream } from "../base/random.ts";
import type { Interactions } from "../data/interactions.ts";
import { rowLengths } from "../data/rows.ts";
import type { SampleList } from "./report.ts";

/** Somebody with fewer training items says little about a model. */
const LEAST_HISTORY = 5;

/** History items that a report names. */
const NAMED_HISTORY = 6;

/** People whose lists a report shows, and how long those are. */
const SAMPLE_USERS = 2;
const SAMPLE_LENGTH = 10;

/** Lists of a few people drawn at random among those with a history worth showing. */
export async function sampleLists(
  source: RecommendationSource,
  train: Interactions,
  seed: number,
): Promise<SampleList[]> {
  const lengths = rowLengths(source.train);
  const least = Math.min(
    LEAST_HISTORY,
    lengths.reduce((most, length) => Math.max(most, length), 0),
  );
  const fitting = Int32Array.from(lengths.keys()).filter(
    (user) => lengths[user]! >= Math.max(1, least),
  );
  const chosen = new RandomStream(seed, "sample users").shuffle(fitting).slice(0, SAMPLE_USERS);
  const lists: SampleList[] = [];
  for (const user of chosen) {
    lists.push(await sampleList(source, train, source.users.idOf(user), SAMPLE_LENGTH));
  }
  return lists;
}

/** One person's list with the best of the history. */
export async function sampleList(
  source: RecommendationSource,
  train: Interactions,
  id: string,
  k: number,
): Promise<SampleList> {
  const recommendations = await recommendToUser(source, id, k);
  const history = bestOfHistory(train, source.users.indexOf(id) ?? -1);
  return {
    user: id,
    historyCount: history.length,
    history: history.slice(0, NAMED_HISTORY).map((item) => namedItem(source, item)),
    recommendations: recommendations.map((recommendation) => ({
      ...recommendation,
      genres: source.itemFeatures.genres?.[source.items.indexOf(recommendation.item) ?? -1] ?? [],
    })),
  };
}

/** Items of a user: best rated first, then the latest. */
function bestOfHistory({ users, items, values, times }: Interactions, user: number): number[] {
  const positions: number[] = [];
  for (let at = 0; at < users.length; at++) if (users[at] === user) positions.push(at);
  return positions
    .sort(
      (a, b) =>
        (values ? values[b]! - values[a]! : 0) || (times ? times[b]! - times[a]! : 0) || a - b,
    )
    .map((at) => items[at]!);
}
