/**
 * What each row is worth, decided in SQL while it is read: kept, removed by a
 * filter, or wrong.
 *
 * @module
 */

import { dayOf } from "../base/day.ts";
import { BadInputError } from "../base/errors.ts";
import type { ColumnMapping } from "./columns.ts";
import { LONGEST_INLINE, PIECES } from "./id-numbers.ts";
import type { RowFilters } from "./options.ts";
import { removalNote, type Tally } from "./removal.ts";

/** Why a row is kept (0), removed (1, 2) or wrong (10 and above); or that it is the one behind the last. */
export const REASON = {
  kept: 0,
  belowRating: 1,
  outsideWindow: 2,
  noUser: 10,
  noItem: 11,
  ratingText: 12,
  ratingNotFinite: 13,
  timeText: 14,
  timeNotFinite: 15,
  end: 255,
} as const;

/** How many rows went where. Users and items count as removed by the filter that took their last row. */
export interface RowTally {
  readonly read: number;
  readonly kept: number;
  readonly belowRating: Tally;
  readonly outsideWindow: Tally;
}

/** Seconds from which on (1 ≤) and before which (<) rows are kept. */
export interface TimeBounds {
  readonly since: number | null;
  readonly until: number | null;
}

/** Largest number a rating column of 32-bit floats holds. */
export const LARGEST_RATING = "3.4028234e38";

/**
 * A number as seconds: what is far too large for seconds is milli-, micro- or nanoseconds; seconds
 * first, since a case looks only at the rows that those before it left. The bounds are the year 5138 in seconds, and 1973 in each finer unit.
 */
const TIME_SQL =
  "coalesce(CASE WHEN abs(time_number) < 1e11 THEN time_number WHEN abs(time_number) < 1e14 THEN time_number / 1e3 " +
  "WHEN abs(time_number) < 1e17 THEN time_number / 1e6 ELSE time_number / 1e9 END, epoch(try_cast(time_text AS TIMESTAMPTZ)))";

/** The window of the filters in Unix seconds, or null. @throws BadInputError "time" */
export function timeBounds({ since, until }: RowFilters): TimeBounds | null {
  if (since === undefined && until === undefined) return null;
  const bounds = {
    since: since === undefined ? null : seconds("--since", since),
    until: until === undefined ? null : seconds("--until", until),
  };
  if (bounds.since !== null && bounds.until !== null && bounds.since >= bounds.until) {
    throw new BadInputError(
      "time",
      `--since ${since} is not before --until ${until}; nothing would be left`,
    );
  }
  return bounds;
}

