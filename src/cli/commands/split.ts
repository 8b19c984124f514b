/**
 * `lumiere split`: a cut as CSV files with external ids, so that other tools
 * can use exactly ours.
 *
 * @module
 */

import { resolve } from "node:path";
import { z } from "zod";
import { checkFolder } from "../../base/folders.ts";
import { fingerprint } from "../../data/fingerprint.ts";
import { type EvaluationPart, interactionCount } from "../../data/interactions.ts";
import { loadDataset } from "../../data/load.ts";
import { dataOptionsSchema } from "../../data/options.ts";
import { parseSplit } from "../../data/split-language.ts";
import { splitDataset } from "../../data/splits.ts";
import { writeSplit } from "../../data/write-split.ts";
import { experimentSchema } from "../../experiment/description.ts";
import { checkedSettings } from "../../experiment/settings.ts";
import type { CommandDefinition } from "../command.ts";
import { addDataFlags, rawExperiment, splitHelp } from "../experiment-flags.ts";

const cutSchema = z.object({
  data: dataOptionsSchema.strict(),
  split: z.string().default("default"),
  validation: z.number().min(0).lt(1).default(0),
  seed: experimentSchema.shape.seed,
  threads: experimentSchema.shape.threads,
});

export const split: CommandDefinition = {
  configure(command) {
    addDataFlags(command);
    command
      .requiredOption("--out <dir>", "folder for train.csv, validation.csv and test.csv")
      .addHelpText(
        "after",
        [
          splitHelp(),
          "",
          "Examples:",
          "  $ lumiere split --data ml-100k --split random:0.8 --validation 0.1 --out cut",
          "  $ lumiere split --data ratings.csv --split loo --seed 7 --out cut --json",
        ].join("\n"),
      );
  },

  async run(session, command) {
    const { out } = z.object({ out: z.string() }).parse(command.opts());
    const cut = checkedSettings(cutSchema, rawExperiment(command), "split");
    const specification = parseSplit(cut.split);
    checkFolder("--out", out);
    const dataset = await loadDataset(cut.data, {
      progress: session.progress,
      notice: (text) => session.notice(text),
      signal: session.signal,
      threads: cut.threads,
    });
    const parts = await splitDataset(dataset, specification, cut);
    const files = await writeSplit(dataset, parts, out);
    for (const warning of parts.warnings) session.notice(`warning: ${warning}`);
    const validation = rowsOf(parts.validation);
    const test = rowsOf(parts.test);
    const counts = {
      train: interactionCount(parts.train),
      validation: validation.written,
      test: test.written,
      rankable: { validation: validation.rankable, test: test.rankable },
    };
    session.result(
      {
        dataset: {
          name: dataset.name,
          users: dataset.users.size,
          items: dataset.items.size,
          interactions: interactionCount(dataset.interactions),
          fingerprint: fingerprint(dataset),
          synthetic: dataset.synthetic,
          filterNotes: dataset.filterNotes,
        },
        split: {
          specification: parts.specification,
          description: parts.description,
          seed: cut.seed,
          validationShare: cut.validation,
          warnings: parts.warnings,
          ...counts,
        },
        out: resolve(out),
        files,
      },
      [
        `${dataset.name}, ${parts.specification}: ${parts.description}`,
        ...dataset.filterNotes,
        `${whole(counts.train)} train, ${partText("validation", validation)}, ${partText("test", test)}`,
        `wrote ${files.join(", ")} to ${out}`,
      ].join("\n"),
    );
  },
};

/** The rows of a part's file, and those among them whose users train knows: only they can be ranked for. */
interface PartRows {
  readonly written: number;
  readonly rankable: number;
}

function rowsOf(part: EvaluationPart | null): PartRows {
  const rankable = part ? interactionCount(part.targets) : 0;
  const unrankable = part?.unrankable ? interactionCount(part.unrankable) : 0;
  return { written: rankable + unrankable, rankable };
}

const whole = (count: number): string => count.toLocaleString("en");

function partText(name: string, { written, rankable }: PartRows): string {
  const rest = rankable === written ? "" : ` (${whole(rankable)} can be ranked)`;
  return `${whole(written)} ${name}${rest}`;
}
