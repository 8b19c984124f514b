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
import { audienceVectors, type RankedLists, rank, sliceRows } from "../models/rank.ts";
import { type ExplainedPerson, type Explanation, explainScores, reasons } from "./explanation.ts";
import { type NamedItem, namedItem, type RecommendationSource } from "./recommendation-source.ts";
import { audienceOf, type Listener, routedModel } from "./routed-model.ts";

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

/**
 * What a person's list rests on: their trained vector, a fold-in of their history, or, where no
 * training interaction says anything of them, popularity alone: their scores are then the numbers of
 * training users of the items.
 */
export type Routing = Listener["kind"];

/** What the list of a user of the model's data rests on. @throws BadInputError where they are unknown */
export function routingOfUser(source: RecommendationSource, id: string): Routing {
  return routedModel(source).routeKnown(userIndex(source, id)).kind;
}

/** What a list for such a history rests on. @throws BadInputError where an item is unknown */
export function routingOfHistory(
  source: RecommendationSource,
  itemIds: readonly string[],
): Routing {
  return routedModel(source).route(undefined, historyOf(source, itemIds)).kind;
}

/** The k best unseen items for a known user; fewer where fewer are unseen. */
export async function recommendToUser(
  source: RecommendationSource,
  id: string,
  k: number,
  options: ListOptions = {},
): Promise<Recommendation[]> {
  const user = userIndex(source, id);
  const routed = routedModel(source);
  const listener = routed.routeKnown(user);
  const { lists } = await rankRun(source, user, user + 1, k);
  const person = {
    user: listener.kind === "trained" ? user : null,
    history: routed.historyOf(listener),
  };
  return describe({ ...source, recommender: routed.rankerOf(listener) }, lists, person, options);
}

/** The k best items for somebody who was not in training, from the items they liked. */
export async function recommendFromHistory(
  source: RecommendationSource,
  itemIds: readonly string[],
  k: number,
  options: ListOptions = {},
): Promise<Recommendation[]> {
  const routed = routedModel(source);
  const liked = historyOf(source, itemIds);
  const listener = routed.route(undefined, liked);
  const rows: Rows = { indptr: Int32Array.of(0, liked.length), indices: liked };
  const lists = await rankFor(source, [listener], k, rows);
  const person = { user: null, history: routed.historyOf(listener) };
  return describe({ ...source, recommender: routed.rankerOf(listener) }, lists, person, options);
}

/** Dense indices of a history, ascending, each once. */
function historyOf(source: RecommendationSource, itemIds: readonly string[]): Int32Array {
  if (itemIds.length === 0) {
    throw new BadInputError("history", "the history is empty; name at least one item id");
  }
  return Int32Array.from(new Set(itemIds.map((id) => itemIndex(source, id)))).sort();
}

/** Lists of a block of users. */
export interface RankedBlock {
  /** Dense indices of the users, one a list. */
  readonly users: Int32Array;
  /** What their lists rest on. */
  readonly routing: Routing;
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
  const routed = routedModel(source);
  // A model that is laid out on a device first should not be for every thousand.
  const blockUsers = run.blockUsers ?? (source.recommender.blockScorer ? 16_384 : 1024);
  for (let first = 0; first < source.users.size; first += blockUsers) {
    if (signal?.aborted) {
      throw new StoppedError(`stopped after ${first} of ${source.users.size} users`);
    }
    const last = Math.min(first + blockUsers, source.users.size);
    for (let begin = first; begin < last; ) {
      let end = begin + 1;
      const { kind } = routed.routeKnown(begin);
      while (end < last && routed.routeKnown(end).kind === kind) end++;
      yield rankRun(source, begin, end, k);
      begin = end;
    }
  }
}

/** Lists of users begin … end − 1, who are all routed alike. */
async function rankRun(
  source: RecommendationSource,
  begin: number,
  end: number,
  k: number,
): Promise<RankedBlock> {
  const users = Int32Array.from({ length: end - begin }, (_, at) => begin + at);
  const masked = sliceRows(source.seen, begin, end);
  const listeners = Array.from(users, (user) => routedModel(source).routeKnown(user));
  const lists = await rankFor(source, listeners, k, masked);
  return { users, routing: listeners[0]!.kind, lists };
}

/** The best k of the items that the index proposes, or of all. */
async function rankFor(
  source: RecommendationSource,
  listeners: readonly Listener[],
  k: number,
  masked: Rows,
): Promise<RankedLists> {
  const recommender = routedModel(source).rankerOf(listeners[0]!);
  const audience = audienceOf(listeners);
  const places = atMost(source, k);
  const index = recommender === source.recommender ? source.index : null;
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
  const described: Recommendation[] = [];
  for (const [at, item] of items.entries()) {
    described.push({
      rank: at + 1,
      ...namedItem(source, item),
      score: lists.scores[at]!,
      because: await reasons(source, person.history, item),
      ...(explanations && { explanation: explanations[at]! }),
    });
  }
  return described;
}
