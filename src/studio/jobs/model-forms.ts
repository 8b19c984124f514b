/**
 * The models' schemas as a form: names, kinds, bounds and defaults.
 *
 * @module
 */

import { z } from "zod";
import { settingRows } from "../../experiment/settings.ts";
import { models } from "../../models/registry.ts";
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
      settings: settingRows(hyperparameters).map((row): Setting => {
        const field = fieldSchema.parse(properties[row.name]);
        const isNumber = field.type === "number" || field.type === "integer";
        return {
          name: row.name,
          type: row.type,
          default: row.defaultValue,
          description: row.description,
          choices: field.type === "boolean" ? ["true", "false"] : (field.enum?.map(String) ?? null),
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
    };
  });
}

/** Bounds that only say "a number that JavaScript can hold" say nothing to a person. */
const bound = (value: number | undefined): number | null =>
  value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? null : value;
