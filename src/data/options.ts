/**
 * The one description of "which data, read how, filtered how": command-line
 * flags, config files and the documentation are derived from it.
 *
 * @module
 */

import { z } from "zod";

/** Where the data are and how their rows become interactions. */
const reading = {
  data: z
    .string()
    .min(1)
    .describe(
      "a dataset of the catalogue (ml-100k, gowalla, …), synthetic, a file (CSV, TSV, JSON lines, Parquet, SQLite; gzip too), a folder of a known layout, a URL (http, s3, postgres), or a DuckDB SQL query",
    ),
  userColumn: z
    .string()
    .min(1)
    .optional()
    .describe("column of the user ids: its name, or its number from 1"),
  itemColumn: z
    .string()
    .min(1)
    .optional()
    .describe("column of the item ids: its name, or its number from 1"),
  ratingColumn: z
    .string()
    .min(1)
    .optional()
    .describe(
      "column of the ratings or weights: its name, its number from 1, or none (every interaction counts 1)",
    ),
  timeColumn: z
    .string()
    .min(1)
    .optional()
    .describe(
      "column of the times: its name, its number from 1, or none; Unix seconds (milliseconds and finer are recognised by their size) or ISO dates",
    ),
  delimiter: z
    .string()
    .min(1)
    .optional()
    .describe(
      String.raw`what separates the fields of a text file, up to 4 bytes: "," ";" "|" "::" "\t"; found out where it is not given`,
    ),
  header: z
    .boolean()
    .optional()
    .describe(
      "whether the first line of a text file names the columns; found out where it is not given",
    ),
  quote: z
    .enum(["double", "none"])
    .optional()
    .describe(
      'how a text file protects delimiters inside a field: double ("a, b") or none; double by default, none with "::"',
    ),
  encoding: z
    .enum(["utf-8", "latin-1", "utf-16"])
    .optional()
    .describe("character encoding of a text file; utf-8 by default"),
  table: z
    .string()
    .min(1)
    .optional()
    .describe("table or view of a SQLite file or PostgreSQL database (schema.table where needed)"),
};

/** Filters that look at one row at a time; applied while rows are read. */
const rowFilters = {
  minRating: z
    .number()
    .optional()
    .describe("keep interactions of at least this rating: only these are positives"),
  since: z
    .string()
    .min(1)
    .optional()
    .describe(
      "keep interactions from this time on: an ISO date (2000-12-31, 2000-12-31T18:00:00Z) or Unix seconds",
    ),
  until: z
    .string()
    .min(1)
    .optional()
    .describe("keep interactions before this time: an ISO date or Unix seconds"),
};

/** Filters on the shape of the data; applied after the rows are read. */
const structuralFilters = {
  kCore: z
    .int()
    .min(0)
    .default(0)
    .describe("keep users and items with at least this many interactions each, to the fixed point"),
  minPerUser: z.int().min(0).default(0).describe("keep users with at least this many interactions"),
  minPerItem: z.int().min(0).default(0).describe("keep items with at least this many interactions"),
  duplicates: z
    .enum(["last", "first", "max"])
    .default("last")
    .describe(
      "which of several interactions of a user with an item stays: the latest, the earliest, or the best rated",
    ),
};

/** The schema of `DataOptions`; every field has a description for `--help`. */
export const dataOptionsSchema = z.object({ ...reading, ...rowFilters, ...structuralFilters });

/** Which data, read how, filtered how; with the defaults filled in. */
export type DataOptions = z.output<typeof dataOptionsSchema>;

/** The same as a person writes it: only `data` is required. */
export type DataOptionsInput = z.input<typeof dataOptionsSchema>;

/** How the rows of a table become interactions. */
export type ReadingOptions = Omit<z.output<z.ZodObject<typeof reading>>, "data">;

/** Filters that look at one row at a time. */
export type RowFilters = z.output<z.ZodObject<typeof rowFilters>>;
