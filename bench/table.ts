/**
 * From duels to a Markdown table: medians, spread, ratios, and whether all
 * contenders computed the same thing.
 *
 * @module
 */

import { isDisturbed } from "./contention.ts";
import { type Machine, machineLine } from "./machine.ts";
import { type Duel, type Measurement, median, ratio, type Series, spreadOf } from "./rounds.ts";

/** How far above the others an objective may be, relatively: solvers may differ. */
const objectiveTolerance = 2e-3;
/** Largest difference of the check's losses that float32 rounding explains. */
const lossTolerance = 2e-5;
const scoreTolerance = 1e-6;

export function renderReport(suite: string, machine: Machine, duels: readonly Duel[]): string {
  const parts = [`# ${suite}`, machineLine(machine), versionsLine(duels)];
  for (const duel of duels) {
    parts.push(`## ${duel.dataset}, ${duel.threads} ${duel.threads === 1 ? "thread" : "threads"}`);
    parts.push(`Measured ${duel.date.slice(0, 16).replace("T", " ")} UTC, ${othersText(duel)}.`);
    parts.push((tables[suite] ?? stepTable)(duel));
    if (isDisturbed(duel.coresOfOthers, duel.threads, machine.cores)) {
      const busy = duel.coresOfOthers?.toFixed(2);
      parts.push(`**Disturbed: other processes kept ${busy} cores busy. Measure again in quiet.**`);
    }
    const disagreement = disagreements(duel);
    parts.push(
      disagreement.length
        ? disagreement.map((line) => `**${line}**`).join("\n\n")
        : "All contenders computed the same numbers.",
    );
    for (const { title, reason } of duel.skipped) parts.push(`${title}: ${reason}`);
  }
  return `${parts.join("\n\n")}\n`;
}

function stepTable(duel: Duel): string {
  const times = (series: Series) =>
    series.rounds.map((round) => round.stepMs?.median ?? Number.NaN);
  const epochs = (series: Series) => series.rounds.map((round) => round.epochSeconds ?? Number.NaN);
  const us = duel.series.find((series) => series.ours);
  const rows = duel.series.map((series) => {
    const middle = (pick: (round: Measurement) => number | undefined) =>
      median(series.rounds.map((round) => pick(round) ?? Number.NaN));
    return [
      series.title,
      spreadText(times(series)),
      us ? ratioText(ratio(times(series), times(us))) : "",
      numberText(bestOf(series, (round) => round.stepMs?.min)),
      `${numberText(median(epochs(series)))}${series.rounds.every((r) => r.epochMeasured) ? "" : " ¹"}`,
      us ? ratioText(ratio(epochs(series), epochs(us))) : "",
      numberText(middle((round) => round.propagateMs)),
      numberText(middle((round) => round.samplingSeconds)),
      middle((round) => round.peakMebibytes).toFixed(0),
    ];
  });
  const head = [
    "contender",
    "step ms (spread)",
    "÷ ours",
    "best step ms",
    "epoch s",
    "÷ ours",
    "propagation ms",
    "sampling s/epoch",
    "peak MiB",
  ];
  const extrapolated = duel.series.some((s) => s.rounds.some((round) => !round.epochMeasured));
  const note = extrapolated ? "\n\n¹ from the mean step of the timed part of the epoch" : "";
  return markdown(head, rows) + note;
}

function rankingTable(duel: Duel): string {
  const times = (series: Series) =>
    series.rounds.map((round) => round.rankMs?.median ?? Number.NaN);
  const us = duel.series.find((series) => series.ours);
  const rows = duel.series.map((series) => [
    series.title,
    spreadText(times(series)),
    us ? ratioText(ratio(times(series), times(us))) : "",
    numberText(bestOf(series, (round) => round.rankMs?.min)),
    median(series.rounds.map((round) => round.peakMebibytes)).toFixed(0),
  ]);
  return markdown(["contender", "all users ms (spread)", "÷ ours", "best ms", "peak MiB"], rows);
}

