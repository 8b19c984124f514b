/**
 * Who and what a run knows, as far as somebody who looks around needs it: searched by name,
 * a bounded number at a time.
 *
 * @module
 */

import type { ItemCatalogue } from "../serving/item-catalogue.ts";
import type { ServedModel } from "../serving/served-model.ts";
import type {
  CatalogueAnswer,
  FoundItem,
  ItemsAnswer,
  UsersAnswer,
} from "./schemas/people-and-items.ts";
import { TextSearch } from "./text-search.ts";

/** Most genres that filters offer. */
const MOST_GENRES = 100;

/** What searching a model takes; made when it is first asked for. */
const userSearches = new WeakMap<ServedModel, TextSearch>();
const itemSearches = new WeakMap<ServedModel, TextSearch>();

function searchOf(
  searches: WeakMap<ServedModel, TextSearch>,
  model: ServedModel,
  make: () => TextSearch,
): TextSearch {
  const known = searches.get(model) ?? make();
  searches.set(model, known);
  return known;
}

/** Users by a part of their id, in the order of the data. */
export function findUsers(model: ServedModel, search: string, limit: number): UsersAnswer {
  const { ids, size } = model.bundle.users;
  const users = searchOf(
    userSearches,
    model,
    () => new TextSearch(ids, Int32Array.from(ids.keys())),
  );
  const { positions, matching } = users.find(search, limit);
  return { total: size, matching, users: positions.map((user) => describeUser(model, user)) };
}

/** Users from a position on: whoever draws one by chance asks so. */
export function usersFrom(model: ServedModel, at: number, limit: number): UsersAnswer {
  const { size } = model.bundle.users;
  const count = Math.max(0, Math.min(limit, size - at));
  const users = Array.from({ length: count }, (_, next) => describeUser(model, at + next));
  return { total: size, matching: size, users };
}

function describeUser(model: ServedModel, user: number): UsersAnswer["users"][number] {
  return { user: model.bundle.users.idOf(user), items: model.trainingItems(user).length };
}

/** Items by words of their title (by id where there are no titles), the most popular first. */
export function findItems(
  model: ServedModel,
  catalogue: ItemCatalogue,
  search: string,
  limit: number,
): ItemsAnswer {
  const { items, itemFeatures } = model.bundle;
  const titles = searchOf(itemSearches, model, () => {
    const names = items.ids.map((id, item) => itemFeatures.titles?.[item] ?? id);
    const byPopularity = Int32Array.from(items.ids.keys()).sort(
      (a, b) => model.degrees[b]! - model.degrees[a]! || a - b,
    );
    return new TextSearch(names, byPopularity);
  });
  const { positions, matching } = titles.find(search, limit);
  const found = positions.map((item) => describeItem(model, catalogue, item));
  return { total: items.size, matching, items: found };
}

/** Items by id, in that order, without those that the run does not know. */
export function namedItems(
  model: ServedModel,
  catalogue: ItemCatalogue,
  ids: readonly string[],
): ItemsAnswer {
  const { items } = model.bundle;
  const known = ids.flatMap((id) => items.indexOf(id) ?? []);
  const found = known.map((item) => describeItem(model, catalogue, item));
  return { total: items.size, matching: found.length, items: found };
}

/** An item with what a person knows it by. */
export function describeItem(
  model: ServedModel,
  catalogue: ItemCatalogue,
  item: number,
): FoundItem {
  const { title, year, genres } = catalogue.fieldsOf(model, item);
  const users = model.degrees[item]!;
  return { item: model.bundle.items.idOf(item), title, year, genres, users };
}

/** What filters have to choose from. */
export function describeCatalogue({ bundle }: ServedModel): CatalogueAnswer {
  const { genres = [], years = [] } = bundle.itemFeatures;
  const counts = new Map<string, number>();
  for (const genre of genres.flat()) counts.set(genre, (counts.get(genre) ?? 0) + 1);
  let [from, to] = [Infinity, -Infinity];
  for (const year of years) {
    if (year === null) continue;
    from = Math.min(from, year);
    to = Math.max(to, year);
  }
  return {
    users: bundle.users.size,
    items: bundle.items.size,
    genres: Array.from(counts, ([name, items]) => ({ name, items }))
      .sort((a, b) => b.items - a.items || a.name.localeCompare(b.name))
      .slice(0, MOST_GENRES),
    years: from <= to ? { from, to } : null,
  };
}
