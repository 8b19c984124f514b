/**
 * Page tokens: what was shown, so that "more" never repeats an item, whatever
 * happened in between. A token gives no rights, so it is not signed.
 *
 * @module
 */

import { z } from "zod";
import { Problem } from "./problem.ts";
import { MOST_TOKEN } from "./schemas.ts";

/** Most items that a token remembers. */
export const MOST_SHOWN = 2000;

// Whatever ids the bundle has: they are only looked up.
const tokenSchema = z.strictObject({ shown: z.array(z.string()).max(MOST_SHOWN) });

/** The token for the next page; null where it would remember too much. */
export function writePageToken(shown: readonly string[]): string | null {
  if (shown.length > MOST_SHOWN) return null;
  const token = Buffer.from(JSON.stringify({ shown })).toString("base64url");
  return token.length > MOST_TOKEN ? null : token;
}

/** @throws Problem 400 where it is no token of ours */
export function readPageToken(token: string): readonly string[] {
  try {
    return tokenSchema.parse(JSON.parse(Buffer.from(token, "base64url").toString("utf8"))).shown;
  } catch {
    throw new Problem(
      400,
      "page-token",
      "page is not a token of this server; pass `next` of the answer before, or leave it out",
    );
  }
}
