/**
 * The events of a store as columns, in the order in which they came, and what
 * else the store knows: fields of items, and people to forget.
 *
 * @module
 */

import { type Interactions, Vocabulary } from "../../data/interactions.ts";
import type { ItemFields } from "../../serving/schemas.ts";
import type { EventStore } from "../../serving/store/event-store.ts";
import { wasForgotten } from "../../serving/store/person-digest.ts";

export interface EventLog {
  /** Ids in the order of their first event; the log has dense indices of its own. */
  readonly users: Vocabulary;
  readonly items: Vocabulary;
  /** All events; a value of 0 or less: known, but not liked. */
  readonly events: Interactions & { readonly values: Float32Array; readonly times: Float64Array };
  /** Fields that somebody set, by item id. */
  readonly fields: ReadonlyMap<string, ItemFields>;
  /** Whether what a person did before their first event here must not be used. */
  isForgotten(user: string): boolean;
}

/** Reads a whole store. */
export async function readEventLog(store: EventStore): Promise<EventLog> {
  const users = new Numbering();
  const items = new Numbering();
  const values: number[] = [];
  const times: number[] = [];
  for await (const { user, item, value, time } of store.allEvents()) {
    users.add(user);
    items.add(item);
    values.push(value);
    times.push(time);
  }
  const forgotten = await store.forgotten();
  const fields = new Map((await store.items()).map((item) => [item.id, item.fields]));
  return {
    users: users.vocabulary(),
    items: items.vocabulary(),
    events: {
      users: Int32Array.from(users.sequence),
      items: Int32Array.from(items.sequence),
      values: Float32Array.from(values),
      times: Float64Array.from(times),
    },
    fields,
    isForgotten: (user) => wasForgotten(forgotten, user),
  };
}

/** Ids as they come, numbered by their first appearance. */
class Numbering {
  readonly sequence: number[] = [];
  readonly #numbers = new Map<string, number>();

  add(id: string): void {
    const number = this.#numbers.get(id) ?? this.#numbers.size;
    this.#numbers.set(id, number);
    this.sequence.push(number);
  }

  vocabulary(): Vocabulary {
    return new Vocabulary([...this.#numbers.keys()]);
  }
}
