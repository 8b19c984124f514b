/**
 * The embedded event store: SQLite in WAL mode. One thread writes and flushes;
 * reads happen here, from memory that SQLite keeps, in microseconds.
 *
 * @module
 */

import { once } from "node:events";
import { dirname } from "node:path";
import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { BadInputError, LumiereError } from "../../base/errors.ts";
import { makeFolder } from "../../base/folders.ts";
import { Problem } from "../problem.ts";
import { itemFieldsSchema } from "../schemas.ts";
import type { Appended, EventStore, NewEvent, StoredItem } from "./event-store.ts";
import { personDigest } from "./person-digest.ts";
import { MOST_HELD, RecentHistories } from "./recent-histories.ts";
import type { StoreLimits } from "./sqlite-schema.ts";
import type { WriteFailure, WriteReply, WriterStart, WriteTask } from "./sqlite-writer.ts";

/** Writes that may wait at once; beyond, the client is asked to come back. */
const MOST_WAITING = 10_000;

/** Columns of a STRICT table: SQLite itself keeps their types. */
type EventRow = Record<keyof NewEvent, SQLOutputValue>;

const eventOf = ({ id, user, item, value, time, attribution }: EventRow): NewEvent => ({
  id: id as string | null,
  user: user as string,
  item: item as string,
  value: value as number,
  time: time as number,
  attribution: attribution as string | null,
});

interface Waiting {
  resolve(changed: number): void;
  reject(error: LumiereError): void;
}

const COLUMNS = "id, user, item, value, time, attribution";

export class SqliteEventStore implements EventStore {
  readonly path: string;
  readonly #writer: Worker;
  readonly #reader: DatabaseSync;
  readonly #history: StatementSync;
  readonly #forgotten: Set<string>;
  readonly #recent = new RecentHistories();
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;
  #dead: LumiereError | null = null;

  private constructor(path: string, writer: Worker) {
    this.path = path;
    this.#writer = writer;
    this.#reader = new DatabaseSync(path, { readOnly: true });
    this.#reader.exec("PRAGMA busy_timeout = 1000");
    this.#history = this.#reader.prepare(
      `SELECT ${COLUMNS} FROM events WHERE user = ? ORDER BY time DESC, sequence DESC LIMIT ?`,
    );
    const people = this.#reader.prepare("SELECT person FROM forgotten").all();
    this.#forgotten = new Set(people.map(({ person }) => String(person)));
    this.#fillRecent();
    writer.on("message", (replies: readonly WriteReply[]) => {
      for (const reply of replies) this.#settle(reply);
    });
    writer.on("error", (error: Error) => this.#die(`its writer failed: ${error.message}`));
    writer.on("exit", () => this.#die("it is closed"));
  }

  /**
   * Opens or creates the file.
   * @throws BadInputError where it cannot be, or is not a database of ours
   */
  static async open(path: string, limits: Partial<StoreLimits> = {}): Promise<SqliteEventStore> {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    try {
      makeFolder(dirname(path));
      const writer = new Worker(new URL(`./sqlite-writer.${extension}`, import.meta.url), {
        workerData: {
          path,
          limits: { busyMilliseconds: 2000, mostBytes: null, ...limits },
        } satisfies WriterStart,
      });
      await firstAnswer(writer);
      return new SqliteEventStore(path, writer);
    } catch (error) {
      if (error instanceof LumiereError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      // Its class is lost on the way from the writer's thread.
      const isOurs = error instanceof Error && "code" in error && error.code === "store-version";
      if (isOurs) throw new BadInputError("store-version", why);
      throw new BadInputError(
        "store",
        `the event store ${path} cannot be opened: ${why}; name another file with --store, or restore it from a copy`,
        { cause: error },
      );
    }
  }

  async append(events: readonly NewEvent[]): Promise<Appended> {
    const begun = this.#recent.begin();
    const accepted = await this.#write({ kind: "append", events });
    // Which of them were duplicates only the file knows.
    if (accepted === events.length) this.#recent.add(begun, events);
    else for (const { user } of events) this.#recent.forget(user);
    return { accepted, duplicates: events.length - accepted };
  }

  history(user: string, limit: number): readonly NewEvent[] {
    return this.#recent.get(user, limit, () =>
      this.#read(() => this.#history.all(user, limit).map((row) => eventOf(row as EventRow))),
    );
  }

  async forget(user: string): Promise<number> {
    const deleted = await this.#write({ kind: "forget", user });
    this.#recent.forget(user);
    this.#forgotten.add(personDigest(user));
    return deleted;
  }

  forgotten(): ReadonlySet<string> {
    return this.#forgotten;
  }

  async putItem({ id, fields }: StoredItem): Promise<void> {
    await this.#write({ kind: "item", id, fields: JSON.stringify(fields) });
  }

  items(): readonly StoredItem[] {
    return this.#read(() =>
      this.#reader
        .prepare("SELECT id, fields FROM items ORDER BY id")
        .all()
        .map(({ id, fields }) => ({
          id: String(id),
          fields: itemFieldsSchema.parse(JSON.parse(String(fields))),
        })),
    );
  }

