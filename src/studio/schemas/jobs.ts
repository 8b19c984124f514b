/**
 * Trainings that the studio starts: what they take and how they stand.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { parseSplit } from "../../data/split-language.ts";
import { readSetting } from "../../experiment/settings.ts";
import { findModel } from "../../models/registry.ts";

/** The name of a run's folder: one part of a path, nothing hidden. */
export const runNameSchema = z
  .string()
  .max(80)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u,
    "begin with a letter or digit, then letters, digits, spaces, dots, hyphens or underscores",
  )
  // The runs folder is looked through for reports everywhere but in bundles.
  .refine((name) => name !== "bundle", "is the name of a run's model; choose another")
  .describe("folder of the run, below the runs folder");

export const modelFormsSchema = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      summary: z.string(),
      paper: z.string().nullable(),
      hasEpochs: z.boolean(),
      groups: z
        .array(
          z.object({
            title: z.string(),
            settings: z.array(
              z.object({
                name: z.string(),
                type: z.string().describe('as lumiere models says it: "integer ≥ 1"'),
                default: z.string().nullable().describe("as it would be written"),
                description: z.string(),
                choices: z.array(z.string()).nullable().describe("where it is one of a few"),
                number: z
                  .object({
                    isWhole: z.boolean(),
                    least: z.number().nullable(),
                    most: z.number().nullable(),
                  })
                  .nullable()
                  .describe("where it is a number"),
              }),
            ),
          }),
        )
        .describe("what belongs together, the model's own first"),
    }),
  ),
});

export type ModelForms = z.infer<typeof modelFormsSchema>;
export type ModelForm = ModelForms["models"][number];
export type Setting = ModelForm["groups"][number]["settings"][number];

/** Lets through what the library can read, and passes on why it cannot. */
const readBy = (read: (text: string) => unknown) => (text: string, context: z.RefinementCtx) => {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    context.addIssue(error.message);
  }
};

const modelSchema = z.string().min(1).max(100).superRefine(readBy(findModel));
const settingsSchema = z
  .record(z.string().max(100), z.string().max(1000))
  .default({})
  .describe("those that differ from the defaults, as --set takes them");
const modelAndSettings = z.object({ model: modelSchema, settings: settingsSchema });

const orderSchema = z.strictObject({
  name: runNameSchema,
  data: z.string().min(1).max(10_000).describe("as lumiere train --data takes it"),
  minRating: z.number().optional(),
  kCore: z.int().min(0).max(1000).optional(),
  split: z.string().min(1).max(200).superRefine(readBy(parseSplit)).default("default"),
  model: modelSchema,
  settings: settingsSchema,
  seed: z.int().min(0).max(0xffffffff).default(1),
});

/** Names every field that is wrong, also a setting where another field is wrong. */
export const newJobSchema = orderSchema.superRefine(
  ({ model, settings }, context) => {
    const { hyperparameters } = findModel(model);
    for (const [name, text] of Object.entries(settings)) {
      const read = readSetting(hyperparameters, name, text);
      if ("complaint" in read) {
        context.addIssue({ code: "custom", path: ["settings", name], message: read.complaint });
      }
    }
  },
  { when: ({ value }) => modelAndSettings.safeParse(value).success },
);

export type NewJob = z.input<typeof newJobSchema>;

export const jobSchema = z.object({
  name: z.string(),
  state: z.enum(["waiting", "running", "stopping", "stopped", "failed", "done"]),
  model: z.string(),
  data: z.string(),
  progress: z
    .object({ stage: z.string(), done: z.number(), total: z.number().nullable(), unit: z.string() })
    .nullable(),
  /** Seconds that this stage has left, as far as its pace tells; null = not known. */
  secondsLeft: z.number().nullable(),
  curve: z
    .array(z.object({ epoch: z.number(), figures: z.record(z.string(), z.number()) }))
    .describe("one point an epoch that was seen"),
  sampled: z
    .boolean()
    .describe("whether the curve's metric is of ranking a few candidates a user and not all items"),
  notices: z.array(z.string()),
  error: z.string().nullable(),
  canResume: z.boolean(),
});

export type Job = z.infer<typeof jobSchema>;

export const jobsAnswerSchema = z.object({
  jobs: z.array(jobSchema).describe("the latest first"),
});

export type JobsAnswer = z.infer<typeof jobsAnswerSchema>;
