/**
 * Where the events of a bundle are.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { BadInputError } from "../../base/errors.ts";
import { sourceOf } from "../../data/source.ts";
import type { EventStore } from "./event-store.ts";

/**
 * Opens a store; the database behind it is loaded only now.
 * @param location SQLite file, or postgres://…; undefined = events.sqlite beside the bundle
 * @param bundle its folder
 * @param mustExist only read: refuse to make a new one
 * @throws BadInputError where it cannot be opened
 */
export async function openStore(
  location: string | undefined,
  bundle: string,
  { mustExist = false }: { readonly mustExist?: boolean } = {},
): Promise<EventStore> {
  if (location !== undefined && sourceOf(location).kind === "postgres") {
    const { PostgresEventStore } = await import("./postgres-store.ts");
    return PostgresEventStore.open(location, { mustExist });
  }
  const path = resolve(location ?? join(dirname(bundle), "events.sqlite"));
  if (mustExist && !existsSync(path)) {
    throw new BadInputError(
      "store-missing",
      `there is no event store ${path}; name the one that lumiere serve was given with --store`,
    );
  }
  const { SqliteEventStore } = await import("./sqlite-store.ts");
  return SqliteEventStore.open(path);
}
