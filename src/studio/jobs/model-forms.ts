/**
 * The models' schemas as a form: groups, names, kinds, bounds and defaults.
 *
 * @module
 */

import { z } from "zod";
import { settingRows } from "../../experiment/settings.ts";
import type { ModelDefinition } from "../../models/gradient.ts";
import { models } from "../../models/registry.ts";
import {
  lossSchema,
  messageSchema,
  samplingSchema,
  similaritySchema,
  stoppingSchema,
  trainingSchema,
} from "../../models/training-schema.ts";
import type { ModelForm, Setting } from "../schemas/jobs.ts";

const fieldSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

/** Every model with the fields of its form. */
export function modelForms(): ModelForm[] {
  return models.map(({ name, title, summary, paper, kind, hyperparameters }) => {
    const { properties = {} } = z.toJSONSchema(hyperparameters, {
      io: "input",
      unrepresentable: "any",
    });
    return {
      name,
      title,
      summary,
      paper,
      hasEpochs: kind === "gradient",
      groups: grouped(
        kind,
        settingRows(hyperparameters).map((row): Setting => {
          const field = fieldSchema.parse(properties[row.name]);
          const isNumber = field.type === "number" || field.type === "integer";
          return {
            name: row.name,
            type: row.type,
            default: row.defaultValue,
            description: row.description,
            choices:
              field.type === "boolean" ? ["true", "false"] : (field.enum?.map(String) ?? null),
            number:
              isNumber && !field.enum
                ? {
                    isWhole: field.type === "integer",
                    least: bound(field.minimum),
                    most: bound(field.maximum),
                  }
                : null,
          };
        }),
      ),
    };
  });
}

/** Groups in the order of the form; what none of the shared schemas has is the model's own. */
const GROUPS = ["The model", "Training", "Loss and sampling", "Stopping"] as const;

function groupOf(kind: ModelDefinition["kind"], name: string): (typeof GROUPS)[number] {
  // A model that fits itself may have a "similarity" or a "loss", but of its own.
  if (kind !== "gradient") return "The model";
  if (name in stoppingSchema.shape) return "Stopping";
  if (name in trainingSchema.shape || name in messageSchema.shape) return "Training";
  const isDrawn = [lossSchema, samplingSchema, similaritySchema].some(({ shape }) => name in shape);
  return isDrawn ? "Loss and sampling" : "The model";
}

function grouped(kind: ModelDefinition["kind"], settings: readonly Setting[]) {
  return GROUPS.map((title) => ({
    title,
    settings: settings.filter(({ name }) => groupOf(kind, name) === title),
  })).filter(({ settings }) => settings.length > 0);
}

/** Bounds that only say "a number that JavaScript can hold" say nothing to a person. */
const bound = (value: number | undefined): number | null =>
  value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? null : value;
