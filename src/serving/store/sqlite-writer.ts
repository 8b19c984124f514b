/**
 * The thread that writes: everything that waits goes into one transaction, so
 * that one flush to the disk serves many requests (group commit).
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import {
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from "node:worker_threads";
import type { NewEvent } from "./event-store.ts";
import { personDigest } from "./person-digest.ts";
import { prepareDatabase, type StoreLimits } from "./sqlite-schema.ts";

/** What the thread is started with. */
export interface WriterStart {
  readonly path: string;
  readonly limits: StoreLimits;
}

export type WriteTask =
  | { readonly kind: "append"; readonly events: readonly NewEvent[] }
  | { readonly kind: "forget"; readonly user: string }
  | { readonly kind: "item"; readonly id: string; readonly fields: string }
  | { readonly kind: "close" };

export interface WriteRequest {
  readonly number: number;
  readonly task: WriteTask;
}

/** What went wrong, as it crosses threads. */
export interface WriteFailure {
  readonly message: string;
  /** SQLite's result code; null where it is not SQLite's. */
  readonly code: number | null;
}

export interface WriteReply {
  readonly number: number;
  /** Rows changed. */
  readonly changed: number;
  readonly failure: WriteFailure | null;
}

/** Most requests of one transaction. */
const GROUP = 256;

class Writer {
  readonly #database: DatabaseSync;
  readonly #port: MessagePort;

  constructor({ path, limits }: WriterStart, port: MessagePort) {
    this.#database = new DatabaseSync(path);
    this.#port = port;
    prepareDatabase(this.#database, path, limits);
  }

  listen(): void {
    this.#port.on("message", (first: WriteRequest) => {
      const group = [first];
      while (group.length < GROUP) {
        const waiting = receiveMessageOnPort(this.#port);
        if (!waiting) break;
        group.push(waiting.message);
      }
      const replies = this.#commit(group);
      if (group.some(({ task }) => task.kind === "forget")) this.#truncateLog();
      this.#port.postMessage(replies);
      if (group.some(({ task }) => task.kind === "close")) {
        this.#database.close();
        this.#port.close();
      }
    });
  }

  #commit(group: readonly WriteRequest[]): WriteReply[] {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const replies = group.map(({ number, task }) => ({
        number,
        changed: this.#apply(task),
        failure: null,
      }));
      this.#database.exec("COMMIT");
      return replies;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : null;
      const failure = { message: error instanceof Error ? error.message : String(error), code };
      return group.map(({ number }) => ({ number, changed: 0, failure }));
    }
  }

  #apply(task: WriteTask): number {
    const database = this.#database;
    if (task.kind === "append") {
      const insert = this.#insert();
      let changed = 0;
      for (const { id, user, item, value, time, attribution } of task.events) {
        changed += Number(insert.run(id, user, item, value, time, attribution).changes);
      }
      return changed;
    }
    if (task.kind === "forget") {
      database
        .prepare("INSERT OR IGNORE INTO forgotten (person) VALUES (?)")
        .run(personDigest(task.user));
      return Number(database.prepare("DELETE FROM events WHERE user = ?").run(task.user).changes);
    }
    if (task.kind === "item") {
      const upsert =
        "INSERT INTO items (id, fields) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET fields = excluded.fields";
      return Number(database.prepare(upsert).run(task.id, task.fields).changes);
    }
    return 0;
  }

  #cached: ReturnType<DatabaseSync["prepare"]> | null = null;

  #insert() {
    this.#cached ??= this.#database.prepare(
      "INSERT INTO events (id, user, item, value, time, attribution) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    );
    return this.#cached;
  }

  /** Deleted rows leave the write-ahead log too; a reader that is in the way delays that. */
  #truncateLog(): void {
    this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}

if (parentPort) new Writer(workerData as WriterStart, parentPort).listen();
