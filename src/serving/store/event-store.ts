/**
 * What the server remembers: events, people to forget, and changes to items. An
 * answer of `append` or `forget` means that the change survives a crash.
 *
 * @module
 */

import type { ItemFields } from "../schemas.ts";

export interface NewEvent {
  /** Unique where given; null: never a duplicate. */
  readonly id: string | null;
  readonly user: string;
  readonly item: string;
  readonly value: number;
  /** Unix time in seconds. */
  readonly time: number;
  readonly attribution: string | null;
}

export interface Appended {
  readonly accepted: number;
  readonly duplicates: number;
}

/** An item's fields as somebody set them after training. */
export interface StoredItem {
  readonly id: string;
  readonly fields: ItemFields;
}

/** Errors are `Problem`s with status 503: the disk is full, the database is locked, … */
export interface EventStore {
  /** Keeps events; when it resolves they are on the disk. */
  append(events: readonly NewEvent[]): Promise<Appended>;
  /** A person's events, the latest first. */
  history(user: string, limit: number): readonly NewEvent[] | Promise<readonly NewEvent[]>;
  /** Deletes a person's events and remembers not to use what a model knows of them. */
  forget(user: string): Promise<number>;
  /** `personDigest` of everybody who was forgotten; ask it with `wasForgotten`. */
  forgotten(): ReadonlySet<string> | Promise<ReadonlySet<string>>;
  /** Sets an item's fields. */
  putItem(item: StoredItem): Promise<void>;
  /** All items that were set. */
  items(): readonly StoredItem[] | Promise<readonly StoredItem[]>;
  /**
   * Calls back with every item that was set, and again with each that any server sets. Only stores
   * that several servers share have it.
   */
  watchItems?(listener: (item: StoredItem) => void): Promise<void>;
  /** All events in the order in which they came, for training. */
  allEvents(): Iterable<NewEvent> | AsyncIterable<NewEvent>;
  close(): Promise<void>;
}
