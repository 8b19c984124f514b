/**
 * A suite: who meets whom, on what, and what is shown of it. Running one fights every duel
 * (data × variant × threads), interleaved, and writes `results/<suite>.json` and `.md`. A run of
 * some data, variants or thread counts replaces these alone in the results.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInputError } from "../src/base/errors.ts";
import type { Column } from "./columns.ts";
import { buildFolder, type Contender } from "./contenders.ts";
import { datasetNames, prepareDataset } from "./data.ts";
import { updateDocumentation } from "./documentation.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { type Duel, interleave } from "./rounds.ts";
import { renderReport } from "./table.ts";

/** Part of a suite with contenders of its own: a model, a solver, a question. */
export interface Variant {
  /** "" where the suite has only one. */
  readonly title: string;
  readonly contenders: readonly Contender[];
  /** Data on which it is not fought, and why. */
  readonly leftOut?: Readonly<Record<string, string>>;
}

/** What a duel is fought on. */
export interface Ground {
  readonly folder: string;
  /** Name in the report. */
  readonly title: string;
  /** Size, for whoever watches. */
  readonly detail: string;
}

export interface Suite {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly datasets: readonly string[];
  readonly variants: readonly Variant[];
  readonly columns: readonly Column[];
  /** Thread counts where the user names none. */
  readonly threads: readonly number[];
  /** Makes the input of one of `datasets`, or of a name of the same kind. */
  prepare(dataset: string): Promise<Ground>;
}

export interface SuiteOptions {
  readonly rounds: number;
  readonly threads?: readonly number[];
  readonly seconds: number;
  readonly datasets?: readonly string[];
  readonly only?: readonly string[];
  readonly variants?: readonly string[];
  readonly out: string;
  readonly docs?: boolean;
}

/** The neutral folder of a dataset, made on first use. */
export async function neutralGround(dataset: string): Promise<Ground> {
  if (!datasetNames.includes(dataset)) {
    throw new BadInputError(
      "bench-dataset",
      `no dataset "${dataset}" to measure on; there are ${datasetNames.join(", ")}`,
    );
  }
  const { folder, name, synthetic, users, items, interactions } = prepareDataset(
    dataset,
    buildFolder,
  );
  const title = synthetic ? `${name} (made up, same shape)` : name;
  return { folder, title, detail: `${users} users, ${items} items, ${interactions} pairs` };
}

/** @throws BadInputError where nothing is left to measure */
export async function runSuite(suite: Suite, options: SuiteOptions): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const machine = describeMachine();
  const duels: Duel[] = [];
  for (const dataset of options.datasets ?? suite.datasets) {
    const ground = await suite.prepare(dataset);
    say(`${ground.title}: ${ground.detail}`);
    for (const { title: variant, contenders, leftOut } of chosenVariants(suite, options)) {
      const reason = leftOut?.[dataset];
      if (reason !== undefined) {
        say(`${ground.title}, ${variant}: left out: ${reason}`);
        continue;
      }
      const title = variant ? `${ground.title}, ${variant}` : ground.title;
      for (const threads of options.threads ?? suite.threads) {
        const task = { folder: ground.folder, threads, seconds: options.seconds };
        duels.push(await interleave(contenders, title, task, options.rounds, say));
      }
    }
  }
  const path = join(options.out, `${suite.name}.json`);
  const all = [...keptDuels(path, machine, duels), ...duels].sort(
    (a, b) => order(suite, a) - order(suite, b),
  );
  const report = renderReport(suite.name, suite.columns, machine, all);
  mkdirSync(options.out, { recursive: true });
  writeFileSync(path, `${JSON.stringify({ suite: suite.name, machine, duels: all }, null, 2)}\n`);
  writeFileSync(join(options.out, `${suite.name}.md`), report);
  if (options.docs) updateDocumentation(suite.name, report);
  process.stdout.write(`\n${renderReport(suite.name, suite.columns, machine, duels)}`);
}

function chosenVariants(suite: Suite, { variants, only }: SuiteOptions): Variant[] {
  const known = suite.variants.flatMap(({ contenders }) => contenders.map(({ key }) => key));
  const unknown = only?.find((key) => !known.includes(key));
  const chosen = (unknown === undefined ? suite.variants : [])
    .filter(({ title }) => !variants || variants.includes(title))
    .map(({ contenders, ...variant }) => ({
      ...variant,
      contenders: contenders.filter(({ key }) => !only || only.includes(key)),
    }))
    .filter(({ contenders }) => contenders.length > 0);
  if (chosen.length) return chosen;
  const titles = suite.variants.map(({ title }) => title).filter((title) => title !== "");
  throw new BadInputError(
    "bench-choice",
    `nothing is left of suite "${suite.name}": ` +
      (titles.length ? `--variants takes ${titles.map((t) => `"${t}"`).join(", ")}; ` : "") +
      `--only takes ${[...new Set(known)].join(", ")}`,
  );
}

/** Earlier duels on the same machine that this run has not fought again. */
function keptDuels(path: string, machine: Machine, fought: readonly Duel[]): Duel[] {
  if (!existsSync(path)) return [];
  const known = JSON.parse(readFileSync(path, "utf8")) as { machine: Machine; duels: Duel[] };
  const same = (a: Machine, b: Machine): boolean =>
    a.processor === b.processor && a.cores === b.cores && a.node === b.node;
  if (!same(known.machine, machine)) return [];
  return known.duels.filter(
    ({ dataset, threads }) =>
      !fought.some((duel) => duel.dataset === dataset && duel.threads === threads),
  );
}

function order(suite: Suite, { dataset, threads }: Duel): number {
  const place = suite.datasets.findIndex((name) => dataset.startsWith(name));
  const variant = suite.variants.findIndex(({ title }) => dataset.endsWith(title));
  return (place * suite.variants.length + variant) * 1000 + threads;
}
