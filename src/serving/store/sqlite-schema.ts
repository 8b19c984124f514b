/**
 * The tables of the embedded event store.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { BadInputError } from "../../base/errors.ts";

const VERSION = 1;

/** What the writer may use. */
export interface StoreLimits {
  /** How long to wait for another program's lock. */
  readonly busyMilliseconds: number;
  /** Largest size of the file; null = the disk's. */
  readonly mostBytes: number | null;
}

/** Opens the write side's settings: a commit is on the disk when it returns. */
export function prepareDatabase(database: DatabaseSync, path: string, limits: StoreLimits): void {
  const { busyMilliseconds, mostBytes } = limits;
  database.exec(`PRAGMA busy_timeout = ${busyMilliseconds}`);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  if (mostBytes !== null) {
    const page = Number(database.prepare("PRAGMA page_size").get()?.page_size);
    database.exec(`PRAGMA max_page_count = ${Math.ceil(mostBytes / page)}`);
  }
  // What is deleted is overwritten, not only unlinked.
  database.exec("PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 2000");
  const found = Number(database.prepare("PRAGMA user_version").get()?.user_version);
  if (found > VERSION) {
    throw new BadInputError(
      "store-version",
      `${path} was written by a later program (version ${found}, this one reads ${VERSION}); update lumiere`,
    );
  }
  database.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS events (
      sequence INTEGER PRIMARY KEY,
      id TEXT UNIQUE,
      user TEXT NOT NULL,
      item TEXT NOT NULL,
      value REAL NOT NULL,
      time REAL NOT NULL,
      attribution TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS events_of_user ON events (user, time, sequence);
    CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, fields TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS forgotten (person TEXT PRIMARY KEY) STRICT;
    PRAGMA user_version = ${VERSION};
    COMMIT;
  `);
}
