/**
 * The kinds of event store, for tests that must hold on each of them.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import { withoutSecrets } from "../../src/data/source.ts";
import type { EventStore } from "../../src/serving/store/event-store.ts";
import { PostgresEventStore } from "../../src/serving/store/postgres-store.ts";
import { SqliteEventStore } from "../../src/serving/store/sqlite-store.ts";
import { PostgresServer, postgresSkip } from "./postgres-server.ts";

export interface StoreKind {
  readonly name: string;
  /** Why its tests cannot run here. */
  readonly skip: string | false;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Where a store may be made, which gives up on locks soon. */
  location(): Promise<string>;
  open(location: string): Promise<EventStore>;
  /** Locks a store until the answer is called. */
  lock(location: string): Promise<() => Promise<void>>;
  /** Opens a store whose disk has room for a little. */
  openFull(location: string): Promise<EventStore>;
  /** How its errors and its log name it. */
  addressOf(location: string): string;
  /** Sets an item that makes no sense. */
  breakItem(location: string): Promise<void>;
  /** Makes a store look as if a later program had written it. */
  makeLater(location: string): Promise<void>;
}

const sqlite: StoreKind = {
  name: "SQLite",
  skip: false,
  async start() {},
  async stop() {},
  async location() {
    return join(mkdtempSync(join(tmpdir(), "lumiere-store-")), "events.sqlite");
  },
  open: (path) => SqliteEventStore.open(path, { busyMilliseconds: 50 }),
  async lock(path) {
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    return async () => {
      other.exec("ROLLBACK");
      other.close();
    };
  },
  openFull: (path) => SqliteEventStore.open(path, { mostBytes: 200_000 }),
  addressOf: (path) => path,
  async breakItem(path) {
    const database = new DatabaseSync(path);
    database.exec("INSERT INTO items (id, fields) VALUES ('x', 'no JSON')");
    database.close();
  },
  async makeLater(path) {
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 99");
    database.close();
  },
};

/** The server behind the databases; there while tests of a file run. */
let server: PostgresServer | null = null;

/** The server that the locations of the kind below are on. */
export function postgresServer(): PostgresServer {
  if (!server) throw new Error("the kind was not started");
  return server;
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);

/** Milliseconds after which a lock is given up: soon, but later than the slowest query of a busy machine. */
const LOCKED = 1500;

const shared: StoreKind = {
  name: "PostgreSQL",
  skip: postgresSkip,
  async start() {
    server = await PostgresServer.start();
  },
  async stop() {
    await server?.remove();
    server = null;
  },
  location: async () => `${await postgresServer().database()}?statement_timeout=${LOCKED}`,
  open: (url) => PostgresEventStore.open(url),
  async lock(url) {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    const connection = await sql.reserve();
    await connection`BEGIN`;
    await connection`LOCK TABLE lumiere_events IN EXCLUSIVE MODE`;
    return async () => {
      await connection`ROLLBACK`;
      connection.release();
      await sql.end();
    };
  },
  // A disk of our own to fill takes a machine of our own: the database says what it would say.
  async openFull(url) {
    const store = await PostgresEventStore.open(url);
    await postgresServer().query(
      nameOf(url),
      `CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF (SELECT count(*) FROM lumiere_events) > 1200 THEN
           RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
         END IF;
         RETURN NULL;
       END $$;
       CREATE TRIGGER fill AFTER INSERT ON lumiere_events EXECUTE FUNCTION fill()`,
    );
    return store;
  },
  addressOf: (url) => withoutSecrets(url),
  breakItem: (url) =>
    postgresServer().query(nameOf(url), "INSERT INTO lumiere_items VALUES ('x', 'no JSON')"),
  async makeLater(url) {
    await (await PostgresEventStore.open(url)).close();
    await postgresServer().query(nameOf(url), "INSERT INTO lumiere_store VALUES (99)");
  },
};

export const storeKinds: readonly StoreKind[] = [sqlite, shared];
