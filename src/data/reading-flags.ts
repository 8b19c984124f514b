/**
 * Flags that say how data are read, and what to do with one that would have no
 * effect: say so, instead of ignoring it.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import type { ReadingOptions } from "./options.ts";

/** How the fields of a text file are found. */
const TEXT_FLAGS = {
  delimiter: "--delimiter",
  header: "--header",
  quote: "--quote",
  encoding: "--encoding",
} as const;

const DATABASE_FLAGS = { table: "--table" } as const;

const COLUMN_FLAGS = {
  userColumn: "--user-column",
  itemColumn: "--item-column",
  ratingColumn: "--rating-column",
  timeColumn: "--time-column",
} as const;

/** Data whose layout is known need no such flag. @throws BadInputError "option" */
export function refuseReadingFlags(options: ReadingOptions, what: string): void {
  refuse(
    options,
    { ...COLUMN_FLAGS, ...TEXT_FLAGS, ...DATABASE_FLAGS },
    (flag) =>
      `${flag} says how a file is read, and the layout of ${what} is known; leave it out, or pass the file itself`,
  );
}

/** Flags of text files, for what is no text. @throws BadInputError "option" */
export function refuseTextFlags(options: ReadingOptions, what: string): void {
  refuse(
    options,
    TEXT_FLAGS,
    (flag) => `${flag} is for text files such as CSV, and ${what} is none; leave it out`,
  );
}

/** The name of a table, for what is no database. @throws BadInputError "option" */
export function refuseTableFlag(options: ReadingOptions, what: string): void {
  refuse(
    options,
    DATABASE_FLAGS,
    (flag) => `${flag} is for SQLite and PostgreSQL, and ${what} is neither; leave it out`,
  );
}

function refuse(
  options: ReadingOptions,
  flags: Readonly<Partial<Record<keyof ReadingOptions, string>>>,
  message: (flag: string) => string,
): void {
  for (const [name, value] of Object.entries(options)) {
    const flag = flags[name as keyof ReadingOptions];
    if (value !== undefined && flag !== undefined) throw new BadInputError("option", message(flag));
  }
}
