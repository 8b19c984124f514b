/**
 * Histories of the people who were asked for last, so that a list needs no query:
 * a read of a file that another thread writes takes locks and fresh pages each time.
 * What is written is added here once it is on the disk. While everything that was ever
 * stored fits, somebody who is not held has no events. Memory is bounded by events, not people.
 *
 * @module
 */

import type { NewEvent } from "./event-store.ts";

/** Events and people held at once, about 300 bytes each. */
export const MOST_HELD = 100_000;

interface Held {
  /** How many events were asked for; 0: they have to be read again. */
  readonly limit: number;
  /** The latest first. */
  readonly events: readonly NewEvent[];
  /** Writes that had been begun when it was read: it may hold what they wrote. */
  readonly begun: number;
}

export class RecentHistories {
  readonly #mostHeld: number;
  /** The person asked for last comes last. */
  readonly #people = new Map<string, Held>();
  #held = 0;
  #begun = 0;
  #isComplete = false;

  constructor(mostHeld = MOST_HELD) {
    this.#mostHeld = mostHeld;
  }

  /** Events and people held now. */
  get size(): number {
    return this.#held;
  }

  /** Takes all events that are stored, before any write; each person's latest first. */
  fill(events: Iterable<NewEvent>): void {
    this.#isComplete = true;
    const people = Map.groupBy(events, ({ user }) => user);
    for (const [user, own] of people) {
      this.#hold(user, { limit: Number.POSITIVE_INFINITY, events: own, begun: 0 });
    }
    this.#makeRoom();
  }

  /** A person's latest events, from memory or else by `read`. */
  get(user: string, limit: number, read: () => readonly NewEvent[]): readonly NewEvent[] {
    const known = this.#people.get(user);
    if (!known && this.#isComplete) return [];
    const isWhole = known && (known.limit >= limit || known.events.length < known.limit);
    const held = isWhole ? known : { limit, events: read(), begun: this.#begun };
    this.#hold(user, held);
    this.#makeRoom();
    return held.events.length > limit ? held.events.slice(0, limit) : held.events;
  }

  /** A write begins; its number is for `add`. */
  begin(): number {
    return ++this.#begun;
  }

  /** What a write has kept, all of it new; writes end in the order in which they begin. */
  add(begun: number, events: readonly NewEvent[]): void {
    for (const event of events) {
      const { user, time } = event;
      const known = this.#people.get(user) ?? (this.#isComplete ? NOTHING : undefined);
      if (!known) continue;
      if (known.begun >= begun) {
        this.forget(user);
        continue;
      }
      // Of events of one time the one that came last is the latest.
      const later = known.events.findIndex((other) => other.time <= time);
      const place = later < 0 ? known.events.length : later;
      // Older than what is held of a history that goes on: it is not needed here.
      if (place >= known.limit) continue;
      const longer = known.events.toSpliced(place, 0, event).slice(0, known.limit);
      this.#hold(user, { ...known, events: longer });
    }
    this.#makeRoom();
  }

  /** The person's history has changed in a way that has to be read. */
  forget(user: string): void {
    if (!this.#isComplete) this.#drop(user);
    else this.#hold(user, { limit: 0, events: [], begun: this.#begun });
    this.#makeRoom();
  }

  #hold(user: string, held: Held): void {
    this.#drop(user);
    this.#people.set(user, held);
    this.#held += 1 + held.events.length;
  }

  #drop(user: string): void {
    const known = this.#people.get(user);
    if (!known) return;
    this.#people.delete(user);
    this.#held -= 1 + known.events.length;
  }

  #makeRoom(): void {
    for (const user of this.#people.keys()) {
      if (this.#held <= this.#mostHeld) return;
      this.#drop(user);
      this.#isComplete = false;
    }
  }
}

const NOTHING: Held = { limit: Number.POSITIVE_INFINITY, events: [], begun: 0 };
