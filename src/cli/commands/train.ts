/**
 * `lumiere train`: fit a model, judge it, keep it.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { measureCeilings } from "../../engine/ceilings.ts";
import { Profile } from "../../engine/profile.ts";
import { sharedDevice } from "../../engine/shared.ts";
import { prepareExperiment } from "../../experiment/description.ts";
import { settingsFromText } from "../../experiment/settings.ts";
import { findModel } from "../../models/registry.ts";
import { type CommandDefinition, several } from "../command.ts";
import { commandText } from "../command-text.ts";
import {
  addDataFlags,
  addValidationUsers,
  number,
  rawExperiment,
  record,
  splitHelp,
} from "../experiment-flags.ts";
import { freshFolder } from "../fresh-folder.ts";
import { MOST_PLACES, wholeNumbers } from "../numbers.ts";
import { profileFigures, profileText } from "../profile-text.ts";
import { reportText, sampleText } from "../report-text.ts";

const optionsSchema = z.object({
  model: z.string().optional(),
  epochs: z.string().optional(),
  set: z.array(z.string()).default([]),
  k: z.string().optional(),
  protocol: z.string().optional(),
  intervals: z.boolean().default(true),
  out: z.string().optional(),
  resume: z.boolean().default(false),
  profile: z.boolean().default(false),
  checkpointEpochs: z.string().optional(),
  checkpointMinutes: z.string().optional(),
  keepCheckpoint: z.boolean().optional(),
});

export const train: CommandDefinition = {
  configure(command) {
    addDataFlags(command);
    addValidationUsers(command);
    command
      .option("--model <name>", "which model; lumiere models lists them (default: lightgcn)")
      .option("--epochs <number>", "most passes over the data; short for --set epochs=…")
      .option(
        "--set <key=value>",
        "a setting of the model or its training, any number of times",
        several,
      )
      .option("--k <list>", "where lists are cut for the metrics (default: 10,20)")
      .option("--protocol <name>", "lightgcn, mult-vae or microsoft (default: lightgcn)")
      .option("--no-intervals", "leave out the 95 % bootstrap intervals")
      .option("--config <file>", "an experiment as JSON; flags override its fields")
      .option(
        "--out <dir>",
        "where the bundle and the report go (default: a new folder in lumiere-runs)",
      )
      .option("--profile", "print where the time of fitting goes, beside what the machine can do")
      .option("--resume", "go on from the checkpoint in --out")
      .option("--checkpoint-epochs <number>", "epochs between checkpoints")
      .option("--checkpoint-minutes <number>", "minutes between checkpoints (default: 5)")
      .option("--keep-checkpoint", "keep the last checkpoint of a finished run")
      .addHelpText(
        "after",
        [
          splitHelp(),
          "",
          "Examples:",
          "  $ lumiere train --data ml-100k --min-rating 3 --out runs/first",
          "  $ lumiere train --data ratings.csv --model bpr --split temporal:0.8 --seed 7",
          "  $ lumiere train --data gowalla --epochs 100 --set layers=2 --set learningRate=0.002",
          "  $ lumiere train --config experiment.json --seed 2 --json",
        ].join("\n"),
      );
  },

  async run(session, command) {
    const options = optionsSchema.parse(command.opts());
    const raw = rawExperiment(command);
    const model = options.model ?? (typeof raw.model === "string" ? raw.model : "lightgcn");
    const assignments = [
      ...(options.epochs === undefined ? [] : [`epochs=${options.epochs}`]),
      ...options.set,
    ];
    const settings = settingsFromText(findModel(model).hyperparameters, assignments, "--set");
    const prepared = prepareExperiment(
      {
        ...raw,
        model,
        hyperparameters: { ...record(raw.hyperparameters), ...settings },
        evaluation: {
          ...record(raw.evaluation),
          ...(options.k !== undefined && { ks: wholeNumbers("--k", options.k, 1, MOST_PLACES) }),
          ...(options.protocol !== undefined && { protocol: options.protocol }),
          ...(!options.intervals && { intervals: false }),
        },
        checkpoint: {
          ...record(raw.checkpoint),
          ...(options.checkpointEpochs !== undefined && {
            everyEpochs: number("--checkpoint-epochs", options.checkpointEpochs),
          }),
          ...(options.checkpointMinutes !== undefined && {
            everyMinutes: number("--checkpoint-minutes", options.checkpointMinutes),
          }),
          ...(options.keepCheckpoint !== undefined && { keep: options.keepCheckpoint }),
        },
        output: options.out ?? raw.output ?? newRun(raw.data, model, options.resume),
      },
      "train",
    );
    // Loaded only now: a mistyped flag should not wait for a database engine.
    const { runPrepared } = await import("../../experiment.ts");
    const profile = options.profile ? new Profile() : undefined;
    const { report } = await runPrepared(prepared, {
      ...(profile && { profile }),
      progress: session.progress,
      notice: (text) => session.notice(text),
      signal: session.signal,
      resume: options.resume,
      command: commandText(["train", ...command.parent!.args.slice(1)]),
    });
    const [sample] = report.samples;
    const ceilings = profile && measureCeilings(await sharedDevice());
    session.result(
      profile && ceilings ? { ...report, profile: profileFigures(profile, ceilings) } : report,
      [
        reportText(report),
        ...(profile && ceilings ? [profileText(profile, ceilings)] : []),
        ...(sample ? [sampleText(sample)] : []),
        `Kept in ${prepared.experiment.output}: bundle/, report.json, report.html`,
      ].join("\n\n"),
    );
  },
};

/** A folder that no earlier run has used. */
function newRun(data: unknown, model: string, resume: boolean): string {
  if (!resume) return freshFolder(data, model);
  throw new BadInputError("usage", "--resume: say which run goes on with --out DIR");
}
