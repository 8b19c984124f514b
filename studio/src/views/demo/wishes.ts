/** What somebody asks the demo for, and how the address says it. */
import { readIds, writeIds } from "../../parts/id-list.ts";
import type { Query } from "../../parts/use-query.ts";

export interface Wishes {
  readonly user: string | null;
  /** Ids of items, in the order in which they were clicked. */
  readonly liked: readonly string[];
  /** Genres of which an item has at least one. */
  readonly any: readonly string[];
  /** Genres of which it has none. */
  readonly none: readonly string[];
  readonly from: number | null;
  readonly to: number | null;
  readonly showSeen: boolean;
  /** Percent. */
  readonly diversity: number;
  readonly k: number;
  /** How often "more" was pressed, and 1. */
  readonly pages: number;
}

/** Most items that one may click; each is named in the address. */
export const MOST_LIKED = 50;
export const MOST_PAGES = 10;
export const MOST_K = 50;

export function readWishes(query: Query): Wishes {
  return {
    user: query.user ?? null,
    liked: readIds(query.liked).slice(0, MOST_LIKED),
    any: readIds(query.any),
    none: readIds(query.none),
    from: whole(query.from, -10_000, 10_000),
    to: whole(query.to, -10_000, 10_000),
    showSeen: query.seen === "show",
    diversity: whole(query.diversity, 0, 100) ?? 0,
    k: whole(query.k, 1, MOST_K) ?? 10,
    pages: whole(query.pages, 1, MOST_PAGES) ?? 1,
  };
}

/** A whole number within bounds; null where it is none. */
function whole(text: string | undefined, least: number, most: number): number | null {
  const value = Number(text || Number.NaN);
  return Number.isInteger(value) ? Math.min(most, Math.max(least, value)) : null;
}

/** The change of the address that a change of wishes is. Another list begins with its first page. */
export function writeWishes(change: Partial<Wishes>): Query {
  const text: Record<string, string | undefined> = { pages: undefined };
  const unless = (value: number | undefined | null, usual: number | null) =>
    value === usual || value === undefined || value === null ? undefined : String(value);
  if ("user" in change) text.user = change.user ?? undefined;
  for (const name of ["liked", "any", "none"] as const) {
    const ids = change[name];
    if (ids) text[name] = writeIds(ids);
  }
  for (const name of ["from", "to"] as const) {
    if (name in change) text[name] = unless(change[name], null);
  }
  if ("showSeen" in change) text.seen = change.showSeen ? "show" : undefined;
  if ("diversity" in change) text.diversity = unless(change.diversity, 0);
  if ("k" in change) text.k = unless(change.k, 10);
  if ("pages" in change) text.pages = unless(change.pages, 1);
  return text;
}
