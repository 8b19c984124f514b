/**
 * `lumiere tune`: search for a model's hyperparameters on the validation part.
 *
 * @module
 */

import type { Command } from "commander";
import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { dataOptionsSchema } from "../../data/options.ts";
import type { ExperimentInput } from "../../experiment/description.ts";
import { settingsFromText } from "../../experiment/settings.ts";
import {
  type PreparedTuning,
  prepareTuning,
  searchMethods,
  tuningSchema,
} from "../../experiment/tune/description.ts";
import { spaceFromText } from "../../experiment/tune/space-text.ts";
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
import { flagsFor } from "../schema-options.ts";
import { trialText, tuningText } from "../tuning-text.ts";

const optionsSchema = z.object({
  model: z.string().optional(),
  epochs: z.string().optional(),
  set: z.array(z.string()).default([]),
  space: z.array(z.string()).default([]),
  method: z.string().optional(),
  trials: z.string().optional(),
  reduction: z.string().optional(),
  metric: z.string().optional(),
  protocol: z.string().optional(),
  out: z.string().optional(),
  resume: z.boolean().default(false),
});

export const tune: CommandDefinition = {
  configure(command) {
    addDataFlags(command);
    addValidationUsers(command);
    command
      .option("--model <name>", "which model; lumiere models lists them (default: lightgcn)")
      .option(
        "--space <key=range>",
        "search this setting: key=low..high, key=low..high:log, key=a,b,c, or key alone for all it allows, up to a span of 100; over what the model suggests, any number of times",
        several,
      )
      .option("--set <key=value>", "fix this setting, any number of times", several)
      .option("--epochs <number>", "most passes over the data; short for --set epochs=…")
      .option("--method <name>", `${Object.keys(searchMethods).join(", ")} (default: tpe)`)
      .option("--trials <number>", "how many; with halving, settings to start with (default: 30)")
      .option("--reduction <number>", "halving goes on with one setting in so many (default: 3)")
      .option(
        "--metric <name>",
        "recall, precision, ndcg, hr, mrr or map at a list length, of the validation part, maximised (default: ndcg@20)",
      )
      .option("--protocol <name>", "lightgcn, mult-vae or microsoft (default: lightgcn)")
      .option("--config <file>", "a search as JSON; flags override its fields")
      .option("--out <dir>", "where trials and report go (default: a new folder in lumiere-runs)")
      .option("--resume", "go on with the trials in --out")
      .addHelpText(
        "after",
        [
          splitHelp(),
          "",
          "Methods:",
          ...Object.entries(searchMethods).map(([name, does]) => `  ${name.padEnd(8)} ${does}`),
          "",
          "Trials are judged on the validation part (--validation, default 0.1); test is never looked at.",
          "",
          "Examples:",
          "  $ lumiere tune --data ml-100k --model bpr --trials 40 --out runs/tuned",
          "  $ lumiere tune --data ml-100k --model lightgcn --method halving --trials 27 --epochs 270",
          "  $ lumiere tune --data gowalla --model gf-cf --space alpha=0..1 --set width=256 --metric recall@20 --validation-users 3000",
          "  $ lumiere tune --data ml-100k --model bpr --trials 80 --out runs/tuned --resume",
        ].join("\n"),
      );
  },

  async run(session, command) {
    const { resume } = optionsSchema.parse(command.opts());
    const prepared = prepare(command);
    const { requireBest, runTuning } = await import("../../experiment/tune/run-tuning.ts");
    const tuning = await runTuning(prepared, {
      progress: session.progress,
      notice: (text) => session.notice(text),
      signal: session.signal,
      resume,
      finished: (trial, best, judged) => session.notice(trialText(trial, best, judged)),
      command: commandText(["tune", ...command.parent!.args.slice(1)]),
      trainCommand,
    });
    requireBest(tuning);
    session.result(tuning, tuningText(tuning));
  },
};

function prepare(command: Command): PreparedTuning {
  const options = optionsSchema.parse(command.opts());
  const raw: Readonly<Record<string, unknown>> = rawExperiment(command);
  const model = options.model ?? (typeof raw.model === "string" ? raw.model : "lightgcn");
  const schema = findModel(model).hyperparameters;
  if (options.resume && options.out === undefined && raw.output === undefined) {
    throw new BadInputError("usage", "--resume: say which search goes on with --out DIR");
  }
  const assignments = [
    ...(options.epochs === undefined ? [] : [`epochs=${options.epochs}`]),
    ...options.set,
  ];
  return prepareTuning(
    {
      ...raw,
      model,
      hyperparameters: {
        ...record(raw.hyperparameters),
        ...settingsFromText(schema, assignments, "--set"),
      },
      space: { ...record(raw.space), ...spaceFromText(schema, options.space) },
      ...(options.method !== undefined && { method: options.method }),
      ...(options.trials !== undefined && { trials: number("--trials", options.trials) }),
      ...(options.reduction !== undefined && {
        reduction: number("--reduction", options.reduction),
      }),
      ...(options.metric !== undefined && { metric: options.metric }),
      ...(options.protocol !== undefined && { protocol: options.protocol }),
      output: options.out ?? raw.output ?? freshFolder(raw.data, `${model}-tuned`),
    },
    "tune",
  );
}

/** A training run as it would be typed. */
function trainCommand({
  data,
  hyperparameters = {},
  evaluation,
  ...shared
}: ExperimentInput): string {
  const { model, split, validation, validationUsers, seed } = shared;
  const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const defaults = tuningSchema.shape;
  return commandText([
    "train",
    ...flagsFor(dataOptionsSchema, typeof data === "string" ? { data } : data),
    ...["--model", model ?? "lightgcn"],
    ...flagsFor(z.object({ split: defaults.split, seed: defaults.seed }), { split, seed }),
    // The share by default is the one that searches have by default.
    ...flagsFor(
      z.object({ validation: defaults.validation, validationUsers: defaults.validationUsers }),
      { validation, validationUsers },
    ),
    ...(evaluation?.ks === undefined ? [] : ["--k", evaluation.ks.join(",")]),
    ...(evaluation?.protocol === undefined ? [] : ["--protocol", evaluation.protocol]),
    ...Object.entries(hyperparameters).flatMap(([name, value]) => [
      "--set",
      `${name}=${shown(value)}`,
    ]),
  ]);
}
