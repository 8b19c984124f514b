/**
 * The shared event store: PostgreSQL behind several servers. Every answer is read
 * from the database, so that what one server acknowledged changes the next list of
 * any other; items, which every list needs, stay in memory and are told of changes.
 *
 * @module
 */

import { withoutSecrets } from "../../data/source.ts";
import { itemFieldsSchema } from "../schemas.ts";
import type { Appended, EventStore, NewEvent, StoredItem } from "./event-store.ts";
import { personDigest } from "./person-digest.ts";
import { PostgresClient } from "./postgres-client.ts";
import { explainOpening, unavailable } from "./postgres-errors.ts";
import { prepareTables } from "./postgres-schema.ts";

/** Events read at a time for training. */
const PAGE = 10_000;

const ITEM_CHANGED = "lumiere_items";

interface ItemRow {
  readonly id: string;
  readonly fields: string;
}

export class PostgresEventStore implements EventStore {
  readonly #client: PostgresClient;
  readonly #forgotten = new Set<string>();
  #lastForgotten = 0;

  private constructor(client: PostgresClient) {
    this.#client = client;
  }

  /**
   * Connects, and makes the tables where there are none.
   * @param url postgres://user:password@host:port/database; parts left out come from PGHOST, PGUSER,
   *   PGPASSWORD, …
   * @param options.mustExist only read: refuse to make tables, and ask for no right to write
   * @throws BadInputError where it cannot be reached, does not let us in, or would lose events
   */
  static async open(
    url: string,
    { mustExist = false }: { readonly mustExist?: boolean } = {},
  ): Promise<PostgresEventStore> {
    let client: PostgresClient | null = null;
    try {
      client = new PostgresClient(url);
      await prepareTables(client.sql, client.address, mustExist);
      return new PostgresEventStore(client);
    } catch (error) {
      await client?.close();
      throw explainOpening(withoutSecrets(url), error);
    }
  }

  /**
   * One statement, which commits itself: its answer means that the events are on the disk. Numbers
   * follow the batch's own order, but rows are entered by id, as in every other batch: two batches
   * that share ids in another order would otherwise each hold what the other waits for.
   */
  async append(events: readonly NewEvent[]): Promise<Appended> {
    if (events.length === 0) return { accepted: 0, duplicates: 0 };
    const column = <Name extends keyof NewEvent>(name: Name) => events.map((event) => event[name]);
    const { count } = await this.#client.ask(
      (sql) => sql`
        WITH new AS MATERIALIZED (
          SELECT nextval((SELECT pg_get_serial_sequence('lumiere_events', 'sequence'))) AS sequence, batch.*
          FROM (
            SELECT * FROM unnest(
              ${column("id")}::text[], ${column("user")}::text[], ${column("item")}::text[],
              ${column("value")}::float8[], ${column("time")}::float8[], ${column("attribution")}::text[]
            ) WITH ORDINALITY AS batch (id, "user", item, value, time, attribution, position)
            ORDER BY position
          ) AS batch
        )
        INSERT INTO lumiere_events (sequence, id, "user", item, value, time, attribution)
        OVERRIDING SYSTEM VALUE
        SELECT sequence, id, "user", item, value, time, attribution FROM new
        ORDER BY id COLLATE "C", sequence
        ON CONFLICT (id) DO NOTHING`,
    );
    return { accepted: count, duplicates: events.length - count };
  }

  history(user: string, limit: number): Promise<readonly NewEvent[]> {
    return this.#client.read(
      (sql) => sql<NewEvent[]>`
        SELECT id, "user", item, value, time, attribution FROM lumiere_events
        WHERE "user" = ${user} ORDER BY time DESC, sequence DESC LIMIT ${limit}`,
    );
  }

  forget(user: string): Promise<number> {
    return this.#client.ask((sql) =>
      sql.begin(async (all) => {
        // One after the other: whoever has read up to a number has read all before it.
        await all`LOCK TABLE lumiere_forgotten IN SHARE ROW EXCLUSIVE MODE`;
        await all`
          INSERT INTO lumiere_forgotten (person) VALUES (${personDigest(user)})
          ON CONFLICT DO NOTHING`;
        return (await all`DELETE FROM lumiere_events WHERE "user" = ${user}`).count;
      }),
    );
  }

  /** Only who was forgotten since the last call is read. */
  async forgotten(): Promise<ReadonlySet<string>> {
    const people = await this.#client.read(
      (sql) => sql<{ sequence: string; person: string }[]>`
        SELECT sequence, person FROM lumiere_forgotten
        WHERE sequence > ${this.#lastForgotten} ORDER BY sequence`,
    );
    for (const { sequence, person } of people) {
      this.#forgotten.add(person);
      this.#lastForgotten = Math.max(this.#lastForgotten, Number(sequence));
    }
    return this.#forgotten;
  }

  async putItem({ id, fields }: StoredItem): Promise<void> {
    await this.#client.ask(
      (sql) => sql`
        WITH changed AS (
          INSERT INTO lumiere_items VALUES (${id}, ${JSON.stringify(fields)})
          ON CONFLICT (id) DO UPDATE SET fields = excluded.fields RETURNING id
        )
        SELECT pg_notify(${ITEM_CHANGED}, id) FROM changed`,
    );
  }

  async items(): Promise<readonly StoredItem[]> {
    const rows = await this.#client.read(
      (sql) => sql<ItemRow[]>`SELECT id, fields FROM lumiere_items ORDER BY id COLLATE "C"`,
    );
    return rows.map((row) => this.#itemOf(row));
  }

  #itemOf({ id, fields }: ItemRow): StoredItem {
    try {
      return { id, fields: itemFieldsSchema.parse(JSON.parse(fields)) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw unavailable(`${this.#client.address}: item "${id}": ${why}`);
    }
  }

  async watchItems(listener: (item: StoredItem) => void): Promise<void> {
    // One read after the other, so that an older one never comes last.
    let reading = Promise.resolve();
    const tell = (read: () => Promise<readonly StoredItem[]>): Promise<void> => {
      const told = reading.then(read).then((items) => items.forEach(listener));
      reading = told.catch(() => {
        // What was missed while the database could not be reached is found by reading everything.
        if (!this.#client.isClosed)
          setTimeout(() => tell(() => this.items()).catch(() => {}), 1000).unref();
      });
      return told;
    };
    const changed = (id: string) => async () => {
      const rows = await this.#client.read(
        (sql) => sql<ItemRow[]>`SELECT id, fields FROM lumiere_items WHERE id = ${id}`,
      );
      return rows.map((row) => this.#itemOf(row));
    };
    let isListening = false;
    await this.#client.ask((sql) =>
      sql.listen(
        ITEM_CHANGED,
        (id) => void tell(changed(id)).catch(() => {}),
        () => {
          if (isListening) void tell(() => this.items()).catch(() => {});
          isListening = true;
        },
      ),
    );
    await tell(() => this.items());
  }

  async *allEvents(): AsyncGenerator<NewEvent> {
    let last = "0";
    for (;;) {
      const page = await this.#client.read(
        (sql) => sql<(NewEvent & { sequence: string })[]>`
          SELECT sequence, id, "user", item, value, time, attribution FROM lumiere_events
          WHERE sequence > ${last} ORDER BY sequence LIMIT ${PAGE}`,
      );
      for (const { sequence, ...event } of page) {
        last = sequence;
        yield event;
      }
      if (page.length < PAGE) return;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
