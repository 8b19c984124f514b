/**
 * When the interactions happened: counts in days, weeks, months or years (UTC),
 * whichever is fine enough to see and coarse enough to draw.
 *
 * @module
 */

export const activityUnits = ["day", "week", "month", "year"] as const;
export type ActivityUnit = (typeof activityUnits)[number];

export interface Activity {
  readonly unit: ActivityUnit;
  /** From the first to the last bin without a gap; `from` is the Unix second at which it begins. */
  readonly bins: readonly { readonly from: number; readonly count: number }[];
  /** Interactions whose time is not a number or lies outside the years 1 … 9999. */
  readonly untimed: number;
}

const MOST_BINS = 150;
const DAY = 86_400;
/** 1 January 1970 was a Thursday; weeks begin on Mondays. */
const FIRST_MONDAY = 4;
const [EARLIEST, LATEST] = [Date.UTC(1, 0) / 1000, Date.UTC(10_000, 0) / 1000];

/** Counts interactions by time. @param times Unix seconds; null where no time is known */
export function activityOverTime(times: Float64Array | null): Activity | null {
  if (times === null) return null;
  let [first, last, untimed] = [Infinity, -Infinity, 0];
  for (const time of times) {
    if (!(time >= EARLIEST && time < LATEST)) {
      untimed++;
      continue;
    }
    if (time < first) first = time;
    if (time > last) last = time;
  }
  if (first > last) return null;
  const unit =
    activityUnits.find((unit) => binOf(last, unit) - binOf(first, unit) < MOST_BINS) ?? "year";
  const begin = binOf(first, unit);
  const counts = new Int32Array(binOf(last, unit) - begin + 1);
  for (const time of times) {
    if (time >= first && time <= last) counts[binOf(time, unit) - begin]!++;
  }
  return {
    unit,
    untimed,
    bins: Array.from(counts, (count, bin) => ({ from: beginOf(begin + bin, unit), count })),
  };
}

/** Number of the bin that holds a time; consecutive bins have consecutive numbers. */
function binOf(seconds: number, unit: ActivityUnit): number {
  const day = Math.floor(seconds / DAY);
  if (unit === "day") return day;
  if (unit === "week") return Math.floor((day - FIRST_MONDAY) / 7);
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  return unit === "year" ? year : year * 12 + date.getUTCMonth();
}

function beginOf(bin: number, unit: ActivityUnit): number {
  if (unit === "day") return bin * DAY;
  if (unit === "week") return (bin * 7 + FIRST_MONDAY) * DAY;
  const [year, month] = unit === "year" ? [bin, 0] : [Math.floor(bin / 12), bin % 12];
  // Date.UTC takes years below 100 for those of the 20th century.
  return new Date(0).setUTCFullYear(year, month, 1) / 1000;
}
