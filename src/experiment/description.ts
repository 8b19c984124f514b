/**
 * An experiment as data: which interactions, how they are cut, which model, how
 * it is judged, where the result goes. `--config file.json` is exactly this
 * schema; the flags of the command line override its fields.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import { type DataOptionsInput, dataOptionsSchema } from "../data/options.ts";
import { parseSplit } from "../data/split-language.ts";
import { protocolSchema } from "../evaluation/protocols.ts";
import type { ModelDefinition } from "../models/gradient.ts";
import type { Hyperparameters } from "../models/recommender.ts";
import { findModel } from "../models/registry.ts";
import { checkedSettings } from "./settings.ts";

const evaluationSchema = z.strictObject({
  ks: z
    .array(z.int().min(1).max(100_000))
    .min(1)
    .default([10, 20])
    .describe("Where lists are cut, for instance 10,20"),
  protocol: protocolSchema
    .default("lightgcn")
    .describe("Whose definition of recall and average precision is used"),
  intervals: z.boolean().default(true).describe("95 % bootstrap intervals beside every metric"),
});

const checkpointSchema = z.strictObject({
  everyEpochs: z.int().min(1).optional().describe("Epochs between checkpoints"),
  everyMinutes: z.number().positive().default(5).describe("Minutes between checkpoints"),
  keep: z
    .boolean()
    .default(false)
    .describe("Keep the last checkpoint of a finished run, to go on later"),
});

/** One experiment. */
export const experimentSchema = z.strictObject({
  data: dataOptionsSchema.strict().describe("Which interactions, read how, filtered how"),
  split: z.string().default("default").describe("How they are cut, in the split language"),
  validation: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe(
      "Share of train that is cut off to pick the epoch; by default 0.1 for models with epochs, else 0",
    ),
  validationUsers: z
    .int()
    .min(1)
    .optional()
    .describe(
      "Most users whom the validation part judges, drawn with the seed; by default everybody in it",
    ),
  model: z.string().default("lightgcn").describe("Name of the model; see lumiere models"),
  hyperparameters: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("Settings of the model and its training; see lumiere models NAME"),
  evaluation: evaluationSchema.prefault({}).describe("How it is judged; fields below"),
  seed: z.int().min(0).max(0xffffffff).default(1).describe("Of every random choice in the run"),
  threads: z
    .int()
    .min(1)
    .max(256)
    .default(() => availableParallelism())
    .describe("Threads; the result is the same with any number"),
  checkpoint: checkpointSchema
    .prefault({})
    .describe("How often a run is written down so that it can go on; fields below"),
  output: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Folder for the bundle and the report; null = keep nothing"),
});

/** What a person writes: fields with defaults may be left out, and a bare name stands for the data. */
export type ExperimentInput = Omit<z.input<typeof experimentSchema>, "data"> & {
  readonly data: string | DataOptionsInput;
};

/** What runs: every field present. */
export type Experiment = Omit<z.output<typeof experimentSchema>, "validation"> & {
  readonly validation: number;
};

/** An experiment that is known to make sense before anything is loaded. */
export interface PreparedExperiment {
  readonly experiment: Experiment;
  readonly definition: ModelDefinition;
  readonly hyperparameters: Hyperparameters;
}

/**
 * Checks everything that can be checked without the data.
 * @param where names the source in errors: "experiment", "config.json"
 * @throws BadInputError naming the field, what was found and the nearest known name
 */
export function prepareExperiment(input: unknown, where = "experiment"): PreparedExperiment {
  const checked = checkedSettings(experimentSchema, withDataObject(input), where);
  const definition = findModel(checked.model);
  const hyperparameters = checkedSettings(
    definition.hyperparameters,
    checked.hyperparameters,
    `${where}: hyperparameters of ${definition.name}`,
  );
  parseSplit(checked.split);
  if (checked.validation === 0 && checked.validationUsers !== undefined) {
    throw new BadInputError(
      "settings",
      `${where}: validationUsers is ${checked.validationUsers}, but validation is 0, so nobody is judged: ` +
        "leave one of them out",
    );
  }
  const validation = checked.validation ?? (definition.kind === "gradient" ? 0.1 : 0);
  return { experiment: { ...checked, validation }, definition, hyperparameters };
}

/** `data: "ml-100k"` is short for `data: { data: "ml-100k" }`. */
export function withDataObject(input: unknown): unknown {
  if (typeof input !== "object" || input === null || !("data" in input)) return input;
  return typeof input.data === "string" ? { ...input, data: { data: input.data } } : input;
}
