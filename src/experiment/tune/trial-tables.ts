/**
 * Trials as tables of text, shared by the terminal and the page.
 *
 * @module
 */

import type { TextTable } from "../comparison/tables.ts";
import { metricText } from "../metric-label.ts";
import { durationText } from "../units.ts";
import type { Settings } from "./space.ts";
import type { Trial } from "./trials-log.ts";
import { judgedBy, type Tuning } from "./tuning.ts";

/** Trials, best first, failed ones last. */
export function ranked(trials: readonly Trial[]): Trial[] {
  return trials.toSorted((a, b) => (b.value ?? -1) - (a.value ?? -1) || a.trial - b.trial);
}

/** One row a trial, best first. */
export function trialTable(tuning: Tuning): TextTable {
  const { trials, space } = tuning;
  const rungs = trials.some(({ rung }) => rung !== null);
  const epochs = trials.some(({ bestEpoch }) => bestEpoch !== null);
  return {
    header: [
      "trial",
      ...(rungs ? ["rung", "epochs"] : []),
      `validation ${judgedBy(tuning)}`,
      ...space.map(({ name }) => name),
      ...(epochs ? ["best epoch"] : []),
      "time",
    ],
    rows: ranked(trials).map((trial) => [
      String(trial.trial),
      ...(rungs ? [text(trial.rung), text(trial.epochs)] : []),
      trial.error === null ? metricText(trial.value) : "failed",
      ...space.map(({ name }) => text(trial.settings[name])),
      ...(epochs ? [text(trial.bestEpoch)] : []),
      durationText(trial.seconds),
    ]),
  };
}

const text = (value: string | number | boolean | null | undefined): string =>
  value === null || value === undefined ? "–" : String(value);

/** "learningRate=0.003 layers=2" */
export function settingsText(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** How many trials of how many settings, in words. */
export function trialsText({ trials, complete }: Tuning): string {
  const settings = new Set(trials.map(({ configuration }) => configuration)).size;
  const counted = `${trials.length} ${trials.length === 1 ? "trial" : "trials"}`;
  const of = settings < trials.length ? ` of ${settings} settings` : "";
  return `${counted}${of}${complete ? "" : ", stopped before the end"}`;
}
