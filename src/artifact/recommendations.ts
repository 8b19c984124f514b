/**
 * Lists for people, in the ids and titles of the outside world: what the command
 * line, the reports and the server show. The lists themselves come from the one
 * ranking path (`models/rank.ts`).
 *
 * @module
 */

import { BadInputError, StoppedError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import type { Rows, Vocabulary } from "../data/interactions.ts";
import {
  type Audience,
  audienceVectors,
  type RankedLists,
  rank,
  sliceRows,
} from "../models/rank.ts";
import { rowOf } from "./bundle-columns.ts";
import { type ExplainedPerson, type Explanation, explainScores, reasons } from "./explanation.ts";
import { type NamedItem, namedItem, type RecommendationSource } from "./recommendation-source.ts";

/** One line of a list. */
export interface Recommendation extends NamedItem {
  /** From 1. */
  readonly rank: number;
  readonly score: number;
  /** Items of the person's history that speak for this one, strongest first; empty where the model cannot tell. */
  readonly because: readonly NamedItem[];
  /** Present where it was asked for. */
  readonly explanation?: Explanation;
}

export interface ListOptions {
  /** Whether to say what carried each score; default false. */
  readonly explain?: boolean;
}

/**
 * Dense index of a user.
 * @throws BadInputError with the nearest ids where it is unknown
 */
export function userIndex({ users }: RecommendationSource, id: string): number {
  return (
    users.indexOf(id) ??
    unknown("user", id, users, "; for somebody new pass what they liked with --history")
  );
}

/** Dense index of an item; throws BadInputError with the nearest ids where it is unknown. */
export function itemIndex({ items }: RecommendationSource, id: string): number {
  return items.indexOf(id) ?? unknown("item", id, items, "");
}

function unknown(kind: string, id: string, vocabulary: Vocabulary, advice: string): never {
  const near = nearest(id, vocabulary.ids, 3).map((known) => `"${known}"`);
  throw new BadInputError(
    `unknown-${kind}`,
    `${kind} "${id}" is not among the ${vocabulary.size.toLocaleString("en")} that the model knows; nearest: ${near.join(", ")}${advice}`,
  );
}

/** The k best unseen items for a known user; fewer where fewer are unseen. */
export async function recommendToUser(
  source: RecommendationSource,
  id: string,
  k: number,
  options: ListOptions = {},
): Promise<Recommendation[]> {
  const user = userIndex(source, id);
  const { lists } = await rankRun(source, user, user + 1, k);
  const person = isFoldedIn(source, user)
    ? { user: null, history: rowOf(source.seen, user) }
    : { user, history: rowOf(source.train, user) };
  return describe(source, lists, person, options);
}

/** The k best items for somebody who was not in training, from the items they liked. */
export async function recommendFromHistory(
  source: RecommendationSource,
  itemIds: readonly string[],
  k: number,
  options: ListOptions = {},
): Promise<Recommendation[]> {
  if (itemIds.length === 0) {
    throw new BadInputError("history", "the history is empty; name at least one item id");
  }
  const known = new Set(itemIds.map((id) => itemIndex(source, id)));
  const history = Int32Array.from(known).sort();
  const rows: Rows = { indptr: Int32Array.of(0, history.length), indices: history };
  const lists = await rankFor(source, { histories: rows }, k, rows);
  return describe(source, lists, { user: null, history }, options);
}

/** Lists of a block of users. */
export interface RankedBlock {
  /** Dense indices of the users, one a list. */
  readonly users: Int32Array;
  readonly lists: RankedLists;
}

/**
 * Every user's list, block by block in order of the users, so that memory stays bounded.
 * @throws StoppedError between blocks when the signal says so
 */
export async function* recommendToAll(
  source: RecommendationSource,
  k: number,
  { signal, ...run }: { signal?: AbortSignal; blockUsers?: number } = {},
): AsyncGenerator<RankedBlock> {
  // A model that is laid out on a device first should not be for every thousand.
  const blockUsers = run.blockUsers ?? (source.recommender.blockScorer ? 16_384 : 1024);
  for (let first = 0; first < source.users.size; first += blockUsers) {
    if (signal?.aborted) {
      throw new StoppedError(`stopped after ${first} of ${source.users.size} users`);
    }
    const last = Math.min(first + blockUsers, source.users.size);
    for (let begin = first; begin < last; ) {
      let end = begin + 1;
      while (end < last && isFoldedIn(source, end) === isFoldedIn(source, begin)) end++;
      yield rankRun(source, begin, end, k);
      begin = end;
    }
  }
}

/** Whether a user was held out of training with a history to fold in. */
function isFoldedIn({ train, seen }: RecommendationSource, user: number): boolean {
  return rowOf(train, user).length === 0 && rowOf(seen, user).length > 0;
}

/** Lists of users begin … end − 1, who are all trained or all folded in. */
async function rankRun(
  source: RecommendationSource,
  begin: number,
  end: number,
  k: number,
): Promise<RankedBlock> {
  const users = Int32Array.from({ length: end - begin }, (_, at) => begin + at);
  const masked = sliceRows(source.seen, begin, end);
  const audience = isFoldedIn(source, begin) ? { histories: masked } : { users };
  return { users, lists: await rankFor(source, audience, k, masked) };
}

/** The best k of the items that the index proposes, or of all. */
async function rankFor(
  source: RecommendationSource,
  audience: Audience,
  k: number,
  masked: Rows,
): Promise<RankedLists> {
  const { recommender, index } = source;
  const places = atMost(source, k);
  const vectors = index ? await audienceVectors(recommender, audience) : null;
  if (!index || !vectors) return rank(recommender, audience, places, masked);
  const candidates = index.candidates(vectors.queries, places, masked);
  return rank(recommender, audience, places, null, candidates);
}

const atMost = ({ items }: RecommendationSource, k: number): number => Math.min(k, items.size);

/** A person's list with ids, titles and reasons. */
async function describe(
  source: RecommendationSource,
  lists: RankedLists,
  person: ExplainedPerson,
  { explain = false }: ListOptions,
): Promise<Recommendation[]> {
  const end = lists.items.indexOf(-1);
  const items = lists.items.subarray(0, end < 0 ? lists.k : end);
  const explanations = explain ? await explainScores(source, person, items, lists.scores) : null;
  return Array.from(items, (item, at) => ({
    rank: at + 1,
    ...namedItem(source, item),
    score: lists.scores[at]!,
    because: reasons(source, person.history, item),
    ...(explanations && { explanation: explanations[at]! }),
  }));
}
