/**
 * `npm run bench -- [suite]`: ours and each peer in turn on the same data, batch, width and
 * threads. Prints medians, spread and ratios; writes `bench/results/<suite>.json` and `.md` with
 * the machine's description. Without a suite, all those that meet peers run.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { LumiereError } from "../src/base/errors.ts";
import { benchFolder } from "./contenders.ts";
import { width } from "./data.ts";
import { guard } from "./guard.ts";
import { passOn } from "./passed-on.ts";
import { scale } from "./scale.ts";
import { runSuite, type SuiteOptions } from "./suite.ts";
import { suites } from "./suites/all.ts";
import { measureTechniques } from "./techniques.ts";

const resultsFolder = join(benchFolder, "results");

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError(`"${text}" is not a positive number`);
  return value;
}

const list = (text: string): string[] => text.split(",");

/** The flags of all suites that meet peers. */
function withSuiteFlags(command: Command): Command {
  return command
    .option("--rounds <n>", "turns of each contender", positive, 5)
    .option("--threads <list>", "thread counts", (text) => list(text).map(positive))
    .option("--seconds <s>", "timed seconds of each turn", positive, 5)
    .option("--datasets <list>", "some of the suite's data", list)
    .option("--only <list>", "some of the contenders, by key: ours, c, torch-csr, …", list)
    .option("--variants <list>", 'some of a suite\'s variants, such as "64 factors by cg"', list)
    .option("--out <folder>", "where the results go", resultsFolder)
    .option("--docs", "also write the tables into docs/benchmarks.md");
}

const program = new Command("bench").description("Ours beside its peers, interleaved, here");
withSuiteFlags(program.command("all", { isDefault: true }))
  .description("every suite that meets peers")
  .action(async (options: SuiteOptions) => {
    for (const suite of suites) await runSuite(suite, options);
  });
for (const suite of suites) {
  withSuiteFlags(program.command(suite.name))
    .description(suite.summary)
    .action((options: SuiteOptions) => runSuite(suite, options));
}

for (const [name, summary] of [
  ["retrieval", "recall and speed of indices beside exact lists (its flags: bench/retrieval.ts)"],
  ["serve", "load on the recommendation server (its flags: bench/serve.ts)"],
] as const) {
  program
    .command(name)
    .description(summary)
    .argument("[words...]")
    .allowUnknownOption()
    .helpOption(false)
    .action((words: string[]) => passOn(name, words, resultsFolder));
}
program
  .command("scale")
  .description("memory and time of ingestion, training and evaluation as the graph grows")
  .option(
    "--interactions <list>",
    "sizes, in whole millions",
    (text) => list(text).map(positive),
    [1e6, 1e7, 5e7, 1e8, 2e8],
  )
  .option("--seconds <s>", "timed seconds of training steps", positive, 10)
  .option("--threads <n>", "of training and evaluation", positive, availableParallelism())
  .option("--width <n>", "of the embeddings", positive, width)
  .option("--out <folder>", "where the results go", resultsFolder)
  .option("--keep", "keep the files of ratings in build/bench/ratings: 25 MB a million")
  .option("--docs", "also write the pictures into docs/")
  .action(scale);

program
  .command("techniques")
  .description("ours beside ours with one technique for speed taken away or exchanged")
  .option("--rounds <n>", "turns of each technique", positive, 3)
  .option("--threads <list>", "thread counts", (text) => list(text).map(positive), [2])
  .option("--seconds <s>", "timed seconds of each way in a round", positive, 0.3)
  .option("--datasets <list>", "graphs", list, ["ml-100k", "ml-1m", "gowalla"])
  .option("--only <list>", "some of the techniques, by key: step, order, messages, …", list)
  .option("--out <folder>", "where the results go", resultsFolder)
  .option("--docs", "also write the tables into docs/benchmarks.md")
  .action(measureTechniques);

program
  .command("guard")
  .description("whether this work tree is slower than an earlier revision's own benchmark")
  .requiredOption("--against <revision>", "a commit of git, such as HEAD~1")
  .option("--rounds <n>", "turns of each", positive, 5)
  .option("--seconds <s>", "timed seconds of each turn", positive, 1)
  .option("--threads <list>", "thread counts", (text) => list(text).map(positive), [1])
  .option("--datasets <list>", "where", list, ["ml-100k"])
  .option("--limit <ratio>", "how many times as long ours may take", positive, 1.25)
  .action(guard);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof LumiereError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
