/**
 * What is kept of somebody who was forgotten.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Enough to know a person again, not who they are. */
export function personDigest(user: string): string {
  return createHash("sha256").update(`lumiere forgotten\n${user}`).digest("hex");
}

/** @param forgotten digests, as a store gives them */
export function wasForgotten(forgotten: ReadonlySet<string>, user: string): boolean {
  return forgotten.size > 0 && forgotten.has(personDigest(user));
}
