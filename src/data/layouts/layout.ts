/**
 * What a loader of a published file layout gives, and what loaders share.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DataContext } from "../context.ts";
import { explainFileError } from "../file-errors.ts";
import type { IndexedRows } from "../ingest.ts";
import type {
  Dataset,
  Interactions,
  ItemFeatures,
  UserFeatures,
  Vocabulary,
} from "../interactions.ts";
import type { ReadingOptions, RowFilters } from "../options.ts";
import { parseRecords } from "../sniff.ts";

/** A dataset as its files tell it; the catalogue adds where it came from. */
export type LoadedFiles = Pick<
  Dataset,
  | "users"
  | "items"
  | "interactions"
  | "itemFeatures"
  | "userFeatures"
  | "filterNotes"
  | "shippedSplits"
>;

/** A published file layout. */
export interface Layout {
  /** Files that a folder of this layout has. */
  readonly requiredFiles: readonly string[];
  /** Reads a folder; row filters are applied while rows are read, to shipped splits too. */
  load(folder: string, filters: RowFilters, context: DataContext): Promise<LoadedFiles>;
}

/** Columns in the order user, item, rating, time, as most published files have them. */
export const FOUR_COLUMNS: ReadingOptions = {
  header: false,
  userColumn: "1",
  itemColumn: "2",
  ratingColumn: "3",
  timeColumn: "4",
};

/** Reads a file of ratings. */
export async function readRatings(
  folder: string,
  file: string,
  reading: ReadingOptions,
  filters: RowFilters,
  context: DataContext,
): Promise<IndexedRows> {
  // DuckDB's native library is loaded by who reads ratings, not by who only opens a bundle.
  const { ingest } = await import("../ingest.ts");
  return ingest({ kind: "path", path: join(folder, file) }, reading, filters, context);
}

/** A small text file: UTF-8, or Latin-1 where it is not valid UTF-8 (the older MovieLens files). */
export async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw await explainFileError(path, error);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}

/** The rows of a small delimited file. */
export async function readRecords(
  path: string,
  delimiter: string,
  quote: "double" | "none",
): Promise<string[][]> {
  return parseRecords(await readText(path), delimiter, quote);
}

/** What a file tells of one item. */
export interface ItemFacts {
  readonly title: string;
  readonly genres: readonly string[];
}

/** Item facts by external id, as columns by dense index. */
export function itemFeaturesOf(
  items: Vocabulary,
  facts: ReadonlyMap<string, ItemFacts>,
): ItemFeatures {
  const known = items.ids.map((id) => facts.get(id));
  return {
    titles: known.map((item) => item?.title ?? null),
    genres: known.map((item) => item?.genres ?? []),
    years: known.map((item) => yearOf(item?.title)),
  };
}

/** The last year in brackets of a film's title, or null. */
export function yearOf(title: string | undefined): number | null {
  // Some titles of MovieLens go on after the year ("… (1995) (V)"), and some give a range: "(2006–2007)".
  const year = [...(title ?? "").matchAll(/\((\d{4})(?:[–-]\s*\d{0,4})?\)/g)].at(-1)?.[1];
  return year === undefined ? null : Number(year);
}

/** Genres as "A|B"; MovieLens writes "(no genres listed)" for none. */
export function genresOf(text: string | undefined): readonly string[] {
  if (!text || text === "(no genres listed)") return [];
  return text.trim().split("|").filter(Boolean);
}

/** User facts by external id (one record a user, fields named), as columns by dense index. */
export function userFeaturesOf(
  users: Vocabulary,
  names: readonly string[],
  facts: ReadonlyMap<string, readonly string[]>,
): UserFeatures {
  const columns = names.map((name, at) => {
    const values = users.ids.map((id) => facts.get(id)?.[at] ?? null);
    return [name, values] as const;
  });
  return Object.fromEntries(columns);
}

/** Rows in the indices of a dataset's vocabularies; rows of users or items it does not know are left out. */
export function inIndicesOf(
  rows: Pick<IndexedRows, "users" | "items" | "interactions">,
  users: Vocabulary,
  items: Vocabulary,
): Interactions {
  const translate = (own: Vocabulary, known: Vocabulary) =>
    Int32Array.from(own.ids, (id) => known.indexOf(id) ?? -1);
  const user = translate(rows.users, users);
  const item = translate(rows.items, items);
  const { interactions } = rows;
  const kept: number[] = [];
  for (let at = 0; at < interactions.users.length; at++) {
    if (user[interactions.users[at]!]! >= 0 && item[interactions.items[at]!]! >= 0) kept.push(at);
  }
  return {
    users: Int32Array.from(kept, (at) => user[interactions.users[at]!]!),
    items: Int32Array.from(kept, (at) => item[interactions.items[at]!]!),
    values: interactions.values && Float32Array.from(kept, (at) => interactions.values![at]!),
    times: interactions.times && Float64Array.from(kept, (at) => interactions.times![at]!),
  };
}
