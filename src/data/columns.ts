/**
 * Which column of a table is the user, the item, the rating and the time: as
 * the person says, else by the names people use, else by position.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";

/** The four things a column can be to us. */
export type Role = "user" | "item" | "rating" | "time";

/** A table as far as choosing columns needs it. */
export interface TableShape {
  /** For errors: the file or table. */
  readonly name: string;
  /** Names of the columns; their numbers from 1 where the table has no names. */
  readonly columns: readonly string[];
  /** False where a text file has no header. */
  readonly named: boolean;
  /** A query lists its columns on purpose: their order counts where no name is known. */
  readonly ordered?: boolean;
  /** A few rows of text, to tell ratings from times where columns have no names. */
  readonly sample: readonly (readonly string[])[];
}

/** What the person said of the columns. */
export interface ColumnChoice {
  readonly userColumn?: string | undefined;
  readonly itemColumn?: string | undefined;
  readonly ratingColumn?: string | undefined;
  readonly timeColumn?: string | undefined;
}

/** Position of each column, from 0. */
export interface ColumnMapping {
  readonly user: number;
  readonly item: number;
  readonly rating: number | null;
  readonly time: number | null;
}

/** Names in lower case without punctuation, the likeliest first. */
const KNOWN_NAMES: Readonly<Record<Role, readonly string[]>> = {
  user: "user userid useridx uid username customer customerid visitor visitorid reviewer reviewerid member memberid account accountid client clientid profileid person personid userx".split(
    " ",
  ),
  item: "item itemid iid movie movieid film filmid product productid parentasin asin isbn book bookid business businessid track trackid song songid artist artistid article articleid game gameid video videoid venue venueid location locationid recipe recipeid anime animeid sku".split(
    " ",
  ),
  rating:
    "rating ratings userrating bookrating overall stars star score value weight playcount plays listens".split(
      " ",
    ),
  time: "timestamp time datetime date unixtime unixreviewtime ts createdat ratedat reviewtime eventtime".split(
    " ",
  ),
};

const FLAGS: Readonly<Record<Role, string>> = {
  user: "--user-column",
  item: "--item-column",
  rating: "--rating-column",
  time: "--time-column",
};

/** Unix time of 1973; a rating is never that large. */
const SMALLEST_TIME = 1e8;

const fold = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Whether people use this name for one of the four columns. */
export function isKnownName(name: string): boolean {
  return Object.values(KNOWN_NAMES).some((names) => names.includes(fold(name)));
}

/**
 * Finds the columns.
 * @throws BadInputError "column" that lists the columns and the flag to pass
 */
export function mapColumns(table: TableShape, choice: ColumnChoice): ColumnMapping {
  if (table.columns.length < 2) {
    throw new BadInputError(
      "column",
      `${table.name} has ${table.columns.length === 1 ? `one column (${table.columns[0]})` : "no columns"}, expected at least a user and an item column`,
    );
  }
  const chosen: Readonly<Record<Role, string | undefined>> = {
    user: choice.userColumn,
    item: choice.itemColumn,
    rating: choice.ratingColumn,
    time: choice.timeColumn,
  };
  const taken = new Set<number>();
  const found: Partial<Record<Role, number | null>> = {};
  const roles: readonly Role[] = ["user", "item", "rating", "time"];
  for (const role of roles) {
    const wanted = chosen[role];
    if (wanted === undefined) continue;
    const optional = role === "rating" || role === "time";
    const at = optional && wanted === "none" ? null : positionOf(table, role, wanted);
    found[role] = at;
    if (at === null) continue;
    if (taken.has(at)) {
      throw new BadInputError(
        "column",
        `${FLAGS[role]} ${wanted}: column ${at + 1} of ${table.name} is already another column; each can be only one thing`,
      );
    }
    taken.add(at);
  }
  const guesses = table.named ? guessByName(table, taken) : guessByPosition(table, taken);
  for (const role of roles) {
    if (found[role] !== undefined) continue;
    const guess = guesses[role];
    if (guess !== undefined) found[role] = guess;
    else if (role === "rating" || role === "time") found[role] = null;
    else throw missing(table, role);
  }
  const { user, item, rating = null, time = null } = found;
  if (typeof user !== "number") throw missing(table, "user");
  if (typeof item !== "number") throw missing(table, "item");
  return { user, item, rating, time };
}

