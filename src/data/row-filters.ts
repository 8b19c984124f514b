/**
 * What each row is worth, decided in SQL while it is read: kept, removed by a
 * filter, or wrong.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import type { ColumnMapping } from "./columns.ts";
import type { RowFilters } from "./options.ts";
import { removalNote, type Tally } from "./removal.ts";

/** Why a row is kept (0), removed (1, 2) or wrong (10 and above). */
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
 * A number as seconds: what is far too large for seconds is milli-, micro- or nanoseconds. The
 * bounds are the year 5138 in seconds, and 1973 in each finer unit.
 */
const TIME_SQL =
  "coalesce(CASE WHEN abs(time_number) >= 1e17 THEN time_number / 1e9 WHEN abs(time_number) >= 1e14 THEN time_number / 1e6 " +
  "WHEN abs(time_number) >= 1e11 THEN time_number / 1e3 ELSE time_number END, epoch(try_cast(time_text AS TIMESTAMPTZ)))";

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

const dayOf = (unixSeconds: number): string =>
  new Date(1000 * unixSeconds).toISOString().slice(0, 10);

/**
 * A SELECT of user_id, item_id, rating, time, reason and, for wrong rows, the text that is wrong.
 * Rows that are removed lose their ids, so that they take little room; 64-bit hashes of them
 * (removed_user, removed_item) stay, to count whom a filter removed altogether.
 * @param rows a SELECT of user_id, item_id, rating and time as text
 */
export function rowReasonSql(
  rows: string,
  mapping: ColumnMapping,
  minRating: number | undefined,
  bounds: TimeBounds | null,
): string {
  const cases = [
    `WHEN coalesce(user_id, '') = '' THEN ${REASON.noUser}`,
    `WHEN coalesce(item_id, '') = '' THEN ${REASON.noItem}`,
  ];
  if (mapping.rating !== null) {
    cases.push(
      `WHEN rating IS NULL THEN ${REASON.ratingText}`,
      `WHEN NOT isfinite(rating) OR abs(rating) > ${LARGEST_RATING} THEN ${REASON.ratingNotFinite}`,
    );
  }
  if (mapping.time !== null) {
    cases.push(
      `WHEN time IS NULL THEN ${REASON.timeText}`,
      `WHEN NOT isfinite(time) THEN ${REASON.timeNotFinite}`,
    );
  }
  if (minRating !== undefined) {
    cases.push(`WHEN rating < ${minRating} THEN ${REASON.belowRating}`);
  }
  if (bounds?.since != null) cases.push(`WHEN time < ${bounds.since} THEN ${REASON.outsideWindow}`);
  if (bounds?.until != null) {
    cases.push(`WHEN time >= ${bounds.until} THEN ${REASON.outsideWindow}`);
  }
  const wrong =
    `CASE reason WHEN ${REASON.ratingText} THEN rating_text WHEN ${REASON.ratingNotFinite} THEN rating_text ` +
    `WHEN ${REASON.timeText} THEN time_text WHEN ${REASON.timeNotFinite} THEN time_text END`;
  return (
    "SELECT CASE reason WHEN 0 THEN user_id END AS user_id, CASE reason WHEN 0 THEN item_id END AS item_id, " +
    `${removedHash("user_id")} AS removed_user, ${removedHash("item_id")} AS removed_item, ` +
    `rating, time, reason, ${wrong} AS wrong FROM (` +
    `SELECT *, CAST(CASE ${cases.join(" ")} ELSE 0 END AS UTINYINT) AS reason FROM (` +
    `SELECT user_id, item_id, rating_text, rating, time_text, ${TIME_SQL} AS time FROM (` +
    "SELECT user_id, item_id, rating AS rating_text, try_cast(rating AS DOUBLE) AS rating, " +
    `time AS time_text, try_cast(time AS DOUBLE) AS time_number FROM (${rows}) AS texts) AS numbers) AS parsed) AS judged`
  );
}

function removedHash(id: "user_id" | "item_id"): string {
  return `CASE WHEN reason IN (${REASON.belowRating}, ${REASON.outsideWindow}) THEN hash(${id}) END`;
}

/**
 * A SELECT of how many ids the minimum rating removed altogether, and how many the time window
 * removed of those that it left. Of an id's rows the one that got furthest decides.
 */
export function removedIdsSql(kind: "user" | "item"): string {
  return (
    "SELECT count(*) FILTER (furthest = 0), count(*) FILTER (furthest = 1) FROM (" +
    `SELECT max(CASE reason WHEN ${REASON.belowRating} THEN 0 WHEN ${REASON.outsideWindow} THEN 1 ELSE 2 END) AS furthest ` +
    `FROM staged GROUP BY coalesce(removed_${kind}, hash(${kind}_id)))`
  );
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
