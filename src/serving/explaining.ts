/**
 * Explanations of a list in the shape of an answer: titles from the catalogue, parts bounded,
 * other people named only where the server may, and no path through somebody who was forgotten.
 *
 * @module
 */

import { explainScores } from "../artifact/explanation.ts";
import type { NamedItem } from "../artifact/recommendation-source.ts";
import type { Listener } from "../artifact/routed-model.ts";
import type { ItemCatalogue } from "./item-catalogue.ts";
import type { RankedList } from "./ranking-queue.ts";
import { type ExplanationAnswer, MOST_PARTS } from "./schemas.ts";
import type { ServedModel } from "./served-model.ts";
import type { EventStore } from "./store/event-store.ts";
import { wasForgotten } from "./store/person-digest.ts";

/** Who was ranked, from which items. */
export interface ExplainedListener {
  readonly listener: Listener;
  readonly history: Int32Array;
  /** Id of the request, through whom no path leads. */
  readonly user: string | undefined;
}

export interface ExplainingContext {
  readonly catalogue: ItemCatalogue;
  readonly store: EventStore;
  /** Whether people through whom paths lead are named. */
  readonly explainUsers: boolean;
}

/** One explanation for each item of a list. */
export async function explainList(
  { items, scores }: RankedList,
  { listener, history, user }: ExplainedListener,
  model: ServedModel,
  { catalogue, store, explainUsers }: ExplainingContext,
): Promise<ExplanationAnswer[]> {
  const { bundle, popular, degrees } = model;
  const source = listener.kind === "popularity" ? { ...bundle, recommender: popular } : bundle;
  const person = { user: listener.kind === "trained" ? listener.user : null, history };
  const forgotten = await store.forgotten();
  const isHidden = (other: string) => other === user || wasForgotten(forgotten, other);
  const titled = ({ item }: NamedItem) => ({ item, title: catalogue.titleOf(model, item) });
  const explained = await explainScores(source, person, items, scores, { isHidden });
  return explained.map(({ basis, parts, remainder, popularityShare, paths }, at) => {
    const others = parts.slice(MOST_PARTS);
    return {
      basis,
      parts: parts
        .slice(0, MOST_PARTS)
        .map(({ item, title, share }) => ({ ...titled({ item, title }), share })),
      others: {
        items: others.length,
        share: others.reduce((sum, { share }) => sum + share, 0),
      },
      remainder,
      popularity: degrees[items[at]!]! / Math.max(1, bundle.users.size),
      popularityShare,
      paths: paths.map(({ by, user: other, weight }) => ({
        by: titled(by),
        user: explainUsers ? other : null,
        weight,
      })),
    };
  });
}
