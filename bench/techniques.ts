/**
 * `npm run bench -- techniques`: ours beside ours with one technique for speed taken away or
 * exchanged. Each technique is a process of its own, in which the ways of doing its work take
 * turns; all techniques go round several times.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { BadInputError } from "../src/base/errors.ts";
import { asTheProgram, benchFolder, narrow } from "./contenders.ts";
import { coresOfOthers, readUsage } from "./contention.ts";
import { updateDocumentation } from "./documentation.ts";
import { describeMachine } from "./machine.ts";
import type { TechniqueMeasurement } from "./ours/techniques.ts";
import { firstLine } from "./rounds.ts";
import { neutralGround } from "./suite.ts";
import { techniques } from "./techniques/all.ts";
import { type Bout, type TechniqueRounds, techniquesReport } from "./techniques/report.ts";
import type { Technique } from "./techniques/technique.ts";

const execute = promisify(execFile);
const program = join(benchFolder, "ours", "techniques.ts");

export interface TechniquesOptions {
  readonly datasets: readonly string[];
  readonly threads: readonly number[];
  readonly rounds: number;
  /** Timed seconds of each way in each round. */
  readonly seconds: number;
  readonly only?: readonly string[];
  readonly out: string;
  readonly docs?: boolean;
}

/** @throws BadInputError where a technique or a dataset is not known */
export async function measureTechniques(options: TechniquesOptions): Promise<void> {
  const machine = describeMachine();
  const chosen = chosenTechniques(options.only);
  const bouts: Bout[] = [];
  for (const dataset of options.datasets) {
    const { folder, title } = await neutralGround(dataset);
    for (const threads of options.threads) {
      bouts.push(await fight(chosen, folder, title, threads, options));
    }
  }
  const report = techniquesReport(machine, bouts, options.seconds);
  mkdirSync(options.out, { recursive: true });
  const json = `${JSON.stringify({ suite: "techniques", machine, bouts }, null, 2)}\n`;
  writeFileSync(join(options.out, "techniques.json"), json);
  writeFileSync(join(options.out, "techniques.md"), report);
  if (options.docs) updateDocumentation("techniques", report);
  process.stdout.write(`\n${report}`);
}

function chosenTechniques(only: readonly string[] | undefined): readonly Technique[] {
  const keys = techniques.map(({ key }) => key);
  const unknown = only?.find((key) => !keys.includes(key));
  if (unknown === undefined) return techniques.filter(({ key }) => !only || only.includes(key));
  throw new BadInputError(
    "bench-choice",
    `--only ${unknown}: there is no such technique; there are ${keys.join(", ")}`,
  );
}

async function fight(
  chosen: readonly Technique[],
  folder: string,
  dataset: string,
  threads: number,
  { rounds, seconds }: TechniquesOptions,
): Promise<Bout> {
  const found: (TechniqueRounds & { technique: Technique })[] = chosen.map((technique) => ({
    technique,
    rounds: [],
  }));
  const skipped: string[] = [];
  const before = readUsage();
  for (let round = 1; round <= rounds; round++) {
    for (const { technique, rounds: taken } of [...found]) {
      const { key } = technique;
      const flags = ["--technique", key, "--threads", String(threads)];
      const words = [folder, ...flags, "--seconds", String(seconds)];
      const what = `${dataset}, threads ${threads}, round ${round}: ${key}`;
      try {
        const measurement = await turns(technique, words);
        taken.push(measurement);
        const times = measurement.ways.map(({ ms }) => ms.toPrecision(3));
        process.stderr.write(`  ${what} ${times.join(" ")} ms\n`);
      } catch (error) {
        found.splice(
          found.findIndex((entry) => entry.technique === technique),
          1,
        );
        skipped.push(`${key}: ${firstLine(error)}`);
        process.stderr.write(`  ${what} ${skipped.at(-1)}\n`);
      }
    }
  }
  const others = coresOfOthers(before, readUsage());
  const date = new Date().toISOString();
  return { dataset, threads, date, coresOfOthers: others, techniques: found, skipped };
}

/** A technique's turns in one process, or in two. */
async function turns(
  { alsoNarrow }: Technique,
  words: readonly string[],
): Promise<TechniqueMeasurement> {
  const own = await child(words, asTheProgram);
  const isWide = process.arch === "x64" && asTheProgram.LUMIERE_WIDE === "on";
  if (!alsoNarrow || !isWide) return own;
  const { ways } = await child(words, narrow);
  const named = ways.map((way) => ({
    ...way,
    title: way.title === "" ? "128-bit vectors" : `128-bit vectors, ${way.title}`,
  }));
  return { ...own, ways: [...own.ways, ...named] };
}

async function child(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<TechniqueMeasurement> {
  const env = { ...process.env, ...environment };
  const { stdout } = await execute(process.execPath, [program, ...words], { env });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as TechniqueMeasurement;
}
