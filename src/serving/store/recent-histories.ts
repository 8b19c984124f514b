/**
 * Histories of the people who were asked for last, so that a list needs no query:
 * a read of a file that another thread writes takes locks and fresh pages each time.
 * Whoever writes says whose history changed. Memory is bounded by events, not people.
 *
 * @module
 */

import type { NewEvent } from "./event-store.ts";

/** Events and people held at once, about 300 bytes each. */
const MOST_HELD = 100_000;

interface Held {
  /** How many events were asked for. */
  readonly limit: number;
  readonly events: readonly NewEvent[];
}

export class RecentHistories {
  readonly #mostHeld: number;
  /** The person asked for last comes last. */
  readonly #people = new Map<string, Held>();
  #held = 0;

  constructor(mostHeld = MOST_HELD) {
    this.#mostHeld = mostHeld;
  }

  /** Events and people held now. */
  get size(): number {
    return this.#held;
  }

  /** A person's latest events, from memory or else by `read`. */
  get(user: string, limit: number, read: () => readonly NewEvent[]): readonly NewEvent[] {
    const known = this.#people.get(user);
    const isWhole = known && (known.limit >= limit || known.events.length < known.limit);
    const held = isWhole ? known : { limit, events: read() };
    this.forget(user);
    this.#people.set(user, held);
    this.#held += 1 + held.events.length;
    this.#makeRoom();
    return held.events.length > limit ? held.events.slice(0, limit) : held.events;
  }

  /** The person's history has changed. */
  forget(user: string): void {
    const known = this.#people.get(user);
    if (!known) return;
    this.#people.delete(user);
    this.#held -= 1 + known.events.length;
  }

  #makeRoom(): void {
    for (const user of this.#people.keys()) {
      if (this.#held <= this.#mostHeld) return;
      this.forget(user);
    }
  }
}
