/**
 * From a request to a list: who is asking and what is known of them decides how
 * they are ranked; what was seen, shown, excluded or filtered decides what is left.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { type Listener, withItems } from "../artifact/routed-model.ts";
import {
  cosineSimilarity,
  diversified,
  genreSimilarity,
  type ItemSimilarity,
} from "./diversity.ts";
import { explainList } from "./explaining.ts";
import type { ItemCatalogue } from "./item-catalogue.ts";
import { readPageToken, writePageToken } from "./page-token.ts";
import type { RankedList, RankingQueue } from "./ranking-queue.ts";
import type { RecommendationAnswer, RecommendationRequest, RecommendedItem } from "./schemas.ts";
import type { ServedModel } from "./served-model.ts";
import type { EventStore, NewEvent } from "./store/event-store.ts";
import { wasForgotten } from "./store/person-digest.ts";

/** Latest events of a person that count. */
export const MOST_REMEMBERED = 1000;

/** Items among which diversity chooses, for each that is asked for. */
const POOL = 5;
const LEAST_POOL = 50;
const MOST_POOL = 1000;

export interface RecommendingContext {
  readonly store: EventStore;
  readonly catalogue: ItemCatalogue;
  readonly queue: RankingQueue;
  readonly explainUsers: boolean;
}

/** Answers a request with one model. */
export async function recommendTo(
  request: RecommendationRequest,
  model: ServedModel,
  context: RecommendingContext,
): Promise<RecommendationAnswer> {
  const { k, diversity } = request;
  const shown = request.page === undefined ? [] : readPageToken(request.page);
  const person = await recall(request, model, context.store);
  const choice = chooseItems(request, model, context.catalogue, person, shown);
  const pool = diversity > 0 ? Math.min(MOST_POOL, Math.max(LEAST_POOL, POOL * k)) : k;
  const ranked = await context.queue.rank({ model, listener: person.listener, k: pool, ...choice });
  const list = diversity > 0 ? diversify(ranked, request, model, context) : ranked;
  const { items, scores } = list;
  const explanations = request.explain
    ? await explainList(list, { ...person, user: request.user }, model, context)
    : null;
  const left =
    (choice.candidates?.length ?? model.bundle.items.size - choice.masked.length) - items.length;
  const ids: string[] = [];
  const recommended: RecommendedItem[] = [];
  // Not Array.from with a function, which takes a typed array's iterator for every element.
  for (let at = 0; at < items.length; at++) {
    const item = model.bundle.items.idOf(items[at]!);
    const { title, year, genres } = context.catalogue.fieldsOf(model, items[at]!);
    const named = { rank: at + 1, item, title, year, genres, score: scores[at]! };
    ids.push(item);
    recommended.push(explanations ? { ...named, explanation: explanations[at]! } : named);
  }
  return {
    attribution: randomUUID(),
    model: model.id,
    routing: person.listener.kind,
    items: recommended,
    unknownItems: person.unknown.concat(choice.unknown),
    shortfall: items.length < k ? shortfall(k - items.length, request, left) : null,
    next: items.length === k && left > 0 ? writePageToken([...shown, ...ids]) : null,
  };
}

/** What is known of whoever asks. */
interface Person {
  readonly listener: Listener;
  /** Items that carry the scores. */
  readonly history: Int32Array;
  /** Items that the person has met, liked or not, ascending. */
  readonly seen: Int32Array;
  /** Items of the request that the model does not know. */
  readonly unknown: readonly string[];
}

async function recall(
  { user, history = [], session = [] }: RecommendationRequest,
  model: ServedModel,
  store: EventStore,
): Promise<Person> {
  const [events, row] = user === undefined ? [[], undefined] : await recallUser(user, model, store);
  const training = model.trainingItems(row);
  const known = model.seenItems(row);
  const isTrained = row !== undefined && training.length > 0;
  if (isTrained && events.length + history.length + session.length === 0) {
    const listener = { kind: "trained", user: row } as const;
    return { listener, history: training, seen: known, unknown: [] };
  }
  const liked: number[] = [];
  const disliked: number[] = [];
  const unknown: string[] = [];
  for (const id of [...history, ...session]) {
    const item = model.bundle.items.indexOf(id);
    if (item === undefined) unknown.push(id);
    else liked.push(item);
  }
  for (const { item: id, value } of events) {
    const item = model.bundle.items.indexOf(id);
    if (item !== undefined) (value > 0 ? liked : disliked).push(item);
  }
  const allLiked = withItems(known, liked);
  const listener = model.route(row, allLiked);
  const seen = withItems(allLiked, disliked);
  return { listener, history: model.historyOf(listener), seen, unknown };
}

