/**
 * What is known of the items: the bundle's columns, and over them what somebody
 * set afterwards (`PUT /v1/items/:id`), availability among it.
 *
 * @module
 */

import type { Conditions, ItemFields } from "./schemas.ts";
import type { ServedModel } from "./served-model.ts";
import type { EventStore, StoredItem } from "./store/event-store.ts";

/** Filters whose items are remembered at once. */
const REMEMBERED = 64;

export class ItemCatalogue {
  readonly #store: EventStore;
  readonly #set = new Map<string, ItemFields>();
  /** Passing items by filter, for one model, until an item changes. */
  #passing: { model: ServedModel | null; lists: Map<string, Int32Array> } = emptyMemory();
  #unavailable: { model: ServedModel; items: Int32Array } | null = null;

  private constructor(store: EventStore) {
    this.#store = store;
  }

  /** The catalogue with everything that the store holds. */
  static async open(store: EventStore): Promise<ItemCatalogue> {
    const catalogue = new ItemCatalogue(store);
    const accept = ({ id, fields }: StoredItem) => catalogue.#accept(id, fields);
    if (store.watchItems) await store.watchItems(accept);
    else for (const item of await store.items()) accept(item);
    return catalogue;
  }

  /** Keeps an item's fields; they hold for the next answer. */
  async put(id: string, fields: ItemFields): Promise<void> {
    await this.#store.putItem({ id, fields });
    this.#accept(id, fields);
  }

  #accept(id: string, fields: ItemFields): void {
    this.#set.set(id, fields);
    this.#passing = emptyMemory();
    this.#unavailable = null;
  }

  /** Whether anybody has described the item, or the model knows it. */
  isKnown(model: ServedModel, id: string): boolean {
    return this.#set.has(id) || model.bundle.items.indexOf(id) !== undefined;
  }

  /** An item's fields; null where nothing is known of it. */
  find(model: ServedModel, id: string): ItemFields | null {
    const set = this.#set.get(id);
    if (set) return set;
    const item = model.bundle.items.indexOf(id);
    return item === undefined ? null : bundleFields(model, item);
  }

  /** Fields of a dense index. */
  fieldsOf(model: ServedModel, item: number): ItemFields {
    const set = this.#set.size > 0 ? this.#set.get(model.bundle.items.idOf(item)) : undefined;
    return set ?? bundleFields(model, item);
  }

  titleOf(model: ServedModel, id: string): string | null {
    return this.find(model, id)?.title ?? null;
  }

  /** Items that are not to be had, ascending. */
  unavailable(model: ServedModel): Int32Array {
    if (this.#unavailable?.model !== model) {
      const items: number[] = [];
      for (const [id, { available }] of this.#set) {
        const item = available ? undefined : model.bundle.items.indexOf(id);
        if (item !== undefined) items.push(item);
      }
      this.#unavailable = { model, items: Int32Array.from(items).sort() };
    }
    return this.#unavailable.items;
  }

  /** Items that meet the conditions, ascending. */
  passing(model: ServedModel, conditions: Conditions): Int32Array {
    if (this.#passing.model !== model) this.#passing = { model, lists: new Map() };
    const { lists } = this.#passing;
    const key = JSON.stringify(conditions);
    const known = lists.get(key);
    if (known) return known;
    const meets = conditionTest(conditions);
    const items: number[] = [];
    for (let item = 0; item < model.bundle.items.size; item++) {
      if (meets(this.fieldsOf(model, item))) items.push(item);
    }
    if (lists.size >= REMEMBERED) lists.delete(lists.keys().next().value ?? "");
    const passing = Int32Array.from(items);
    lists.set(key, passing);
    return passing;
  }
}

const emptyMemory = () => ({ model: null, lists: new Map<string, Int32Array>() });

function bundleFields({ bundle }: ServedModel, item: number): ItemFields {
  const { titles, genres, years } = bundle.itemFeatures;
  return {
    title: titles?.[item] ?? null,
    genres: [...(genres?.[item] ?? [])],
    year: years?.[item] ?? null,
    available: true,
  };
}

/** Conditions as a question to one item. */
export function conditionTest({
  genre,
  year,
  available = true,
}: Conditions): (fields: ItemFields) => boolean {
  const lower = (names: readonly string[] = []) => names.map((name) => name.toLowerCase());
  const [any, all, none] = [lower(genre?.any), lower(genre?.all), lower(genre?.none)];
  const { from = -Infinity, to = Infinity } = year ?? {};
  return (fields) => {
    if (fields.available !== available) return false;
    if (year && (fields.year === null || fields.year < from || fields.year > to)) return false;
    if (!genre) return true;
    const own = new Set(lower(fields.genres));
    return (
      (any.length === 0 || any.some((name) => own.has(name))) &&
      all.every((name) => own.has(name)) &&
      !none.some((name) => own.has(name))
    );
  };
}
