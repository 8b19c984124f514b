/**
 * What became of the rows that were read: how many are kept, how many each
 * filter removed, and a clear error for the first wrong one.
 *
 * @module
 */

import { dayOf } from "../base/day.ts";
import { BadInputError } from "../base/errors.ts";
import type { RowFilters } from "./options.ts";
import type { Relation } from "./relation.ts";
import { describeWindow, LARGEST_RATING, REASON, type RowTally } from "./row-filters.ts";

/** The reasons from this one on are wrong rows. */
const FIRST_WRONG = REASON.noUser;

/** The first wrong row. */
interface WrongRow {
  readonly reason: number;
  /** From 0. */
  readonly row: number;
  /** The text that is wrong; null where there is none. */
  readonly found: string | null;
}

/** Smallest and largest of what was seen. */
interface Range {
  least: number;
  most: number;
}

/** Counts the rows that are not kept while they are read. */
export class RowAccount {
  readonly #counts = new Map<number, number>();
  #wrong: WrongRow | null = null;
  #wrongRows = 0;
  readonly #ratings: Range = { least: Infinity, most: -Infinity };
  readonly #times: Range = { least: Infinity, most: -Infinity };

  /** A row that a filter removed; null where the source has no ratings or times. */
  removed(reason: number, rating: number | null, time: number | null): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    widen(this.#ratings, rating);
    widen(this.#times, time);
  }

  /** A wrong row, in the order of the source; its text is asked for where it is the first. */
  wrong(reason: number, row: number, found: () => string | null): void {
    this.#wrongRows++;
    this.#wrong ??= { reason, row, found: found() };
  }

  /**
   * What became of the rows.
   * @param read how many there were
   * @param users how many users each filter took away, by its reason; `items` likewise
   * @throws BadInputError "id", "rating" or "time" for wrong rows (the first one, with its number),
   *   "empty" where no row is left
   */
  async tally(
    read: number,
    users: ReadonlyMap<number, number>,
    items: ReadonlyMap<number, number>,
    relation: Pick<Relation, "shape" | "lineOf">,
    filters: RowFilters,
  ): Promise<RowTally> {
    if (this.#wrong !== null) throw await wrongRow(relation, this.#wrong, this.#wrongRows);
    const removedBy = (reason: number) => ({
      interactions: this.#counts.get(reason) ?? 0,
      users: users.get(reason) ?? 0,
      items: items.get(reason) ?? 0,
    });
    const belowRating = removedBy(REASON.belowRating);
    const outsideWindow = removedBy(REASON.outsideWindow);
    const kept = read - belowRating.interactions - outsideWindow.interactions;
    const tally: RowTally = { read, kept, belowRating, outsideWindow };
    if (kept > 0) return tally;
    throw nothingLeft(relation.shape.name, filters, tally, {
      ratings: this.#ratings,
      times: this.#times,
    });
  }
}

/** Whether a row of this reason is wrong, and not only removed. */
export const isWrong = (reason: number): boolean => reason >= FIRST_WRONG;

function widen(range: Range, value: number | null): void {
  if (value === null) return;
  range.least = Math.min(range.least, value);
  range.most = Math.max(range.most, value);
}

/** The error for the first wrong row, with the number of all wrong rows. */
async function wrongRow(
  { shape, lineOf }: Pick<Relation, "shape" | "lineOf">,
  { reason, row: first, found: value }: WrongRow,
  total: number,
): Promise<BadInputError> {
  const found =
    value === null ? "nothing" : JSON.stringify(value.slice(0, 80)).replaceAll("\\\\", "\\");
  const line = await lineOf?.(first);
  const at = `${shape.name}, row ${first + 1} (${line ? `line ${line} of the file` : "the header is not counted"})`;
  const others =
    total > 1
      ? `; ${(total - 1).toLocaleString("en")} more ${total === 2 ? "row is" : "rows are"} wrong too`
      : "";
  switch (reason) {
    case REASON.noUser:
    case REASON.noItem: {
      const role = reason === REASON.noUser ? "user" : "item";
      return new BadInputError(
        "id",
        `${at}: the ${role} id is empty${others}; give every row an id, or choose another column with --${role}-column`,
      );
    }
    case REASON.ratingText:
      return new BadInputError(
        "rating",
        `${at}: rating: found ${found}, expected a number such as 3.5${others}; mend the file, or ignore its ratings with --rating-column none`,
      );
    case REASON.ratingNotFinite:
      return new BadInputError(
        "rating",
        `${at}: rating: found ${found}, expected a finite number of at most ${LARGEST_RATING}${others}; mend the file, or ignore its ratings with --rating-column none`,
      );
    default:
      return new BadInputError(
        "time",
        `${at}: time: found ${found}, expected Unix seconds or an ISO date${others}; mend the file, or ignore its times with --time-column none`,
      );
  }
}

function nothingLeft(
  name: string,
  filters: RowFilters,
  tally: RowTally,
  { ratings, times }: { readonly ratings: Range; readonly times: Range },
): BadInputError {
  if (tally.read === 0) {
    return new BadInputError("empty", `${name} has no rows below its header; nothing to read`);
  }
  const reasons: string[] = [];
  if (tally.belowRating.interactions > 0) {
    reasons.push(
      `${tally.belowRating.interactions.toLocaleString("en")} are below --min-rating ${filters.minRating} (ratings are ${ratings.least} … ${ratings.most})`,
    );
  }
  if (tally.outsideWindow.interactions > 0) {
    reasons.push(
      `${tally.outsideWindow.interactions.toLocaleString("en")} are outside the time window ${describeWindow(filters)} (times are ${dayOf(times.least)} … ${dayOf(times.most)})`,
    );
  }
  return new BadInputError(
    "empty",
    `${name}: no interaction is left of ${tally.read.toLocaleString("en")} rows: ${reasons.join(", ")}; filter less`,
  );
}
