/**
 * The tables of the shared event store.
 *
 * @module
 */

import type { Sql } from "postgres";
import { BadInputError } from "../../base/errors.ts";

const VERSION = 1;

/** Of the lock under which one of several servers makes the tables; any number that nobody else uses. */
const LOCK = 0x4c75_6d69;

/**
 * Makes the tables where there are none, and refuses a database that could not keep its promise.
 * @param where names the store in errors
 * @param mustExist only read: refuse to make tables
 * @throws BadInputError where the tables are of a later version, or the database would lose events
 */
export async function prepareTables(sql: Sql, where: string, mustExist: boolean): Promise<void> {
  await checkSettings(sql, where);
  if (!(await tableExists(sql))) {
    if (mustExist) {
      throw new BadInputError(
        "store-missing",
        `${where} holds no event store; name the one that lumiere serve was given with --store`,
      );
    }
    await makeTables(sql);
  }
  const [row] = await sql<{ version: number }[]>`SELECT max(version) AS version FROM lumiere_store`;
  if (row && row.version > VERSION) {
    throw new BadInputError(
      "store-version",
      `${where} was written by a later program (version ${row.version}, this one reads ${VERSION}); update lumiere`,
    );
  }
  // Who may not make tables only reads them.
  if (!mustExist) await checkNumbering(sql, where);
}

async function checkSettings(sql: Sql, where: string): Promise<void> {
  const [settings] = await sql<{ commit: string; encoding: string }[]>`
    SELECT current_setting('synchronous_commit') AS commit, current_setting('server_encoding') AS encoding`;
  if (settings?.commit === "off") {
    throw new BadInputError(
      "store",
      `${where} acknowledges before it has written (synchronous_commit = off), which would lose events; leave that setting out of --store, or set it on`,
    );
  }
  if (settings?.encoding !== "UTF8") {
    throw new BadInputError(
      "store",
      `${where} has the encoding ${settings?.encoding}, which cannot hold every id; create a database with ENCODING 'UTF8'`,
    );
  }
}

/** A batch numbers its events itself, which a role may do only where it may use the sequence. */
async function checkNumbering(sql: Sql, where: string): Promise<void> {
  const [row] = await sql<{ sequence: string; may: boolean }[]>`
    SELECT sequence, has_sequence_privilege(sequence, 'USAGE, UPDATE') AS may
    FROM pg_get_serial_sequence('lumiere_events', 'sequence') AS sequence`;
  if (row?.may !== true) {
    throw new BadInputError(
      "store",
      `${where}: the role may not number events; GRANT USAGE ON SEQUENCE ${row?.sequence} to it`,
    );
  }
}

async function tableExists(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    SELECT to_regclass('lumiere_store') IS NOT NULL AS found`;
  return row?.found === true;
}

async function makeTables(sql: Sql): Promise<void> {
  await sql.begin(async (all) => {
    // Several servers may start at once, and CREATE IF NOT EXISTS alone would let two of them collide.
    await all`SELECT pg_advisory_xact_lock(${LOCK})`;
    await all`
      CREATE TABLE IF NOT EXISTS lumiere_events (
        sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id text UNIQUE,
        "user" text NOT NULL,
        item text NOT NULL,
        value double precision NOT NULL,
        time double precision NOT NULL,
        attribution text
      )`;
    await all`
      CREATE INDEX IF NOT EXISTS lumiere_events_of_user
      ON lumiere_events ("user", time DESC, sequence DESC)`;
    await all`CREATE TABLE IF NOT EXISTS lumiere_items (id text PRIMARY KEY, fields text NOT NULL)`;
    await all`CREATE TABLE IF NOT EXISTS lumiere_forgotten (
        sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE, person text PRIMARY KEY
      )`;
    await all`CREATE TABLE IF NOT EXISTS lumiere_store (version integer PRIMARY KEY)`;
    await all`INSERT INTO lumiere_store VALUES (${VERSION}) ON CONFLICT DO NOTHING`;
  });
}
