/**
 * The flags that describe an experiment, shared by every command that reads
 * data, and how they override a config file.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import { dataOptionsSchema } from "../data/options.ts";
import { splitForms } from "../data/split-language.ts";
import type { ExperimentInput } from "../experiment/description.ts";
import { checkedSettings } from "../experiment/settings.ts";
import { addSchemaOptions, optionsGiven } from "./schema-options.ts";

/** Adds the data flags, `--split`, `--validation`, `--seed` and `--threads`. */
export function addDataFlags(command: Command): void {
  command.optionsGroup("Data:");
  addSchemaOptions(command, dataOptionsSchema);
  command
    .optionsGroup("Run:")
    .option(
      "--split <split>",
      "how the data are cut, in the split language below (default: default)",
    )
    .option(
      "--validation <share>",
      "share of train that is cut off to pick the epoch, 0 = none (train: 0.1 for models with epochs, else 0; split: 0)",
    )
    .option("--seed <number>", "of every random choice (default: 1)")
    .option(
      "--threads <number>",
      "threads; the result is the same with any number (default: one a core)",
    );
}

/** Adds `--validation-users`, for commands that judge a model on the validation part. */
export function addValidationUsers(command: Command): void {
  command.option(
    "--validation-users <number>",
    "judge the validation part on at most so many users, drawn with the seed (default: everybody in it)",
  );
}

/** The split language, for the end of a help text. */
export function splitHelp(): string {
  const width = Math.max(...splitForms.map(({ form }) => form.length));
  return [
    "",
    "Splits:",
    ...splitForms.map(({ form, meaning }) => `  ${form.padEnd(width)}  ${meaning}`),
  ].join("\n");
}

const flagsSchema = z.object({
  split: z.string().optional(),
  validation: z.string().optional(),
  validationUsers: z.string().optional(),
  seed: z.string().optional(),
  threads: z.string().optional(),
  config: z.string().optional(),
});

/** An experiment as a config file or flags give it, not yet checked. */
export type RawExperiment = Partial<Record<keyof ExperimentInput, unknown>>;

const fields = z.record(z.string(), z.unknown());

/**
 * The fields of a config file that flags add to. Of another type they could not be added to, and
 * would be gone before the schema of the whole sees them.
 */
const extensibleFields = z.object({
  data: z
    .union([z.string(), fields], "expected a name, a path or an object of data options")
    .optional(),
  model: z.string().optional(),
  hyperparameters: fields.optional(),
  space: fields.optional(),
  evaluation: fields.optional(),
  checkpoint: fields.optional(),
});

/** The config file, where there is one, with the data flags and the common flags over it. */
export function rawExperiment(command: Command): RawExperiment {
  const flags = flagsSchema.parse(command.opts());
  const config = flags.config === undefined ? {} : readConfig(flags.config);
  const configured = typeof config.data === "string" ? { data: config.data } : record(config.data);
  const data = { ...configured, ...optionsGiven(command, dataOptionsSchema) };
  if (!("data" in data)) {
    throw new BadInputError(
      "usage",
      "which data? pass --data NAME, PATH, URL or SQL; lumiere datasets lists the names",
    );
  }
  return {
    ...config,
    data,
    ...(flags.split !== undefined && { split: flags.split }),
    ...(flags.validation !== undefined && { validation: number("--validation", flags.validation) }),
    ...(flags.validationUsers !== undefined && {
      validationUsers: number("--validation-users", flags.validationUsers),
    }),
    ...(flags.seed !== undefined && { seed: number("--seed", flags.seed) }),
    ...(flags.threads !== undefined && { threads: number("--threads", flags.threads) }),
  };
}

/** An object's fields; none where a config file leaves it out. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function readConfig(path: string): Record<string, unknown> {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BadInputError(
      "config",
      `--config ${path}: ${reason}; expected a JSON file with the fields of docs/cli.md`,
    );
  }
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    throw new BadInputError("config", `--config ${path}: expected a JSON object { … } at the top`);
  }
  const extended = Object.entries(raw).filter(([name]) => name in extensibleFields.shape);
  checkedSettings(extensibleFields, Object.fromEntries(extended), `--config ${path}`);
  return { ...raw };
}

/** A number as typed; its bounds are the schema's business. */
export function number(flag: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new BadInputError("usage", `${flag} ${text}: expected a number`);
}
