/**
 * From duels to a Markdown report: a table each, whether others disturbed it, and
 * whether all contenders computed the same thing.
 *
 * @module
 */

import type { Column } from "./columns.ts";
import { isDisturbed } from "./contention.ts";
import { type Machine, machineLine } from "./machine.ts";
import type { Measurement } from "./measurement.ts";
import type { Duel } from "./rounds.ts";

/** How far above the others an objective may be, relatively: solvers may differ. */
const objectiveTolerance = 2e-3;
/** Largest difference of the check's losses that float32 rounding explains. */
const lossTolerance = 2e-5;
const scoreTolerance = 1e-6;

/** @param columns beside the contender's name */
export function renderReport(
  suite: string,
  columns: readonly Column[],
  machine: Machine,
  duels: readonly Duel[],
): string {
  const parts = [`# ${suite}`, machineLine(machine), versionsLine(duels)];
  for (const duel of duels) {
    parts.push(`## ${duel.dataset}, ${duel.threads} ${duel.threads === 1 ? "thread" : "threads"}`);
    parts.push(`Measured ${duel.date.slice(0, 16).replace("T", " ")} UTC, ${othersText(duel)}.`);
    parts.push(duelTable(columns, duel));
    parts.push(...notesOf(duel));
    if (isDisturbed(duel.coresOfOthers, duel.threads, machine.cores)) {
      const busy = duel.coresOfOthers?.toFixed(2);
      parts.push(`**Disturbed: other processes kept ${busy} cores busy. Measure again in quiet.**`);
    }
    const verdict = agreementText(duel);
    if (verdict) parts.push(verdict);
    for (const { title, reason } of duel.skipped) parts.push(`${title}: ${reason}`);
  }
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** What contenders state beside their figures; one that several share is written once. */
function notesOf({ series }: Duel): string[] {
  const titles = new Map<string, string[]>();
  for (const { title, rounds } of series) {
    const note = rounds[0]?.note;
    if (note) titles.set(note, [...(titles.get(note) ?? []), title]);
  }
  return [...titles].map(([note, names]) => `${names.join("; ")}: ${note}.`);
}

function duelTable(columns: readonly Column[], duel: Duel): string {
  const us = duel.series.find((series) => series.ours);
  const extrapolated = duel.series.some((s) => s.rounds.some((round) => round.extrapolated));
  const rows = duel.series.map((series) => [
    series.rounds.some((round) => round.extrapolated) ? `${series.title} ¹` : series.title,
    ...columns.map((column) => column.cell(series, us)),
  ]);
  const table = markdown(["contender", ...columns.map(({ head }) => head)], rows);
  return extrapolated
    ? `${table}\n\n¹ its longest time is reckoned from the mean of the part that was timed`
    : table;
}

function othersText({ coresOfOthers }: Duel): string {
  return coresOfOthers === null
    ? "other processes unknown"
    : `other processes used ${coresOfOthers.toFixed(2)} cores meanwhile`;
}

/** "" where nothing was checked. */
function agreementText(duel: Duel): string {
  const found = disagreements(duel);
  if (found.length) return found.map((line) => `**${line}**`).join("\n\n");
  const checked = duel.series.filter(({ rounds }) => isChecked(rounds[0]));
  if (checked.length < 2) return "";
  const isLoose = checked.some(({ rounds }) => (rounds[0]?.checkTolerance ?? 0) > lossTolerance);
  return isLoose
    ? "All contenders computed the same numbers, within the tolerance that each states."
    : "All contenders computed the same numbers.";
}

function isChecked(round: Measurement | undefined): boolean {
  return (round?.checkLosses ?? round?.meanTopScore ?? round?.checkObjective) !== undefined;
}

/** Contenders whose check differs from the first one's, or is missing where that one has it. */
export function disagreements(duel: Duel): string[] {
  const [first, ...others] = duel.series;
  const reference = first?.rounds[0];
  if (!first || !reference) return [];
  return others.flatMap((series) => {
    const found = series.rounds[0];
    if (!found) return [];
    const losses = reference.checkLosses ?? [];
    const tolerance = Math.max(lossTolerance, found.checkTolerance ?? 0);
    const differs =
      losses.some((loss, at) => !close(loss, found.checkLosses?.[at], tolerance)) ||
      (reference.meanTopScore !== undefined &&
        !close(reference.meanTopScore, found.meanTopScore, scoreTolerance)) ||
      (reference.checkObjective !== undefined &&
        !(reference.checkObjective <= (found.checkObjective ?? 0) * (1 + objectiveTolerance)));
    return differs ? [`${series.title} computes something else than ${first.title}`] : [];
  });
}

function close(expected: number, found: number | undefined, tolerance: number): boolean {
  return found !== undefined && Math.abs(expected - found) <= tolerance;
}

function versionsLine(duels: readonly Duel[]): string {
  const versions = new Map<string, string>();
  for (const { series } of duels) {
    for (const { rounds } of series) {
      for (const [name, version] of Object.entries(rounds[0]?.versions ?? {})) {
        versions.set(name, version);
      }
    }
  }
  return [...versions].map(([name, version]) => `${name} ${version}`).join(" · ");
}

/** A table whose first column is text and whose others are numbers. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(head),
    line(head.map((_, at) => (at === 0 ? "---" : "---:"))),
    ...rows.map(line),
  ].join("\n");
}
