/**
 * Unix seconds for people to read.
 *
 * @module
 */

/** The day in UTC, "2020-12-31"; the seconds themselves where they are outside the calendar. */
export function dayOf(unixSeconds: number): string {
  const date = new Date(1000 * unixSeconds);
  return Number.isNaN(date.getTime()) ? `${unixSeconds} s` : date.toISOString().split("T")[0]!;
}
