/**
 * A fitted model and the people who ask it: whom it knows, whom it folds in, and
 * to whom it can only offer what most people like. A user without training
 * interactions has nothing but the starting values of their vector, so that what
 * the model itself says of them is noise.
 *
 * @module
 */

import { rowsOfLists } from "../data/rows.ts";
import { popularity } from "../models/popularity.ts";
import type { Audience, Recommender } from "../models/recommender.ts";
import { rowOf } from "./bundle-columns.ts";
import type { RecommendationSource } from "./recommendation-source.ts";

/** For whom to rank: a training user, somebody with a history, or somebody unknown. */
export type Listener =
  | { readonly kind: "trained"; readonly user: number }
  | { readonly kind: "fold-in"; readonly history: Int32Array }
  | { readonly kind: "popularity" };

export class RoutedModel {
  readonly source: RecommendationSource;
  /** Training users of each item. */
  readonly degrees: Int32Array;
  /** For people of whom nothing is known. */
  readonly popular: Recommender;

  constructor(source: RecommendationSource) {
    this.source = source;
    const { users, items, train } = source;
    this.degrees = new Int32Array(items.size);
    for (const item of train.indices) this.degrees[item]!++;
    this.popular = popularity.load(
      { counts: { shape: [items.size], data: Float32Array.from(this.degrees) } },
      {},
      { userCount: users.size, itemCount: items.size, seen: train },
    );
  }

  /** Items of a user's training data; empty where there is no such user. */
  trainingItems(user: number | undefined): Int32Array {
    return user === undefined ? EMPTY : rowOf(this.source.train, user);
  }

  /** Everything that the model's data know a user to have seen. */
  seenItems(user: number | undefined): Int32Array {
    return user === undefined ? EMPTY : rowOf(this.source.seen, user);
  }

  /**
   * How a person is ranked: by the trained vector while nothing newer is known of them, else
   * folded in from everything they like, else by popularity.
   * @param user dense index; undefined = not in the model's data
   * @param liked what they like, ascending, all of `seenItems(user)` among it
   */
  route(user: number | undefined, liked: Int32Array): Listener {
    if (user !== undefined && this.trainingItems(user).length > 0) {
      if (liked.length === this.seenItems(user).length) return { kind: "trained", user };
    }
    // An item that nobody had in training carries nothing.
    const history = liked.filter((item) => this.degrees[item]! > 0);
    return history.length > 0 ? { kind: "fold-in", history } : { kind: "popularity" };
  }

  /** How a user of the model's data is ranked, of whom nothing newer is known. */
  routeKnown(user: number): Listener {
    return this.route(user, this.seenItems(user));
  }

  /** What ranks such a person. */
  rankerOf({ kind }: Listener): Recommender {
    return kind === "popularity" ? this.popular : this.source.recommender;
  }

  /** Items that carry a person's scores. */
  historyOf(listener: Listener): Int32Array {
    if (listener.kind === "trained") return this.trainingItems(listener.user);
    return listener.kind === "fold-in" ? listener.history : EMPTY;
  }
}

const EMPTY = new Int32Array(0);

const routedModels = new WeakMap<RecommendationSource, RoutedModel>();

/** The model of a source; counted out once. */
export function routedModel(source: RecommendationSource): RoutedModel {
  const routed = routedModels.get(source) ?? new RoutedModel(source);
  routedModels.set(source, routed);
  return routed;
}

/**
 * Items of a list and others, each once, ascending.
 * @param items ascending, each once
 */
export function withItems(items: Int32Array, others: Iterable<number>): Int32Array {
  const all = new Set(others);
  for (const item of items) all.delete(item);
  if (all.size === 0) return items;
  const joined = new Int32Array(items.length + all.size);
  joined.set(items);
  let place = items.length;
  for (const item of all) joined[place++] = item;
  return joined.sort();
}

/** Listeners of one kind, for ranking them together. */
export function audienceOf(listeners: readonly Listener[]): Audience {
  if (listeners[0]?.kind === "fold-in") {
    const histories = listeners.map((one) => (one.kind === "fold-in" ? one.history : EMPTY));
    return { histories: rowsOfLists(histories) };
  }
  // By popularity any row will do.
  return { users: Int32Array.from(listeners, (one) => (one.kind === "trained" ? one.user : 0)) };
}