const ISO_DATE = /^(?<year>\d{4})(-(?<month>\d\d?)(-(?<day>\d\d?)([T ].+)?)?)?$/;
const DATE_WITHOUT_DASHES = /^((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;

function seconds(flag: string, written: string): number {
  const text = written.trim();
  const meant = DATE_WITHOUT_DASHES.exec(text)?.slice(1).join("-");
  if (meant !== undefined) {
    throw new BadInputError(
      "time",
      `${flag} ${text}: as Unix seconds that is ${dayOf(Number(text))}; write ${meant} for the date, or ${text}.0 for the seconds`,
    );
  }
  if (/^-?\d{5,}(\.\d+)?$/.test(text)) return Number(text);
  // Dates alone are UTC in JavaScript, dates with a time are local: add the zone where it is missing.
  const zoned = /\d[T ]\d/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/i.test(text);
  const { year, month = "1", day = "1" } = ISO_DATE.exec(text)?.groups ?? {};
  const milliseconds = year === undefined ? Number.NaN : Date.parse(zoned ? `${text}Z` : text);
  if (!Number.isNaN(milliseconds)) {
    // JavaScript goes on into the next month.
    const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
    if (Number(day) <= days) return milliseconds / 1000;
    throw new BadInputError(
      "time",
      `${flag} ${text}: there is no such day; month ${Number(month)} of ${year} has ${days} days`,
    );
  }
  throw new BadInputError(
    "time",
    `${flag} ${text}: expected an ISO date (2000-12-31 or 2000-12-31T18:00:00Z) or Unix seconds`,
  );
}

/**
 * A SELECT of reason, user_id, item_id, rating and time (as numbers), for wrong rows the text that is
 * wrong, and the pieces of long user and item ids. One row more, with the reason "end", comes last:
 * a stream of DuckDB that fails half-way ends like one that is complete.
 * @param rows a SELECT of user_id, item_id, rating and time as text
 * @param cut whether long ids of users and of items are cut into pieces (see id-numbers.ts)
 */
export function rowReasonSql(
  rows: string,
  mapping: ColumnMapping,
  minRating: number | undefined,
  bounds: TimeBounds | null,
  cut: { readonly user: boolean; readonly item: boolean },
): string {
  // Nearly every row is kept: one condition decides it, and only the others are asked what they lack.
  // (NaN is larger than any number to DuckDB, and a comparison with NULL is not true.)
  const kept = ["user_id <> ''", "item_id <> ''"];
  const cases = [
    `WHEN coalesce(user_id, '') = '' THEN ${REASON.noUser}`,
    `WHEN coalesce(item_id, '') = '' THEN ${REASON.noItem}`,
  ];
  if (mapping.rating !== null) {
    kept.push(`abs(rating) <= ${LARGEST_RATING}`);
    cases.push(
      `WHEN rating IS NULL THEN ${REASON.ratingText}`,
      `WHEN NOT isfinite(rating) OR abs(rating) > ${LARGEST_RATING} THEN ${REASON.ratingNotFinite}`,
    );
  }
  if (mapping.time !== null) {
    kept.push("abs(time) < CAST('infinity' AS DOUBLE)");
    cases.push(
      `WHEN time IS NULL THEN ${REASON.timeText}`,
      `WHEN NOT isfinite(time) THEN ${REASON.timeNotFinite}`,
    );
  }
  if (minRating !== undefined) {
    kept.push(`rating >= ${minRating}`);
    cases.push(`WHEN rating < ${minRating} THEN ${REASON.belowRating}`);
  }
  if (bounds?.since != null) {
    kept.push(`time >= ${bounds.since}`);
    cases.push(`WHEN time < ${bounds.since} THEN ${REASON.outsideWindow}`);
  }
  if (bounds?.until != null) {
    kept.push(`time < ${bounds.until}`);
    cases.push(`WHEN time >= ${bounds.until} THEN ${REASON.outsideWindow}`);
  }
  const wrong =
    `CASE reason WHEN ${REASON.ratingText} THEN rating_text WHEN ${REASON.ratingNotFinite} THEN rating_text ` +
    `WHEN ${REASON.timeText} THEN time_text WHEN ${REASON.timeNotFinite} THEN time_text END`;
  const columns = [
    ...["user_id", "item_id", "rating", "time", `${wrong} AS wrong`],
    ...(cut.user ? piecesSql("user_id") : []),
    ...(cut.item ? piecesSql("item_id") : []),
  ];
  return (
    `SELECT reason, ${columns.join(", ")} FROM (` +
    `SELECT *, CAST(CASE WHEN ${kept.join(" AND ")} THEN ${REASON.kept} ${cases.join(" ")} END AS UTINYINT) AS reason FROM (` +
    `SELECT user_id, item_id, rating_text, rating, time_text, ${TIME_SQL} AS time FROM (` +
    "SELECT user_id, item_id, rating AS rating_text, try_cast(rating AS DOUBLE) AS rating, " +
    `time AS time_text, try_cast(time AS DOUBLE) AS time_number FROM (${rows}) AS texts) AS numbers) AS parsed) AS judged ` +
    `UNION ALL SELECT CAST(${REASON.end} AS UTINYINT), ${columns.map(() => "NULL").join(", ")}`
  );
}

/** Columns of the pieces of an id that is longer than one; NULL for shorter ids. */
function piecesSql(id: "user_id" | "item_id"): string[] {
  return Array.from({ length: PIECES }, (_, piece) => {
    const from = 1 + piece * LONGEST_INLINE;
    return `CASE WHEN strlen(${id}) > ${LONGEST_INLINE} THEN substring(${id}, ${from}, ${LONGEST_INLINE}) END AS ${id}_${piece}`;
  });
}

/** One line for each row filter: what it removed. */
export function describeRowFilters(filters: RowFilters, tally: RowTally): string[] {
  const notes: string[] = [];
  if (filters.minRating !== undefined) {
    notes.push(removalNote(`minimum rating ${filters.minRating}`, tally.belowRating));
  }
  const window = describeWindow(filters);
  if (window !== null) notes.push(removalNote(`time window ${window}`, tally.outsideWindow));
  return notes;
}

/** The time window in words, or null where there is none. */
export function describeWindow({ since, until }: RowFilters): string | null {
  if (since === undefined && until === undefined) return null;
  return [since && `from ${since}`, until && `before ${until}`].filter(Boolean).join(", ");
}
