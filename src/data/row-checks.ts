/**
 * What became of the rows that were read: how many are kept, how many each
 * filter removed, and a clear error for the first wrong one.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import type { Workbench } from "./duckdb.ts";
import type { RowFilters } from "./options.ts";
import type { Relation } from "./relation.ts";
import {
  describeWindow,
  LARGEST_RATING,
  REASON,
  type RowTally,
  removedIdsSql,
} from "./row-filters.ts";

/**
 * Counts the staged rows.
 * @throws BadInputError "id", "rating" or "time" for wrong rows (the first one, with its number),
 *   "empty" where no row is left
 */
export async function checkRows(
  relation: Pick<Relation, "shape" | "lineOf">,
  workbench: Workbench,
  filters: RowFilters,
): Promise<RowTally> {
  const { name } = relation.shape;
  const counts = new Map<number, { readonly count: number; readonly first: number }>();
  const groups = await workbench.rows(
    "SELECT reason, count(*), min(rowid) FROM staged GROUP BY reason",
  );
  let read = 0;
  for (const [reason, count, first] of groups) {
    counts.set(Number(reason), { count: Number(count), first: Number(first) });
    read += Number(count);
  }
  const wrong = [...counts].filter(([reason]) => reason >= REASON.noUser);
  if (wrong.length > 0) throw await wrongRow(relation, workbench, wrong);
  const countOf = (reason: number) => counts.get(reason)?.count ?? 0;
  const kept = countOf(REASON.kept);
  const removedIds = async (kind: "user" | "item") =>
    kept === read ? [0, 0] : ((await workbench.rows(removedIdsSql(kind)))[0] ?? []).map(Number);
  const [usersBelow = 0, usersOutside = 0] = await removedIds("user");
  const [itemsBelow = 0, itemsOutside = 0] = await removedIds("item");
  const tally: RowTally = {
    read,
    kept,
    belowRating: {
      interactions: countOf(REASON.belowRating),
      users: usersBelow,
      items: itemsBelow,
    },
    outsideWindow: {
      interactions: countOf(REASON.outsideWindow),
      users: usersOutside,
      items: itemsOutside,
    },
  };
  if (tally.kept === 0) throw await nothingLeft(name, workbench, filters, tally);
  return tally;
}

/** The error for the first wrong row, with the number of all wrong rows. */
async function wrongRow(
  { shape, lineOf }: Pick<Relation, "shape" | "lineOf">,
  workbench: Workbench,
  wrong: readonly (readonly [number, { readonly count: number; readonly first: number }])[],
): Promise<BadInputError> {
  const [reason, { first }] = wrong.reduce((best, entry) =>
    entry[1].first < best[1].first ? entry : best,
  );
  const total = wrong.reduce((sum, [, { count }]) => sum + count, 0);
  const [row] = await workbench.rows(`SELECT wrong FROM staged WHERE rowid = ${first}`);
  const value = row?.[0] ?? null;
  const found =
    value === null
      ? "nothing"
      : JSON.stringify(String(value).slice(0, 80)).replaceAll("\\\\", "\\");
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

async function nothingLeft(
  name: string,
  workbench: Workbench,
  filters: RowFilters,
  tally: RowTally,
): Promise<BadInputError> {
  if (tally.read === 0) {
    return new BadInputError("empty", `${name} has no rows below its header; nothing to read`);
  }
  const [row] = await workbench.rows(
    "SELECT min(rating), max(rating), strftime(to_timestamp(min(time)), '%Y-%m-%d'), strftime(to_timestamp(max(time)), '%Y-%m-%d') FROM staged",
  );
  const [lowest, highest, earliest, latest] = row ?? [];
  const reasons: string[] = [];
  if (tally.belowRating.interactions > 0) {
    reasons.push(
      `${tally.belowRating.interactions.toLocaleString("en")} are below --min-rating ${filters.minRating} (ratings are ${lowest} … ${highest})`,
    );
  }
  if (tally.outsideWindow.interactions > 0) {
    reasons.push(
      `${tally.outsideWindow.interactions.toLocaleString("en")} are outside the time window ${describeWindow(filters)} (times are ${earliest} … ${latest})`,
    );
  }
  return new BadInputError(
    "empty",
    `${name}: no interaction is left of ${tally.read.toLocaleString("en")} rows: ${reasons.join(", ")}; filter less`,
  );
}
