/**
 * The shapes of requests and answers: validation, types and the OpenAPI
 * description all come from here.
 *
 * @module
 */

import { z } from "zod";

/** Longest list that one answer holds. */
export const MOST_RECOMMENDED = 500;

/** Most items that a request names in one field. */
const MOST_NAMED = 10_000;

/** Parts of a score that an explanation names. */
export const MOST_PARTS = 50;

/** Most items of a history that a request brings along: as many as stored events count. */
const MOST_LIKED = 1000;

/** Longest list with explanations, each of which names a whole history. */
const MOST_EXPLAINED = 100;

/** Longest page token. */
export const MOST_TOKEN = 400_000;

/** Most events of one batch. */
export const MOST_EVENTS = 1000;

/** Ids of the outside world: no control characters, no half of a surrogate pair. */
export const idSchema = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u, "control characters and lone surrogates are not allowed");

const itemIds = z.array(idSchema).max(MOST_NAMED);
const likedIds = z.array(idSchema).max(MOST_LIKED);
const genre = z.string().min(1).max(100);

export const conditionsSchema = z
  .strictObject({
    genre: z
      .strictObject({
        any: z.array(genre).min(1).max(100).optional().describe("at least one of these"),
        all: z.array(genre).min(1).max(100).optional().describe("every one of these"),
        none: z.array(genre).min(1).max(100).optional().describe("none of these"),
      })
      .optional()
      .describe("genres, in any case of letters"),
    year: z
      .strictObject({
        from: z.int().min(-10_000).max(10_000).optional(),
        to: z.int().min(-10_000).max(10_000).optional(),
      })
      .optional()
      .describe("bounds, both included; an item without a year does not pass"),
    available: z
      .boolean()
      .optional()
      .describe("true (as without it): items to be had; false: only those that are not"),
  })
  .describe("items have to meet all conditions");

export type Conditions = z.infer<typeof conditionsSchema>;

export const recommendationRequestSchema = z
  .strictObject({
    user: idSchema.optional().describe("whose stored events and training items count"),
    history: likedIds.optional().describe("items that the person liked, beside what is stored"),
    session: likedIds.optional().describe("items of the current visit; they count as the history"),
    k: z.int().min(1).max(MOST_RECOMMENDED).default(10).describe("length of the list"),
    exclude: itemIds.optional().describe("never these items"),
    allow: itemIds.min(1).optional().describe("only these items"),
    filter: conditionsSchema.optional(),
    includeSeen: z
      .boolean()
      .default(false)
      .describe("whether items that the person knows may come again"),
    diversity: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe("0 orders by score alone, 1 by difference from the items before (MMR)"),
    explain: z
      .boolean()
      .default(false)
      .describe(`whether to say what carried each score; k is at most ${MOST_EXPLAINED} then`),
    page: z
      .string()
      .min(1)
      .max(MOST_TOKEN)
      .optional()
      .describe("`next` of the answer before, with an otherwise equal request"),
  })
  .refine(({ explain, k }) => !explain || k <= MOST_EXPLAINED, {
    path: ["k"],
    message: `at most ${MOST_EXPLAINED} items can be explained at once`,
  });

export type RecommendationRequest = z.infer<typeof recommendationRequestSchema>;

const namedItem = { item: z.string(), title: z.string().nullable() };

export const explanationSchema = z.object({
  basis: z
    .enum(["messages", "item-weights", "least-squares", "neighbours"])
    .nullable()
    .describe(
      "what the shares are (docs/explanations.md); null: the model cannot tell, and parts is empty",
    ),
  parts: z
    .array(z.object({ ...namedItem, share: z.number() }))
    .max(MOST_PARTS)
    .describe("what items of the history added to the score, the most first"),
  others: z
    .object({ items: z.int(), share: z.number() })
    .describe("the items of the history that parts does not name, together"),
  remainder: z
    .number()
    .describe("score − Σ shares: the part of a trained user's own vector; rounding after fold-in"),
  popularity: z.number().describe("share of the training users who interacted with the item"),
  popularityShare: z
    .number()
    .nullable()
    .describe(
      "the part of the item's lead over the person's average item that its popularity alone would give",
    ),
  paths: z
    .array(
      z.object({
        by: z.object(namedItem).describe("an item of the history"),
        user: z
          .string()
          .nullable()
          .describe("somebody who has both items in training; null where the server names nobody"),
        weight: z.number(),
      }),
    )
    .describe("the strongest walks user – item – user – item in the training data"),
});

export type ExplanationAnswer = z.infer<typeof explanationSchema>;

export const recommendedItemSchema = z.object({
  rank: z.int().min(1),
  ...namedItem,
  year: z.int().nullable(),
  genres: z.array(z.string()),
  score: z.number(),
  explanation: explanationSchema.optional(),
});

