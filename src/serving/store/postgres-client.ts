/**
 * Queries within bounds of time and number, over connections that come back by
 * themselves; what goes wrong is a `Problem`.
 *
 * @module
 */

import postgres, { type Sql } from "postgres";
import { withoutSecrets } from "../../data/source.ts";
import { Problem } from "../problem.ts";
import { explainService, isCollision, isLost, unavailable } from "./postgres-errors.ts";

/** Milliseconds that the database may work on a query, locks included; the address may say otherwise. */
const STATEMENT_MILLISECONDS = 5000;

/** Milliseconds that an answer may take, the network included. */
const ANSWER_MILLISECONDS = 10_000;

/** Queries that may wait at once; beyond, the client is asked to come back. */
const MOST_WAITING = 10_000;

/** Times that a query is tried, where trying again can do no harm. */
const ATTEMPTS = 4;

export class PostgresClient {
  /** Where the database is, without secrets. */
  readonly address: string;
  readonly #sql: Sql;
  #waiting = 0;
  #isClosed = false;

  /** Connects when it is first asked. */
  constructor(url: string) {
    this.address = withoutSecrets(url);
    this.#sql = postgres(url, {
      max: 10,
      connect_timeout: 5,
      backoff: (retries) => Math.min(2 ** retries / 20, 1),
      onnotice: () => {},
      connection: {
        application_name: "lumiere",
        // A commit is on the disk when it is answered.
        synchronous_commit: "on",
        statement_timeout: STATEMENT_MILLISECONDS,
      },
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The bare connections, for opening a store: errors are the database's own. */
  get sql(): Sql {
    return this.#sql;
  }

  /** A query that changes nothing, so that it may be asked again over another connection. */
  read<T>(query: (sql: Sql) => PromiseLike<T>): Promise<T> {
    return this.ask(query, (error) => isCollision(error) || isLost(error));
  }

  /** Any query. @throws Problem 503 */
  async ask<T>(
    query: (sql: Sql) => PromiseLike<T>,
    isWorthRepeating: (error: unknown) => boolean = isCollision,
  ): Promise<T> {
    if (this.#isClosed) throw unavailable(`${this.address}: it is closed`);
    if (this.#waiting >= MOST_WAITING) {
      throw new Problem(503, "store-busy", "too many queries wait for the database", {
        retryAfter: 1,
      });
    }
    this.#waiting++;
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await within(ANSWER_MILLISECONDS, query(this.#sql));
        } catch (error) {
          if (attempt === ATTEMPTS || !isWorthRepeating(error)) {
            throw explainService(this.address, error);
          }
        }
      }
    } finally {
      this.#waiting--;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // Longer is of no use: a connection that was lost under a query is waited for in vain.
    await this.#sql.end({ timeout: 1 });
  }
}

/** A connection that is dead without a word would otherwise keep a request for minutes. */
async function within<T>(milliseconds: number, answer: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`no answer within ${milliseconds} ms`);
    timer = setTimeout(() => reject(error), milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
