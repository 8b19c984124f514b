/**
 * Whether a work tree is slower than an earlier revision, from duels of the two.
 *
 * @module
 */

import { BadInputError, LumiereError } from "../src/base/errors.ts";
import { type Duel, ratio, type Series } from "./rounds.ts";

/** Looks before a verdict: a slow spell may have hit one side alone. */
const mostLooks = 2;

/** One duel of the work tree with the earlier revision. */
export interface Look {
  /** Milliseconds of each round. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** Ours ÷ theirs, paired by round. */
  readonly ratio: number;
}

/** A piece of work, looked at until ours is within the limit or there was look enough. */
export interface Comparison {
  readonly work: string;
  readonly looks: readonly Look[];
  readonly isSlower: boolean;
}

/**
 * @param fight a duel, ours first
 * @param limit how many times as long ours may take
 * @throws BadInputError "revision" where one of the two did not run
 */
export async function compare(
  work: string,
  fight: () => Promise<Duel>,
  limit: number,
): Promise<Comparison> {
  const looks: Look[] = [];
  // Nothing measured is NaN, which no limit holds.
  const isSlower = () => !((looks.at(-1)?.ratio ?? Number.NaN) <= limit);
  while (looks.length < mostLooks && isSlower()) looks.push(lookAt(work, await fight()));
  return { work, looks, isSlower: isSlower() };
}

function lookAt(work: string, { series: [first, second], skipped: [left] }: Duel): Look {
  if (!first || !second || left) throw incomparable(`${work}: ${left?.title}: ${left?.reason}`);
  const [ours, theirs] = [times(first), times(second)];
  return { ours, theirs, ratio: ratio(ours, theirs) };
}

function times(series: Series): number[] {
  return series.rounds.map(({ stepMs, rankMs }) => (stepMs ?? rankMs)?.median ?? Number.NaN);
}

/** @throws LumiereError "slower" where ours takes more than `limit` times as long, in every look */
export function judge(earlier: string, limit: number, comparisons: readonly Comparison[]): void {
  const slower = comparisons
    .filter(({ isSlower }) => isSlower)
    .map(({ work, looks }) => `${work} ${looks.at(-1)!.ratio.toFixed(2)}×`);
  if (slower.length === 0) return;
  throw new LumiereError(
    "slower",
    `slower than ${earlier} by more than ${limit}×: ${slower.join("; ")}; ` +
      "measure again in quiet with --rounds 9 --seconds 3, then look at lumiere train --profile",
  );
}

/** That nothing was measured is no verdict: it has the exit code of bad input, 2. */
export function incomparable(why: string): BadInputError {
  return new BadInputError("revision", `nothing to compare with: ${why}`);
}
