/**
 * The shapes of the studio's look-ups: users and items of a run.
 *
 * @module
 */

import { z } from "zod";

/** Most users or items that one look-up names. */
export const MOST_FOUND = 50;

const found = {
  total: z.int().describe("how many the run has"),
  matching: z.int().describe("how many answer the search; the first are named"),
};

const searchQuery = {
  search: z.string().max(200).default("").describe("what a person typed; empty: all"),
  limit: z.coerce.number<string>().int().min(1).max(MOST_FOUND).default(12),
};

export const userSearchSchema = z.strictObject({
  ...searchQuery,
  at: z.coerce
    .number<string>()
    .int()
    .min(0)
    .optional()
    .describe("instead of a search: the users from this position on"),
});

export const usersAnswerSchema = z.object({
  ...found,
  users: z.array(z.object({ user: z.string(), items: z.int().describe("of the training data") })),
});

export type UsersAnswer = z.infer<typeof usersAnswerSchema>;

export const itemSearchSchema = z.strictObject({
  ...searchQuery,
  ids: z
    .string()
    .max(20_000)
    .optional()
    .describe(
      "instead of a search: these items, each id percent-encoded, with commas between them; unknown ones are left out",
    ),
});

export const foundItemSchema = z.object({
  item: z.string(),
  title: z.string().nullable(),
  year: z.int().nullable(),
  genres: z.array(z.string()),
  users: z.int().describe("of the training data"),
});

export type FoundItem = z.infer<typeof foundItemSchema>;

export const itemsAnswerSchema = z.object({
  ...found,
  items: z.array(foundItemSchema).describe("without a search the most popular first"),
});

export type ItemsAnswer = z.infer<typeof itemsAnswerSchema>;

export const catalogueAnswerSchema = z.object({
  users: z.int(),
  items: z.int(),
  genres: z
    .array(z.object({ name: z.string(), items: z.int() }))
    .describe("the one with the most items first; at most 100"),
  years: z.object({ from: z.int(), to: z.int() }).nullable(),
});

export type CatalogueAnswer = z.infer<typeof catalogueAnswerSchema>;
