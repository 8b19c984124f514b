/**
 * Where a hyperparameter is worth searching, which is narrower than where it is
 * allowed, and beside which others it matters at all. Both stand in the schema as metadata
 * of the field, before its default, so that a field restated with another default keeps
 * them, and in the JSON Schema of the model as `search` and `mattersWith`:
 *
 *     z.number().positive().max(10)
 *       .meta({ ...searchRange(0.01, 2, { log: true }), ...mattersWith({ loss: ["max-margin"] }) })
 *       .default(1)
 *
 * `lumiere tune` searches the fields that have a range, and no others unless asked to.
 *
 * @module
 */

import { z } from "zod";

const settingSchema = z.union([z.string(), z.number(), z.boolean()]);

/** One value of a hyperparameter that can be searched. */
export type Setting = z.infer<typeof settingSchema>;

const conditionSchema = z.record(z.string(), z.array(settingSchema).readonly()).readonly();

/**
 * Values of other hyperparameters with which this one matters: one of each list. A model without
 * such a hyperparameter meets the condition.
 */
export type Condition = z.infer<typeof conditionSchema>;

export const searchRangeSchema = z.union([
  z.strictObject({
    low: z.number(),
    high: z.number(),
    /** Orders of magnitude matter, not differences. */
    log: z.boolean().default(false),
  }),
  z.strictObject({ choices: z.array(settingSchema).min(1) }),
]);

/** Numbers between two bounds, both included, or some values. */
export type SearchRange = z.infer<typeof searchRangeSchema>;

/** Metadata: numbers from low to high. */
export function searchRange(
  low: number,
  high: number,
  { log = false }: { readonly log?: boolean } = {},
): { readonly search: SearchRange } {
  return { search: { low, high, log } };
}

/** Metadata: one of some values. */
export function searchChoices(choices: readonly Setting[]): { readonly search: SearchRange } {
  return { search: { choices: [...choices] } };
}

/** Metadata: the values of others beside which the field changes anything. */
export function mattersWith(condition: Condition): { readonly mattersWith: Condition } {
  return { mattersWith: condition };
}

/** Where a field says that it is worth searching; null where it says nothing. */
export function searchRangeOf(field: z.ZodType): SearchRange | null {
  const { search } = metadataOf(field);
  return search === undefined ? null : searchRangeSchema.parse(search);
}

/** Beside which values of others a field matters; null = always. */
export function conditionOf(field: z.ZodType): Condition | null {
  return conditionSchema.nullable().parse(metadataOf(field).mattersWith ?? null);
}

/** "loss=ssm or bsl, and negatives=popularity" */
export function conditionText(condition: Condition): string {
  return Object.entries(condition)
    .map(([name, values]) => `${name}=${values.join(" or ")}`)
    .join(", and ");
}

/** Metadata of a field, also behind its default. */
function metadataOf(field: z.ZodType): Readonly<Record<string, unknown>> {
  const own = field.meta() ?? {};
  const inner = field instanceof z.ZodDefault ? field.unwrap() : null;
  return inner instanceof z.ZodType ? { ...metadataOf(inner), ...own } : own;
}
