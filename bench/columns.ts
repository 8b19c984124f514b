/**
 * Columns of a suite's table: what is read from a contender's rounds, and how it is written.
 *
 * @module
 */

import type { Measurement, Spread } from "./measurement.ts";
import { median, ratio, type Series, spreadOf } from "./rounds.ts";

export interface Column {
  readonly head: string;
  /** @param us the first of our own series in the duel */
  cell(series: Series, us: Series | undefined): string;
}

type Pick<T> = (round: Measurement) => T | undefined;

/** The median of every round, then "middle (lowest–highest)" of them. */
export function spread(head: string, pick: Pick<Spread | number>): Column {
  return { head, cell: (series) => spreadText(middles(series, pick)) };
}

/**
 * Contender ÷ ours, paired by round.
 * @param counts whether a contender did what is timed: "–" where it, or ours, did not
 */
export function timesOurs(
  pick: Pick<Spread | number>,
  counts: (series: Series) => boolean = () => true,
): Column {
  const cell = (series: Series, us: Series | undefined) => {
    if (!us) return "";
    if (!counts(series) || !counts(us)) return "–";
    return ratioText(ratio(middles(series, pick), middles(us, pick)));
  };
  return { head: "÷ ours", cell };
}

/** The least of all rounds: what is left of a time when nobody else wants the cores. */
export function best(head: string, pick: Pick<number>): Column {
  return { head, cell: (series) => numberText(Math.min(...middles(series, pick))) };
}

/** The median over the rounds; "–" where there is none. */
export function middle(
  head: string,
  pick: Pick<number>,
  text: (value: number) => string = numberText,
): Column {
  const cell = (series: Series) => {
    const value = median(middles(series, pick));
    return Number.isFinite(value) ? text(value) : "–";
  };
  return { head, cell };
}

export const peakMemory = middle(
  "peak MiB",
  (round) => round.peakMebibytes,
  (value) => value.toFixed(0),
);

function middles(series: Series, pick: Pick<Spread | number>): number[] {
  return series.rounds.map((round) => {
    const found = pick(round);
    return (typeof found === "object" ? found.median : found) ?? Number.NaN;
  });
}

function spreadText(values: readonly number[]): string {
  const { median: centre, min, max } = spreadOf(values);
  return `${numberText(centre)} (${numberText(min)}–${numberText(max)})`;
}

function ratioText(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(2)}×` : "";
}

/** Three digits, or as many as stand before the point. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
