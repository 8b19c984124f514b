/**
 * Portraits that were asked for: made one at a time, kept while there is room,
 * and given up where nobody waits for them any more.
 *
 * @module
 */

import { setTimeout as delay } from "node:timers/promises";
import type { ProgressEvent } from "../../base/progress.ts";
import type { DataOptions } from "../../data/options.ts";
import { Problem } from "../../serving/problem.ts";
import type { Portrait, StatisticsAnswer } from "../schemas.ts";
import { portraitInChild } from "./portrait-in-child.ts";

/** Each is below a megabyte. */
const MOST_KEPT = 16;

/** Waiting for their turn. */
const MOST_UNFINISHED = 8;

/** Milliseconds that an answer waits for the portrait before it says how far things are. */
const PATIENCE = 700;

/** Milliseconds without a question after which an unfinished portrait is given up. */
const INTEREST = 15_000;

interface Entry {
  readonly stop: AbortController;
  portrait: Portrait | null;
  progress: ProgressEvent | null;
  made: Promise<unknown>;
  interest: NodeJS.Timeout | undefined;
}

export class Portraits {
  /** The one asked last comes last. */
  readonly #entries = new Map<string, Entry>();
  #queue: Promise<unknown> = Promise.resolve();

  /**
   * The portrait, or how far it is; ask again.
   * @throws BadInputError where the data cannot be read; Problem 503 where too many are waited for
   */
  async ask(options: DataOptions): Promise<StatisticsAnswer> {
    const key = JSON.stringify(options);
    const entry = this.#entries.get(key) ?? this.#begin(key, options);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#stayInterested(entry);
    const patience = new AbortController();
    const waited = delay(PATIENCE, null, { signal: patience.signal }).catch(() => {});
    await Promise.race([entry.made, waited]).finally(() => patience.abort());
    if (entry.portrait) return { state: "ready", portrait: entry.portrait };
    const { stage, done, total } = entry.progress ?? { stage: "wait", done: 0 };
    return { state: "working", stage, done, total: total ?? null };
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    for (const { stop, interest } of entries) {
      clearTimeout(interest);
      stop.abort();
    }
    await Promise.allSettled(entries.map(({ made }) => made));
  }

  #begin(key: string, options: DataOptions): Entry {
    this.#makeRoom();
    const stop = new AbortController();
    const entry: Entry = {
      stop,
      portrait: null,
      progress: null,
      interest: undefined,
      made: Promise.resolve(),
    };
    const turn = this.#queue.then(async () => {
      stop.signal.throwIfAborted();
      const progress = (event: ProgressEvent) => {
        entry.progress = event;
      };
      entry.portrait = await portraitInChild(options, progress, stop.signal);
    });
    this.#queue = turn.catch(() => {});
    entry.made = turn.finally(() => {
      clearTimeout(entry.interest);
      // What could not be read may be whole the next time.
      if (entry.portrait === null) this.#entries.delete(key);
    });
    // Whoever asked hears of a failure; where nobody waits it is nobody's.
    entry.made.catch(() => {});
    return entry;
  }

  #stayInterested(entry: Entry): void {
    clearTimeout(entry.interest);
    if (entry.portrait === null) entry.interest = setTimeout(() => entry.stop.abort(), INTEREST);
  }

  #makeRoom(): void {
    const unfinished = [...this.#entries.values()].filter(({ portrait }) => portrait === null);
    if (unfinished.length >= MOST_UNFINISHED) {
      throw new Problem(
        503,
        "busy",
        `${unfinished.length} other datasets are waiting to be described; try again in a moment`,
        { retryAfter: 5 },
      );
    }
    for (const [key, { portrait }] of this.#entries) {
      if (this.#entries.size < MOST_KEPT) return;
      if (portrait) this.#entries.delete(key);
    }
  }
}
