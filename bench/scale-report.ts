/**
 * The scale suite as Markdown: what was measured, the bytes an interaction, and, by the fitted
 * line, the machines that larger graphs need.
 *
 * @module
 */

import { largestArena } from "../src/engine/cpu/arena.ts";
import { numberText } from "./columns.ts";
import { batchSize } from "./data.ts";
import { fitLine, type Line } from "./line-fit.ts";
import { type Machine, machineLine } from "./machine.ts";
import { type ScalePoint, type Stage, stages, valuesOf } from "./scale-points.ts";
import { markdown } from "./table.ts";

/** Sizes that the extrapolated table is for. */
const larger = [50e6, 100e6, 200e6, 500e6, 1e9, 2e9];
const machines = [8, 16, 24, 32, 64, 128, 256, 512, 1024];
/** The adjacency holds each interaction twice, and its offsets are 32-bit. */
const mostInteractions = 2 ** 30 - 1;

/** How every size was trained on. */
export interface ScaleSettings {
  readonly seconds: number;
  readonly threads: number;
  /** Of the embeddings. */
  readonly width: number;
}

export function scaleReport(
  machine: Machine,
  points: readonly ScalePoint[],
  { threads, seconds, width }: ScaleSettings,
): string {
  const lines = Object.fromEntries(
    stages.map((stage) => [stage, fitLine(valuesOf(points, stage, ({ peakBytes }) => peakBytes))]),
  ) as Record<Stage, Line | null>;
  const arena = fitLine(valuesOf(points, "training", ({ arenaBytes }) => arenaBytes));
  return `${[
    "# scale",
    machineLine(machine),
    `Graphs in the shape of MovieLens 20M; each stage a process of its own, ${threads} threads. Training: LightGCN, ${width} wide, 3 layers, batches of ${batchSize}; a step is the median of ${seconds} s or more, an epoch is reckoned as all its steps. Each step goes over the whole graph and an epoch has more of them the larger it is, so that an epoch with this batch grows with the square; its step does not. Evaluation: 10,000 users, or all where there are fewer, against all items.`,
    measuredTable(points),
    ...refusals(points),
    ...(lines.training && arena ? [fitText(lines, arena), largerTable(lines, arena)] : []),
  ].join("\n\n")}\n`;
}

function measuredTable(points: readonly ScalePoint[]): string {
  const time = (value: number | undefined) => numberText(value ?? Number.NaN);
  const size = (bytes: number | undefined) => time(bytes === undefined ? bytes : bytes / 2 ** 30);
  const rows = points.map(({ interactions, users, items, stages: found }) => {
    const { ingestion, training, evaluation } = found;
    const each = (bytes: number | undefined) => time(bytes && bytes / interactions);
    const epoch = training.seconds && training.seconds * training.stepsPerEpoch!;
    return [
      ...[interactions, users, items].map((count) => count.toLocaleString("en")),
      ...[time(ingestion.seconds), size(ingestion.peakBytes), each(ingestion.peakBytes)],
      ...[time(training.setupSeconds), time(training.seconds), time(epoch)],
      ...[size(training.peakBytes), each(training.peakBytes), size(training.arenaBytes)],
      ...[time(evaluation.seconds), size(evaluation.peakBytes), each(evaluation.peakBytes)],
    ];
  });
  const head = [
    ...["interactions", "users", "items", "ingestion s", "peak GiB", "B each"],
    ...["training set-up s", "step s", "epoch s", "peak GiB", "B each", "of it engine GiB"],
    ...["evaluation s", "peak GiB", "B each"],
  ];
  return markdown(head, rows);
}

function refusals(points: readonly ScalePoint[]): string[] {
  return points.flatMap(({ interactions, stages: found }) =>
    stages.flatMap((stage) => {
      const { refused } = found[stage];
      return refused === undefined
        ? []
        : [`**${interactions.toLocaleString("en")}, ${stage}: ${refused}**`];
    }),
  );
}

function fitText(lines: Readonly<Record<Stage, Line | null>>, arena: Line): string {
  const parts = stages.flatMap((stage) => {
    const line = lines[stage];
    return line === null
      ? []
      : [
          `${stage} ${numberText(line.offset / 2 ** 20)} MiB + ${line.slope.toFixed(1)} B an interaction ` +
            `(worst point ${(100 * line.worst).toFixed(0)} % off)`,
        ];
  });
  const most = Math.floor((largestArena - arena.offset) / arena.slope / 1e6);
  return (
    `**A fit, not a measurement.** The line nearest to the peaks: ${parts.join("; ")}. The engine's own memory is ` +
    `${arena.slope.toFixed(1)} B an interaction at this width, and WebAssembly's 32-bit addresses reach 4 GiB: ` +
    `on the CPU engine LightGCN trains up to about ${most} million interactions of this shape, ` +
    "whatever the machine has. Beyond, it refuses before it starts and says how much is missing: a smaller width, or fewer interactions (--k-core, --min-rating)."
  );
}

function largerTable(lines: Readonly<Record<Stage, Line | null>>, arena: Line): string {
  const rows = larger.map((interactions) => {
    const needs = stages.map((stage) => {
      const line = lines[stage];
      return line === null ? Number.NaN : (line.offset + line.slope * interactions) / 2 ** 30;
    });
    const most = Math.max(...needs.filter(Number.isFinite));
    const engine = arena.offset + arena.slope * interactions;
    const verdict =
      interactions > mostInteractions
        ? "no: offsets of the graph are 32-bit"
        : engine > largestArena
          ? `no: the engine would need ${numberText(engine / 2 ** 30)} of its 4 GiB`
          : "yes";
    // A tenth for the system.
    const machine = machines.find((gibibytes) => 0.9 * gibibytes >= most);
    return [
      interactions.toLocaleString("en"),
      ...needs.map(numberText),
      machine === undefined ? "–" : `${machine} GiB`,
      verdict,
    ];
  });
  const head = [
    ...["interactions", ...stages.map((stage) => `${stage} GiB (fit)`)],
    ...["machine", "LightGCN on the CPU engine"],
  ];
  return markdown(head, rows);
}
