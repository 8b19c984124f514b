/**
 * A search in words for the terminal.
 *
 * @module
 */

import { metricText } from "../experiment/metric-label.ts";
import { rangeText } from "../experiment/tune/space-text.ts";
import { ranked, settingsText, trialsText, trialTable } from "../experiment/tune/trial-tables.ts";
import type { Trial } from "../experiment/tune/trials-log.ts";
import { judgedBy, type Tuning } from "../experiment/tune/tuning.ts";
import { durationText } from "../experiment/units.ts";
import { alignedTable, wrap } from "./table.ts";

/** Trials that the terminal shows; the files have all. */
const SHOWN_TRIALS = 20;

/**
 * One trial, as it ends.
 * @param judged what it was judged by
 */
export function trialText(
  trial: Trial,
  best: Trial | null,
  judged: Pick<Tuning, "metric" | "sampled">,
): string {
  const { rung, epochs, settings, value, error, seconds } = trial;
  const round = rung === null ? "" : ` (rung ${rung}, ${epochs} epochs)`;
  const so =
    best === null || best.trial === trial.trial
      ? "the best so far"
      : `best ${metricText(best.value)}`;
  const outcome =
    error === null
      ? `validation ${judgedBy(judged)} ${metricText(value)}, ${so}`
      : `failed: ${error.message}`;
  return `trial ${trial.trial}${round}: ${outcome}; ${durationText(seconds)}; ${settingsText(settings)}`;
}

/** The whole search. */
export function tuningText(tuning: Tuning): string {
  const { model, dataset, split, space, best, files, warnings, trials } = tuning;
  const { header, rows } = trialTable(tuning);
  const shown = rows.slice(0, SHOWN_TRIALS);
  const failed = ranked(trials).filter(({ error }) => error !== null);
  return [
    wrap(
      `${trialsText(tuning)} by ${tuning.method} for ${model.title} on ${dataset.title}. ${split.specification}: ${split.description}. Judged on the validation part; the test part was not looked at.`,
      92,
    ),
    wrap(`Searched: ${space.map((each) => `${each.name}=${rangeText(each)}`).join("  ")}`, 92),
    "",
    alignedTable({ header, rows: shown }),
    ...(rows.length > shown.length
      ? [`… and ${rows.length - shown.length} more${files.trials ? ` in ${files.trials}` : ""}`]
      : []),
    ...failed
      .slice(0, 3)
      .map(({ trial, error }) => wrap(`trial ${trial} failed: ${error?.message}`, 92)),
    ...warnings.map((warning) => wrap(`- ${warning}`, 92)),
    ...(best === null
      ? []
      : [
          "",
          `Best validation ${judgedBy(tuning)}: ${metricText(best.value)} (trial ${best.trial}). To train with it:`,
          `  ${best.command}`,
        ]),
    ...(files.page === undefined ? [] : ["", `Kept: ${Object.values(files).join(", ")}`]),
  ].join("\n");
}