/** A person's events, and their row of the model where that may be used. */
async function recallUser(
  user: string,
  model: ServedModel,
  store: EventStore,
): Promise<[readonly NewEvent[], number | undefined]> {
  const [events, forgotten] = await Promise.all([
    store.history(user, MOST_REMEMBERED),
    store.forgotten(),
  ]);
  return [events, wasForgotten(forgotten, user) ? undefined : model.bundle.users.indexOf(user)];
}

interface Choice {
  readonly masked: Int32Array;
  readonly candidates: Int32Array | null;
  readonly unknown: readonly string[];
}

/** What may be in the list. */
function chooseItems(
  { exclude = [], allow, filter, includeSeen }: RecommendationRequest,
  model: ServedModel,
  catalogue: ItemCatalogue,
  person: Person,
  shown: readonly string[],
): Choice {
  const unavailable = catalogue.unavailable(model);
  const hidden = [...exclude, ...shown];
  const isPlain = !includeSeen && hidden.length === 0 && unavailable.length === 0;
  if (isPlain && !allow && !filter) {
    return { masked: person.seen, candidates: null, unknown: [] };
  }
  const left = new Set(includeSeen ? [] : person.seen);
  for (const id of hidden) {
    const item = model.bundle.items.indexOf(id);
    if (item !== undefined) left.add(item);
  }
  // A filter that asks for what is not to be had decides by itself.
  const passing = filter ? catalogue.passing(model, filter) : null;
  if (!passing) for (const item of unavailable) left.add(item);
  const masked = Int32Array.from(left).sort();
  if (!allow && !passing) return { masked, candidates: null, unknown: [] };
  const unknown: string[] = [];
  let candidates = passing;
  if (allow) {
    const named = new Set<number>();
    for (const id of allow) {
      const item = model.bundle.items.indexOf(id);
      if (item === undefined) unknown.push(id);
      else named.add(item);
    }
    const wanted = Int32Array.from(named).sort();
    const passes = passing && new Set(passing);
    candidates = passes ? wanted.filter((item) => passes.has(item)) : wanted;
  }
  return { masked, candidates: candidates!.filter((item) => !left.has(item)), unknown };
}

const similarities = new WeakMap<ServedModel, ItemSimilarity>();

function diversify(
  { items, scores }: RankedList,
  { k, diversity }: RecommendationRequest,
  model: ServedModel,
  { catalogue }: RecommendingContext,
): RankedList {
  const { embeddings } = model.bundle.recommender;
  const similarity =
    similarities.get(model) ??
    (embeddings
      ? cosineSimilarity(embeddings)
      : genreSimilarity((item) => catalogue.fieldsOf(model, item).genres));
  similarities.set(model, similarity);
  const order = diversified(items, scores, k, diversity, similarity);
  return {
    items: Int32Array.from(order, (at) => items[at]!),
    scores: Float32Array.from(order, (at) => scores[at]!),
  };
}

function shortfall(
  missing: number,
  { allow, filter, page }: RecommendationRequest,
  left: number,
): { missing: number; reason: string } {
  if (left > 0) {
    return {
      missing,
      reason: "the retrieval index proposed no more items; lumiere index --kind exact scores all",
    };
  }
  const limits = [
    ...(allow ? ["are allowed"] : []),
    ...(filter ? ["meet the filter"] : []),
    "are new to the person and not excluded",
    ...(page !== undefined ? ["were not shown before"] : []),
  ];
  return { missing, reason: `no more items ${limits.join(" and ")}` };
}
