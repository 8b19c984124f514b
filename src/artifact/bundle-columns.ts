/**
 * What a bundle's data files hold, as named arrays: the ids and titles as packed
 * text, who has seen what and what was held out as compressed sparse rows
 * (`indptr` of users + 1, `indices` ascending in each row), as SciPy has them.
 *
 * @module
 */

import {
  compressRows,
  type EvaluationPart,
  type Interactions,
  type ItemFeatures,
  joinedRows,
  type Rows,
  rowsByUser,
  type Split,
  trainAndValidation,
} from "../data/interactions.ts";
import { packText, unpackText } from "./packed-text.ts";
import type { TensorsToWrite } from "./safetensors.ts";
import type { TensorData } from "./safetensors-header.ts";

/** A year that is not known. */
const NO_YEAR = -1;

/** Arrays of one file while they are taken apart. */
export type Columns = ReadonlyMap<string, { readonly data: TensorData }>;

function textColumns(name: string, texts: readonly (string | null)[]): TensorsToWrite {
  const { bytes, offsets } = packText(texts);
  return {
    [`${name}.bytes`]: { shape: [bytes.length], data: bytes },
    [`${name}.offsets`]: { shape: [offsets.length], data: offsets },
  };
}

/** The text column of that name, of that length; undefined where it is missing or damaged. */
export function readText(columns: Columns, name: string, length: number): string[] | undefined {
  const bytes = columns.get(`${name}.bytes`)?.data;
  const offsets = columns.get(`${name}.offsets`)?.data;
  if (!(bytes instanceof Uint8Array) || !(offsets instanceof Int32Array)) return undefined;
  const texts = unpackText({ bytes, offsets });
  return texts?.length === length ? texts : undefined;
}

/** Columns of `users.safetensors`. */
export function userColumns(ids: readonly string[]): TensorsToWrite {
  return textColumns("id", ids);
}

/** Columns of `items.safetensors`: ids and, where known, titles, years and genres. */
export function itemColumns(ids: readonly string[], features: ItemFeatures): TensorsToWrite {
  const { titles, years, genres } = features;
  const columns: Record<string, TensorsToWrite[string]> = { ...textColumns("id", ids) };
  if (titles) Object.assign(columns, textColumns("title", titles));
  if (years) {
    columns.year = { shape: [years.length], data: Int32Array.from(years, (y) => y ?? NO_YEAR) };
  }
  if (genres) {
    const names = [...new Set(genres.flat())].sort();
    const numbers = new Map(names.map((name, number) => [name, number]));
    const itemOf = genres.flatMap((of, item) => of.map(() => item));
    const genreOf = genres.flat().map((name) => numbers.get(name)!);
    const rows = compressRows(Int32Array.from(itemOf), Int32Array.from(genreOf), genres.length);
    Object.assign(columns, textColumns("genre.name", names), rowColumns("genre", rows));
  }
  return columns;
}

/** Titles, years and genres again; null where a column is damaged. */
export function readItemFeatures(columns: Columns, itemCount: number): ItemFeatures | null {
  const features: {
    titles?: (string | null)[];
    years?: (number | null)[];
    genres?: string[][];
  } = {};
  if (columns.has("title.bytes")) {
    const titles = readText(columns, "title", itemCount);
    if (!titles) return null;
    features.titles = titles.map((title) => title || null);
  }
  const years = columns.get("year")?.data;
  if (years) {
    if (!(years instanceof Int32Array) || years.length !== itemCount) return null;
    features.years = Array.from(years, (year) => (year === NO_YEAR ? null : year));
  }
  if (columns.has("genre.indptr")) {
    const nameCount = (columns.get("genre.name.offsets")?.data.length ?? 0) - 1;
    const names = readText(columns, "genre.name", nameCount);
    const rows = names && readRows(columns, "genre", itemCount, nameCount);
    if (!names || !rows) return null;
    features.genres = Array.from({ length: itemCount }, (_, item) =>
      Array.from(rowOf(rows, item), (genre) => names[genre]!),
    );
  }
  return features;
}

/** Row r of compressed sparse rows. */
export function rowOf({ indptr, indices }: Rows, row: number): Int32Array {
  return indices.subarray(indptr[row], indptr[row + 1]);
}

/** Two arrays of compressed sparse rows. */
export function rowColumns(name: string, { indptr, indices }: Rows): TensorsToWrite {
  return {
    [`${name}.indptr`]: { shape: [indptr.length], data: indptr },
    [`${name}.indices`]: { shape: [indices.length], data: indices },
  };
}

/** Compressed sparse rows again; undefined where they are missing, out of range or not ascending. */
export function readRows(
  columns: Columns,
  name: string,
  rowCount: number,
  columnCount: number,
): Rows | undefined {
  const indptr = columns.get(`${name}.indptr`)?.data;
  const indices = columns.get(`${name}.indices`)?.data;
  if (!(indptr instanceof Int32Array) || !(indices instanceof Int32Array)) return undefined;
  if (indptr.length !== rowCount + 1 || indptr[0] !== 0) return undefined;
  if (indptr[rowCount] !== indices.length) return undefined;
  for (let row = 0; row < rowCount; row++) {
    if (indptr[row + 1]! < indptr[row]!) return undefined;
    let previous = -1;
    for (let at = indptr[row]!; at < indptr[row + 1]!; at++) {
      const column = indices[at]!;
      if (column <= previous || column >= columnCount) return undefined;
      previous = column;
    }
  }
  return { indptr, indices };
}

/** What not to recommend: training and validation items, and histories that are folded in. */
export function seenRows(split: Split, userCount: number): Rows {
  return joinedRows([...trainAndValidation(split), split.test?.history ?? null], userCount);
}

/** Rows as interactions, in row order. */
export function interactionsOf({ indptr, indices }: Rows): Interactions {
  const users = new Int32Array(indices.length);
  for (let row = 0; row + 1 < indptr.length; row++) {
    users.fill(row, indptr[row], indptr[row + 1]);
  }
  return { users, items: indices, values: null, times: null };
}

/** Columns of one held-out part: what is to be found, what is folded in, what is ranked, and what cannot be. */
export function partColumns(
  name: string,
  part: EvaluationPart | null,
  userCount: number,
): TensorsToWrite {
  if (!part) return {};
  const { targets, history, candidates, unrankable } = part;
  return {
    ...rowColumns(`${name}.targets`, rowsByUser(targets, userCount)),
    ...(history && rowColumns(`${name}.history`, rowsByUser(history, userCount))),
    ...(candidates && rowColumns(`${name}.candidates`, candidates)),
    ...(unrankable && rowColumns(`${name}.unrankable`, rowsByUser(unrankable, userCount))),
  };
}

/** A held-out part again; null where there was none, undefined where it is damaged. */
export function readPart(
  columns: Columns,
  name: string,
  userCount: number,
  itemCount: number,
): EvaluationPart | null | undefined {
  const rows = (part: string): Rows | null | undefined =>
    columns.has(`${name}.${part}.indptr`)
      ? readRows(columns, `${name}.${part}`, userCount, itemCount)
      : null;
  const [targets, history, candidates] = [rows("targets"), rows("history"), rows("candidates")];
  const unrankable = rows("unrankable");
  if (targets === null) return null;
  if (targets === undefined || history === undefined || candidates === undefined) return undefined;
  if (unrankable === undefined) return undefined;
  return {
    targets: interactionsOf(targets),
    history: history && interactionsOf(history),
    candidates,
    ...(unrankable && { unrankable: interactionsOf(unrankable) }),
  };
}