/** Position of a column that the person named or numbered. */
function positionOf(table: TableShape, role: Role, wanted: string): number {
  const { columns, named, name } = table;
  if (named) {
    const exact = positionsWhere(columns, (column) => column === wanted);
    const matches =
      exact.length > 0
        ? exact
        : positionsWhere(columns, (column) => column.toLowerCase() === wanted.toLowerCase());
    if (matches.length > 1) throw ambiguous(table, role, wanted, matches);
    if (matches[0] !== undefined) return matches[0];
  }
  if (/^\d+$/.test(wanted)) {
    const at = Number(wanted) - 1;
    if (at >= 0 && at < columns.length) return at;
    throw new BadInputError(
      "column",
      `${FLAGS[role]} ${wanted}: ${name} has columns 1 … ${columns.length}${named ? ` (${columns.join(", ")})` : ""}`,
    );
  }
  if (!named) {
    throw new BadInputError(
      "column",
      `${role} column "${wanted}" not found in ${name}: it has no header; pass ${FLAGS[role]} with a number (1 … ${columns.length}), or --header if its first line names the columns`,
    );
  }
  const [near] = nearest(wanted, columns, 1);
  throw new BadInputError(
    "column",
    `${role} column "${wanted}" not found in ${name} (columns: ${columns.join(", ")}); did you mean "${near}"? Pass ${FLAGS[role]} with one of these names, or a number (1 … ${columns.length})`,
  );
}

function positionsWhere(
  columns: readonly string[],
  matches: (column: string) => boolean,
): readonly number[] {
  return columns.flatMap((column, at) => (matches(column) ? [at] : []));
}

function ambiguous(
  table: TableShape,
  role: Role,
  column: string,
  positions: readonly number[],
): BadInputError {
  const numbers = positions.map((at) => at + 1);
  return new BadInputError(
    "column",
    `column "${column}" appears ${numbers.length} times in ${table.name} (columns ${numbers.join(" and ")}); rename one, or choose by number: ${FLAGS[role]} ${numbers[0]}`,
  );
}

function missing(table: TableShape, role: Role): BadInputError {
  return new BadInputError(
    "column",
    `no ${role} column found in ${table.name} (columns: ${table.columns.join(", ")}); pass ${FLAGS[role]} with one of these names, or a number (1 … ${table.columns.length})`,
  );
}

type Guesses = Partial<Record<Role, number>>;

/** By the names people use; a query without any of them by position. */
function guessByName(table: TableShape, taken: ReadonlySet<number>): Guesses {
  const guesses: Guesses = {};
  const folded = table.columns.map(fold);
  for (const role of ["user", "item", "rating", "time"] as const) {
    for (const known of KNOWN_NAMES[role]) {
      const free = positionsWhere(folded, (name) => name === known).filter((at) => !taken.has(at));
      if (free.length === 0) continue;
      if (free.length > 1) throw ambiguous(table, role, table.columns[free[0]!]!, free);
      guesses[role] = free[0]!;
      break;
    }
  }
  if (table.ordered && Object.keys(guesses).length === 0) return guessByPosition(table, taken);
  return guesses;
}

/** User, item, then a rating and a time as far as the values look like them. */
function guessByPosition(table: TableShape, taken: ReadonlySet<number>): Guesses {
  const free = [...table.columns.keys()].filter((at) => !taken.has(at));
  const [user, item, ...others] = free;
  const guesses: Guesses = {
    ...(user !== undefined && { user }),
    ...(item !== undefined && { item }),
  };
  for (const at of others.slice(0, 2)) {
    const values = table.sample.map((row) => row[at] ?? "");
    if (guesses.time === undefined && values.length > 0 && values.every(looksLikeTime)) {
      guesses.time = at;
    } else if (guesses.rating === undefined && values.some(isNumeric)) guesses.rating = at;
  }
  return guesses;
}

/** Whether a field holds a number (NaN and infinities are numbers to be refused later). */
export function isNumeric(field: string): boolean {
  return /^\s*[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|nan|inf(inity)?)\s*$/i.test(field);
}

function looksLikeTime(field: string): boolean {
  return isNumeric(field)
    ? Number(field) >= SMALLEST_TIME
    : /^\s*\d{4}-\d{2}-\d{2}([T ]|\s*$)/.test(field);
}
