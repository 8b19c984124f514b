/**
 * A dataset's fingerprints: equal for equal vocabularies and interactions, or for equal
 * features, so that a bundle or a checkpoint can tell whether it meets the data it was made from.
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

/** SHA-256 over what models read of users and items beside interactions, hexadecimal; null where there is nothing. */
export function featureFingerprint({ itemFeatures, userFeatures }: Dataset): string | null {
  const { genres } = itemFeatures;
  if (!genres && Object.keys(userFeatures).length === 0) return null;
  return createHash("sha256")
    .update(JSON.stringify([genres ?? null, userFeatures]))
    .digest("hex");
}
