/**
 * `npm run bench -- scale`: generated graphs of growing size; seconds and peak memory of
 * ingestion, of a LightGCN epoch and of the evaluation of 10,000 users, each in a process of its
 * own; the line through the peaks, and what it says of larger machines.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { freemem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BadInputError } from "../src/base/errors.ts";
import { benchFolder } from "./contenders.ts";
import { fitLine } from "./line-fit.ts";
import { describeMachine } from "./machine.ts";
import type { Measurement } from "./measurement.ts";
import type { StageMeasurement } from "./ours/scale-stage.ts";
import { graphOf, ratingsFile } from "./ratings-files.ts";
import { memoryChart, secondsChart } from "./scale-chart.ts";
import { type ScalePoint, type Stage, stages, valuesOf } from "./scale-points.ts";
import { type ScaleSettings, scaleReport } from "./scale-report.ts";

export interface ScaleOptions extends ScaleSettings {
  readonly interactions: readonly number[];
  readonly out: string;
  /** Whether files of ratings that are made for it stay. */
  readonly keep?: boolean;
  /** Whether the documents get the pictures too. */
  readonly docs?: boolean;
}

const execute = promisify(execFile);
/** Room that the system and we need beside a stage. */
const spareBytes = 2 ** 30;

/** @throws BadInputError where a size is not a whole number of millions */
export async function scale(options: ScaleOptions): Promise<void> {
  for (const size of options.interactions) {
    if (size % 1e6 === 0 && size <= 2e9) continue;
    throw new BadInputError(
      "scale",
      `--interactions ${size}: expected whole millions up to 2000, such as 1e6,1e7,2e8`,
    );
  }
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const machine = describeMachine();
  const points: ScalePoint[] = [];
  for (const interactions of [...options.interactions].sort((a, b) => a - b)) {
    const { users, items } = graphOf(interactions);
    const found: Partial<Record<Stage, StageMeasurement>> = {};
    for (const stage of stages) {
      const refusal = shortage(points, stage, interactions);
      found[stage] = refusal ?? (await run(stage, interactions, options));
      const { seconds, peakBytes = 0, refused } = found[stage];
      const peak = `${(peakBytes / 2 ** 30).toFixed(2)} GiB`;
      const size = interactions.toLocaleString("en");
      say(`  ${size}: ${stage} ${refused ?? `${seconds?.toFixed(2)} s, ${peak}`}`);
    }
    points.push({ interactions, users, items, stages: found as Record<Stage, StageMeasurement> });
  }
  mkdirSync(options.out, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(options.out, name), text);
  const report = scaleReport(machine, points, options);
  write("scale.json", `${JSON.stringify({ machine, points }, null, 2)}\n`);
  write("scale.md", report);
  const pictures = {
    "scale-memory.svg": memoryChart(points),
    "scale-seconds.svg": secondsChart(points),
  };
  for (const [name, picture] of Object.entries(pictures)) {
    write(name, picture);
    if (options.docs) writeFileSync(join(benchFolder, "..", "docs", name), picture);
  }
  process.stdout.write(`\n${report}`);
}

/** Refuses what the sizes so far say does not fit, rather than have the system end it. */
function shortage(
  points: readonly ScalePoint[],
  stage: Stage,
  interactions: number,
): StageMeasurement | null {
  const line = fitLine(valuesOf(points, stage, ({ peakBytes }) => peakBytes));
  if (!line) return null;
  const needed = line.offset + line.slope * interactions + spareBytes;
  const free = Math.min(process.availableMemory(), freemem());
  if (needed <= free) return null;
  const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const refused = `would need about ${gibibytes(needed)} and ${gibibytes(free)} are free; leave this size out, or take a larger machine`;
  return { refused };
}

async function run(
  stage: Stage,
  interactions: number,
  options: ScaleOptions,
): Promise<StageMeasurement> {
  const { threads, seconds } = options;
  const flags = ["--threads", String(threads), "--seconds", String(seconds)];
  if (stage !== "ingestion") {
    const model = ["--stage", stage, "--width", String(options.width)];
    return child("scale-stage.ts", [String(interactions), ...model, ...flags]);
  }
  const { path, isNew } = await ratingsFile(`${interactions / 1e6}m-csv`);
  try {
    const found = await child<Measurement>("ingest.ts", [path, ...flags]);
    if ("refused" in found) return found;
    const peakBytes = found.peakMebibytes! * 2 ** 20;
    return { seconds: found.runMs!.median / 1000, peakBytes };
  } finally {
    if (isNew && !options.keep) rmSync(path);
  }
}

/** A process that ends badly is a result too: the report says how. */
async function child<Result = StageMeasurement>(
  script: string,
  words: readonly string[],
): Promise<Result | { refused: string }> {
  try {
    const program = join(benchFolder, "ours", script);
    const { stdout } = await execute(process.execPath, [program, ...words]);
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Result;
  } catch (error) {
    const { signal, stderr = "" } = error as { signal?: string; stderr?: string };
    const reason = stderr.split("\n").find((line) => /Error/.test(line));
    return { refused: `failed: ${signal ? `ended by ${signal} (out of memory?)` : reason}` };
  }
}
