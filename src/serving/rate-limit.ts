/**
 * Token buckets: each client may send so many requests a second on average, and
 * twice as many at once.
 *
 * @module
 */

import { Problem } from "./problem.ts";

interface Bucket {
  tokens: number;
  time: number;
}

/** Clients remembered at once; the one that was silent longest is forgotten. */
const MOST_CLIENTS = 10_000;

export class RateLimit {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param perSecond 0 = no limit
   * @param now milliseconds
   */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** @throws Problem 429 where a client has used up its share */
  take(client: string): void {
    if (this.#perSecond === 0) return;
    const now = this.#now();
    const most = 2 * this.#perSecond;
    const before = this.#buckets.get(client) ?? { tokens: most, time: now };
    const refilled = before.tokens + ((now - before.time) / 1000) * this.#perSecond;
    const tokens = Math.min(most, refilled);
    this.#buckets.delete(client);
    if (this.#buckets.size >= MOST_CLIENTS) {
      this.#buckets.delete(this.#buckets.keys().next().value ?? "");
    }
    const isAllowed = tokens >= 1;
    this.#buckets.set(client, { tokens: isAllowed ? tokens - 1 : tokens, time: now });
    if (isAllowed) return;
    const wait = Math.max(1, Math.ceil((1 - tokens) / this.#perSecond));
    throw new Problem(429, "rate", `more than ${this.#perSecond} requests a second`, {
      retryAfter: wait,
    });
  }
}
