/**
 * `lumiere split`: a cut as CSV files with external ids, so that other tools
 * can use exactly ours.
 *
 * @module
 */

import { resolve } from "node:path";
import { z } from "zod";
import { fingerprint } from "../../data/fingerprint.ts";
import { interactionCount } from "../../data/interactions.ts";
import { loadDataset } from "../../data/load.ts";
import { dataOptionsSchema } from "../../data/options.ts";
import { parseSplit } from "../../data/split-language.ts";
import { splitDataset } from "../../data/splits.ts";
import { writeSplit } from "../../data/write-split.ts";
import { checkedSettings } from "../../experiment/settings.ts";
import type { CommandDefinition } from "../command.ts";
import { addDataFlags, rawExperiment, splitHelp } from "../experiment-flags.ts";

const cutSchema = z.object({
  data: dataOptionsSchema.strict(),
  split: z.string().default("default"),
  validation: z.number().min(0).lt(1).default(0),
  seed: z.int().min(0).max(0xffffffff).default(1),
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
    const { threads: _threads, ...raw } = rawExperiment(command);
    const cut = checkedSettings(cutSchema, raw, "split");
    const specification = parseSplit(cut.split);
    const dataset = await loadDataset(cut.data, {
      progress: session.progress,
      notice: (text) => session.notice(text),
      signal: session.signal,
    });
    const parts = await splitDataset(dataset, specification, cut);
    const files = await writeSplit(dataset, parts, out);
    for (const warning of parts.warnings) session.notice(`warning: ${warning}`);
    const counts = {
      train: interactionCount(parts.train),
      validation: parts.validation ? interactionCount(parts.validation.targets) : 0,
      test: parts.test ? interactionCount(parts.test.targets) : 0,
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
        `${counts.train.toLocaleString("en")} train, ${counts.validation.toLocaleString("en")} validation, ${counts.test.toLocaleString("en")} test`,
        `wrote ${files.join(", ")} to ${out}`,
      ].join("\n"),
    );
  },
};
