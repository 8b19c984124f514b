/**
 * Where a hyperparameter is worth searching, which is narrower than where it is
 * allowed. It stands in the schema as metadata of the field, before its default,
 * so that a field restated with another default keeps it, and in the JSON Schema
 * of the model as `search`:
 *
 *     z.number().positive().max(10).meta(searchRange(1e-4, 0.1, { log: true })).default(0.001)
 *
 * `lumiere tune` searches the fields that have it, and no others unless asked to.
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
export type SearchCondition = z.infer<typeof conditionSchema>;

export const searchRangeSchema = z.union([
  z.strictObject({
    low: z.number(),
    high: z.number(),
    /** Orders of magnitude matter, not differences. */
    log: z.boolean().default(false),
    when: conditionSchema.optional(),
  }),
  z.strictObject({ choices: z.array(settingSchema).min(1), when: conditionSchema.optional() }),
]);

/** Numbers between two bounds, both included, or some values. */
export type SearchRange = z.infer<typeof searchRangeSchema>;

/** Metadata: numbers from low to high. */
export function searchRange(
  low: number,
  high: number,
  { log = false, when }: { readonly log?: boolean; readonly when?: SearchCondition } = {},
): { readonly search: SearchRange } {
  return { search: { low, high, log, ...(when && { when }) } };
}

/** Metadata: one of some values. */
export function searchChoices(
  choices: readonly Setting[],
  { when }: { readonly when?: SearchCondition } = {},
): { readonly search: SearchRange } {
  return { search: { choices: [...choices], ...(when && { when }) } };
}

/** Where a field says that it is worth searching; null where it says nothing. */
export function searchRangeOf(field: z.ZodType): SearchRange | null {
  const { search } = metadataOf(field);
  return search === undefined ? null : searchRangeSchema.parse(search);
}

/** Metadata of a field, also behind its default. */
function metadataOf(field: z.ZodType): Readonly<Record<string, unknown>> {
  const own = field.meta() ?? {};
  if (own.search !== undefined || !(field instanceof z.ZodDefault)) return own;
  const inner = field.unwrap();
  return inner instanceof z.ZodType ? metadataOf(inner) : own;
}
