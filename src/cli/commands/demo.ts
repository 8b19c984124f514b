/**
 * `lumiere demo`, which `npm start` runs: LightGCN on MovieLens 100K in under a
 * minute, from data to recommendations with their reasons.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { checkFolder } from "../../base/folders.ts";
import { nearest } from "../../base/nearest.ts";
import { filterRows } from "../../data/filter-rows.ts";
import type { Dataset } from "../../data/interactions.ts";
import { demoDataset } from "../../data/load.ts";
import { prepareExperiment } from "../../experiment/description.ts";
import { sampleList } from "../../experiment/samples.ts";
import { runPrepared } from "../../experiment.ts";
import type { CommandDefinition } from "../command.ts";
import { commandText } from "../command-text.ts";
import { number } from "../experiment-flags.ts";
import { reportText, sampleText } from "../report-text.ts";
import { RUNS_FOLDER, showStudio } from "./studio.ts";

const optionsSchema = z.object({
  user: z.string().optional(),
  seed: z.string(),
  epochs: z.string(),
  out: z.string(),
  studio: z.boolean().default(false),
});

/** Ratings below this are not what somebody liked. */
const LEAST_RATING = 3;

/** Refuses somebody whom nobody knows, before a model is trained for them. */
function checkUser(id: string, { users, name }: Dataset): void {
  if (users.indexOf(id) !== undefined) return;
  const near = nearest(id, users.ids, 3).map((known) => `"${known}"`);
  throw new BadInputError(
    "unknown-user",
    `--user "${id}" is not among the ${users.size.toLocaleString("en")} users of ${name}; nearest: ${near.join(", ")}; without --user somebody is drawn`,
  );
}

export const demo: CommandDefinition = {
  configure(command) {
    command
      .option("--user <id>", "whose recommendations are shown (default: somebody by chance)")
      .option("--seed <number>", "of every random choice", "1")
      .option("--epochs <number>", "most passes over the data", "100")
      .option("--out <dir>", "where the bundle and the report go", join(RUNS_FOLDER, "demo"))
      .option("--studio", "then show it in the studio, where a person sits at the terminal")
      .addHelpText(
        "after",
        [
          "",
          "MovieLens 100K comes from the folder that LUMIERE_DATA names, else from the cache, else",
          "from its official address; with none of them in reach, made-up data take its place.",
          "",
          "Examples:",
          "  $ lumiere demo",
          "  $ lumiere demo --user 196 --seed 2",
        ].join("\n"),
      );
  },

  async run(session, command) {
    const options = optionsSchema.parse(command.opts());
    const prepared = prepareExperiment(
      {
        data: { data: "ml-100k", minRating: LEAST_RATING },
        split: "random:0.8",
        model: "lightgcn",
        hyperparameters: {
          epochs: number("--epochs", options.epochs),
          batchSize: 4096,
          learningRate: 0.005,
        },
        seed: number("--seed", options.seed),
        output: options.out,
      },
      "demo",
    );
    checkFolder("--out", options.out);
    const context = {
      progress: session.progress,
      notice: (text: string) => session.notice(text),
      signal: session.signal,
    };
    const dataset = filterRows(await demoDataset(context), { minRating: LEAST_RATING });
    if (options.user !== undefined) checkUser(options.user, dataset);
    const result = await runPrepared(prepared, {
      ...context,
      dataset,
      command: commandText(["demo", ...command.parent!.args.slice(1)]),
    });
    const { report, split } = result;
    const sample =
      options.user === undefined
        ? report.samples[0]
        : await sampleList(result, split.train, options.user, 10);
    const first = sample?.recommendations[0];
    session.result(
      { ...report, ...(sample && { samples: [sample] }) },
      [
        reportText(report),
        ...(sample ? [sampleText(sample)] : []),
        [
          `Kept in ${options.out}: open ${report.files.page ?? ""} for the curves, and go on with`,
          `  lumiere recommend ${options.out} --user ${sample?.user ?? "ID"}`,
          `  lumiere studio ${dirname(options.out)}`,
          `  lumiere similar ${options.out} --item ${first?.item ?? "ID"}${first?.title ? `   # ${first.title}` : ""}`,
        ].join("\n"),
      ].join("\n\n"),
    );
    if (options.studio && process.stdout.isTTY && !session.json) {
      // 0: the usual port may be taken by a studio that still runs.
      const choice = { runs: dirname(options.out), host: "127.0.0.1", port: 0, browser: true };
      await showStudio(session, choice);
    }
  },
};