  *allEvents(): Generator<NewEvent> {
    const rows = this.#reader.prepare(`SELECT ${COLUMNS} FROM events ORDER BY sequence`);
    for (const row of rows.iterate()) yield eventOf(row as EventRow);
  }

  async close(): Promise<void> {
    if (this.#dead) return;
    const exited = once(this.#writer, "exit");
    const closed = this.#write({ kind: "close" });
    // The last to close tidies the log away, and only a writer can.
    this.#reader.close();
    await closed;
    await exited;
  }

  /** Where all that was ever stored fits into memory, no list needs the file. */
  #fillRecent(): void {
    const few = this.#reader.prepare(
      "SELECT count(*) AS count FROM (SELECT 1 FROM events LIMIT ?)",
    );
    if (Number(few.get(MOST_HELD)?.count) >= MOST_HELD) return;
    const rows = this.#reader.prepare(
      `SELECT ${COLUMNS} FROM events ORDER BY user, time DESC, sequence DESC`,
    );
    this.#recent.fill(rows.all().map((row) => eventOf(row as EventRow)));
  }

  #read<T>(query: () => T): T {
    try {
      return query();
    } catch (error) {
      throw unavailable(this.path, error instanceof Error ? error.message : String(error));
    }
  }

  #write(task: WriteTask): Promise<number> {
    if (this.#dead) return Promise.reject(this.#dead);
    if (this.#waiting.size >= MOST_WAITING) {
      return Promise.reject(
        new Problem(503, "store-busy", "too many writes wait for the disk", { retryAfter: 1 }),
      );
    }
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#writer.postMessage({ number, task });
    });
  }

  #settle({ number, changed, failure }: WriteReply): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (failure) waiting?.reject(this.#explain(failure));
    else waiting?.resolve(changed);
  }

  #explain({ message, code }: WriteFailure): Problem {
    // The low byte is SQLite's primary result code: 5 busy, 6 locked, 13 full.
    const primary = code === null ? 0 : code & 0xff;
    if (primary === 5 || primary === 6) {
      return new Problem(503, "store-busy", "another program has locked the event store", {
        retryAfter: 1,
        cause: `${this.path}: ${message}`,
      });
    }
    if (primary === 13) {
      return new Problem(
        503,
        "store-full",
        "the disk of the event store is full; nothing was kept",
        { cause: `${this.path}: ${message}` },
      );
    }
    return unavailable(this.path, message);
  }

  #die(why: string): void {
    this.#dead ??= unavailable(this.path, why);
    for (const { reject } of this.#waiting.values()) reject(this.#dead);
    this.#waiting.clear();
  }
}

function unavailable(path: string, why: string): Problem {
  return new Problem(503, "store", "the event store does not work; the server's log says why", {
    cause: `${path}: ${why}`,
  });
}

/** Waits until the writer answers: then its tables are there. */
function firstAnswer(writer: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    writer.once("error", reject).once("message", () => {
      writer.off("error", reject);
      resolve();
    });
    writer.postMessage({ number: 0, task: { kind: "append", events: [] } });
  });
}
