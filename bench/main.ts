/**
 * `npm run bench -- [suite]`: ours and each peer in turn on the same data,
 * batch, width and threads. Prints medians, spread and ratios; writes
 * `bench/results/<suite>.json` and `.md` with the machine's description. A run of
 * some datasets or thread counts replaces these alone in the results.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command, InvalidArgumentError } from "commander";
import {
  alsContenders,
  benchFolder,
  buildFolder,
  type Contender,
  easeContenders,
  gatContenders,
  knnContenders,
  multVaeContenders,
  ngcfContenders,
  rankingContenders,
  stepContenders,
} from "./contenders.ts";
import { datasetNames, prepareDataset } from "./data.ts";
import { updateDocumentation } from "./documentation.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { type Duel, interleave } from "./rounds.ts";
import { renderReport } from "./table.ts";

interface Suite {
  readonly contenders: readonly Contender[];
  readonly datasets: readonly string[];
  /** Flags for all contenders, by what the tables call them. */
  readonly variants?: Readonly<Record<string, readonly string[]>>;
}

const suites: Readonly<Record<string, Suite>> = {
  step: { contenders: stepContenders, datasets: datasetNames },
  als: {
    contenders: alsContenders,
    datasets: ["ml-1m", "gowalla"],
    variants: Object.fromEntries(
      [64, 256].flatMap((factors) =>
        ["cg", "cholesky"].map((solver) => [
          `${factors} factors by ${solver}`,
          ["--factors", String(factors), "--solver", solver],
        ]),
      ),
    ),
  },
  knn: {
    contenders: knnContenders,
    datasets: ["ml-1m", "gowalla"],
    variants: Object.fromEntries(
      ["cosine", "bm25"].map((weighting) => [
        `100 neighbours, ${weighting}`,
        ["--neighbours", "100", "--weighting", weighting],
      ]),
    ),
  },
  ease: { contenders: easeContenders, datasets: ["ml-1m"] },
  ranking: { contenders: rankingContenders, datasets: ["gowalla"] },
  ngcf: { contenders: ngcfContenders, datasets: datasetNames },
  "mult-vae": { contenders: multVaeContenders, datasets: ["ml-1m", "ml-100k", "gowalla"] },
  gat: { contenders: gatContenders, datasets: ["ml-100k", "ml-1m"] },
};

interface Options {
  readonly rounds: number;
  readonly threads: readonly number[];
  readonly seconds: number;
  readonly datasets?: readonly string[];
  readonly only?: readonly string[];
  readonly variants?: readonly string[];
  readonly out: string;
  readonly docs?: boolean;
}

async function runSuite(name: string, suite: Suite, options: Options): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const machine = describeMachine();
  const duels: Duel[] = [];
  const only = options.only;
  const contenders = only
    ? suite.contenders.filter(({ key }) => only.includes(key))
    : suite.contenders;
  for (const dataset of suite.datasets) {
    if (options.datasets && !options.datasets.includes(dataset)) continue;
    const neutral = prepareDataset(dataset, buildFolder);
    const label = neutral.synthetic ? `${dataset} (made up, same shape)` : dataset;
    say(`${label}: ${neutral.users} users, ${neutral.items} items, ${neutral.interactions} pairs`);
    for (const [variant, flags] of Object.entries(suite.variants ?? { "": [] })) {
      if (options.variants && !options.variants.includes(variant)) continue;
      const title = variant ? `${label}, ${variant}` : label;
      for (const threads of options.threads) {
        const task = { folder: neutral.folder, threads, seconds: options.seconds, flags };
        duels.push(await interleave(contenders, title, task, options.rounds, say));
      }
    }
  }
  const path = join(options.out, `${name}.json`);
  const all = [...keptDuels(path, machine, duels), ...duels].sort(
    (a, b) => order(suite, a) - order(suite, b),
  );
  const report = renderReport(name, machine, all);
  const result = { suite: name, machine, duels: all };
  mkdirSync(options.out, { recursive: true });
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(options.out, `${name}.md`), report);
  if (options.docs) updateDocumentation(name, report);
  process.stdout.write(`\n${renderReport(name, machine, duels)}`);
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
  return suite.datasets.findIndex((name) => dataset.startsWith(name)) * 1000 + threads;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError(`"${text}" is not a positive number`);
  return value;
}

const list = (text: string): string[] => text.split(",");

await new Command("bench")
  .description("Ours beside its peers, interleaved, on this machine")
  .addArgument(new Argument("[suite]", "all where none is named").choices(Object.keys(suites)))
  .option("--rounds <n>", "turns of each contender", positive, 5)
  .option("--threads <list>", "thread counts", (text) => list(text).map(positive), [1, 2])
  .option("--seconds <s>", "timed seconds of each turn", positive, 5)
  .option("--datasets <list>", `some of ${datasetNames.join(", ")}`, list)
  .option("--only <list>", "some of the contenders, by key: ours, c, torch-csr, …", list)
  .option("--variants <list>", 'some of a suite\'s variants, such as "64 factors by cg"', list)
  .option("--out <folder>", "where the results go", join(benchFolder, "results"))
  .option("--docs", "also write the tables into docs/benchmarks.md")
  .action(async (name: string | undefined, options: Options) => {
    const chosen = Object.entries(suites).filter(([key]) => name === undefined || key === name);
    for (const [key, suite] of chosen) await runSuite(key, suite, options);
  })
  .parseAsync();