export type RecommendedItem = z.infer<typeof recommendedItemSchema>;

export const recommendationAnswerSchema = z.object({
  attribution: z.uuid().describe("name it in events that follow from this list"),
  model: z.string().describe("id of the model that answered"),
  routing: z
    .enum(["trained", "fold-in", "popularity"])
    .describe(
      "a vector from training; one made now from training items, events and history; or, for somebody of whom nothing is known, what most people chose",
    ),
  items: z.array(recommendedItemSchema),
  unknownItems: z
    .array(z.string())
    .describe("items of history, session and allow that the model does not know"),
  shortfall: z
    .object({ missing: z.int().min(1), reason: z.string() })
    .nullable()
    .describe("why there are fewer than k items"),
  next: z
    .string()
    .nullable()
    .describe(
      "page token for more; null where nothing is left, or more was shown than a token remembers (2,000 items)",
    ),
});

export type RecommendationAnswer = z.infer<typeof recommendationAnswerSchema>;

export const eventSchema = z.strictObject({
  id: idSchema.optional().describe("makes sending the event again harmless"),
  user: idSchema,
  item: idSchema,
  value: z
    .number()
    .min(-1e9)
    .max(1e9)
    .default(1)
    .describe("rating or weight; 0 or less: known but not liked"),
  time: z.number().min(0).max(1e11).optional().describe("Unix time in seconds; default: now"),
  attribution: z.uuid().optional().describe("of the list that led to the event"),
});

export const eventBatchSchema = z.strictObject({
  events: z.array(eventSchema).min(1).max(MOST_EVENTS),
});

export const eventAnswerSchema = z.object({
  accepted: z.int().describe("events that are now on the disk"),
  duplicates: z.int().describe("events whose id was there before; they changed nothing"),
  unknownItems: z
    .array(z.string())
    .describe("kept, but neither the model nor the catalogue knows these items"),
});

export const forgottenSchema = z.object({
  events: z.int().describe("events that were deleted"),
});

export const itemFieldsSchema = z.strictObject({
  title: z.string().max(1000).nullable().default(null),
  genres: z.array(genre).max(100).default([]),
  year: z.int().min(-10_000).max(10_000).nullable().default(null),
  available: z.boolean().default(true),
});

export type ItemFields = z.infer<typeof itemFieldsSchema>;

export const itemSchema = z.object({
  id: z.string(),
  ...itemFieldsSchema.shape,
  inModel: z.boolean().describe("whether the model can recommend it"),
});

export const similarQuerySchema = z.strictObject({
  k: z.coerce.number<string>().int().min(1).max(MOST_RECOMMENDED).default(10),
});

export const similarAnswerSchema = z.object({
  of: z.object(namedItem),
  measure: z.enum(["embeddings", "co-occurrence"]),
  items: z.array(
    z.object({ rank: z.int(), ...namedItem, similarity: z.number().describe("cosine") }),
  ),
});

export const historyQuerySchema = z.strictObject({
  limit: z.coerce.number<string>().int().min(1).max(1000).default(100),
});

export const historyAnswerSchema = z.object({
  user: z.string(),
  inModel: z.boolean().describe("whether the person was in training"),
  training: z.array(z.object(namedItem)).describe("items of the training data"),
  events: z
    .array(
      z.object({
        ...namedItem,
        id: z.string().nullable(),
        value: z.number(),
        time: z.number(),
        attribution: z.string().nullable(),
      }),
    )
    .describe("the latest first"),
});

const modelSchema = z.object({
  id: z.string().describe("the first 12 digits of the SHA-256 of its file"),
  name: z.string(),
  title: z.string(),
  created: z.string(),
  loaded: z.string(),
  dataset: z.string(),
  users: z.int(),
  items: z.int(),
  metrics: z.record(z.string(), z.number().nullable()),
  sampled: z
    .boolean()
    .describe("whether the metrics are of ranking a few candidates a user and not all items"),
  index: z.string().nullable().describe("kind of the retrieval index; null: every item is scored"),
});

export type ModelAnswer = z.infer<typeof modelSchema>;

export const modelsAnswerSchema = z.object({
  current: modelSchema,
  lastFailure: z
    .object({ time: z.string(), code: z.string(), message: z.string() })
    .nullable()
    .describe("the last bundle that could not be loaded, since the current one was"),
});

export const reloadAnswerSchema = z.object({
  changed: z.boolean(),
  previous: z.string(),
  current: modelSchema,
});

export const healthSchema = z.object({ status: z.literal("ok") });
export const readySchema = z.object({ status: z.literal("ready"), model: z.string() });
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  instance: z.string(),
  fields: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