function alsTable(duel: Duel): string {
  const times = (series: Series) =>
    series.rounds.map((round) => round.iterationMs?.median ?? Number.NaN);
  const us = duel.series.find((series) => series.ours);
  const rows = duel.series.map((series) => [
    series.title,
    spreadText(times(series)),
    us ? ratioText(ratio(times(series), times(us))) : "",
    numberText(bestOf(series, (round) => round.iterationMs?.min)),
    numberText(bestOf(series, (round) => round.processorMs)),
    median(series.rounds.map((round) => round.checkObjective ?? Number.NaN)).toPrecision(6),
    median(series.rounds.map((round) => round.peakMebibytes)).toFixed(0),
  ]);
  const head = [
    ...["contender", "iteration ms (spread)", "÷ ours", "best ms"],
    ...["processor ms", "objective after 3 iterations", "peak MiB"],
  ];
  return markdown(head, rows);
}

/** Models that are fitted in one go. */
function fitTable(duel: Duel): string {
  const times = (series: Series) => series.rounds.map((round) => round.fitMs?.median ?? Number.NaN);
  const us = duel.series.find((series) => series.ours);
  const rows = duel.series.map((series) => [
    series.title,
    spreadText(times(series)),
    us ? ratioText(ratio(times(series), times(us))) : "",
    numberText(bestOf(series, (round) => round.fitMs?.min)),
    numberText(bestOf(series, (round) => round.processorMs)),
    median(series.rounds.map((round) => round.peakMebibytes)).toFixed(0),
  ]);
  const head = ["contender", "fit ms (spread)", "÷ ours", "best ms", "processor ms", "peak MiB"];
  return markdown(head, rows);
}

/** Training and what came of it. */
function qualityTable(duel: Duel): string {
  const epochs = (series: Series) => series.rounds.map((round) => round.epochSeconds ?? Number.NaN);
  const us = duel.series.find((series) => series.ours);
  const rows = duel.series.map((series) => {
    const middle = (pick: (round: Measurement) => number | undefined) =>
      median(series.rounds.map((round) => pick(round) ?? Number.NaN));
    return [
      series.title,
      spreadText(epochs(series)),
      us ? ratioText(ratio(epochs(series), epochs(us))) : "",
      numberText(bestOf(series, (round) => round.stepMs?.min)),
      numberText(bestOf(series, (round) => round.processorMs)),
      middle((round) => round.quality?.recall20).toFixed(4),
      middle((round) => round.quality?.ndcg100).toFixed(4),
      middle((round) => round.peakMebibytes).toFixed(0),
    ];
  });
  const head = [
    ...["contender", "epoch s (spread)", "÷ ours", "best step ms", "processor ms a step"],
    ...["Recall@20", "NDCG@100", "peak MiB"],
  ];
  return markdown(head, rows);
}

/** How a suite's duels are shown, where not as training steps. */
const tables: Readonly<Record<string, (duel: Duel) => string>> = {
  ranking: rankingTable,
  als: alsTable,
  knn: fitTable,
  ease: fitTable,
  "mult-vae": qualityTable,
};

function othersText({ coresOfOthers }: Duel): string {
  return coresOfOthers === null
    ? "other processes unknown"
    : `other processes used ${coresOfOthers.toFixed(2)} cores meanwhile`;
}

/** The least of all rounds: what is left of a time when nobody else wants the cores. */
function bestOf(series: Series, pick: (round: Measurement) => number | undefined): number {
  return Math.min(...series.rounds.map((round) => pick(round) ?? Number.NaN));
}

/** Contenders whose check differs from the first one's. */
export function disagreements(duel: Duel): string[] {
  const [first, ...others] = duel.series;
  const reference = first?.rounds[0];
  if (!first || !reference) return [];
  return others.flatMap((series) => {
    const found = series.rounds[0];
    if (!found) return [];
    const losses = reference.checkLosses ?? [];
    const differs =
      losses.some((loss, at) => !close(loss, found.checkLosses?.[at], lossTolerance)) ||
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

function spreadText(values: readonly number[]): string {
  const { median: middle, min, max } = spreadOf(values);
  return `${numberText(middle)} (${numberText(min)}–${numberText(max)})`;
}

function ratioText(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(2)}×` : "";
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(head),
    line(head.map((_, at) => (at === 0 ? "---" : "---:"))),
    ...rows.map(line),
  ].join("\n");
}
