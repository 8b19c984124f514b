/**
 * A dataset's fingerprint: equal for equal vocabularies and interactions, so that
 * a bundle or a checkpoint can tell whether it meets the data it was made from.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Dataset } from "./interactions.ts";

/** SHA-256 over both vocabularies and all columns, hexadecimal. */
export function fingerprint({ users, items, interactions }: Dataset): string {
  const hash = createHash("sha256");
  for (const { ids } of [users, items]) {
    hash.update(`${ids.length}\n`);
    // Length before id: no two lists of ids run together into the same bytes.
    for (const id of ids) hash.update(`${id.length}:${id}`);
  }
  for (const column of [
    interactions.users,
    interactions.items,
    interactions.values,
    interactions.times,
  ]) {
    hash.update(column ? `${column.length}\n` : "none\n");
    if (column) hash.update(column);
  }
  return hash.digest("hex");
}
