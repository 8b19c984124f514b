/**
 * The shapes of the studio's own API, beside those of `serving/schemas.ts`, which
 * every run answers under `/runs/:run/v1/`.
 *
 * @module
 */

import { z } from "zod";
import { activityUnits } from "../data/activity.ts";
import type { ComparedModel, Comparison } from "../experiment/comparison/comparison.ts";

/** A run's folder below the runs folder, with "~" for "/". */
export const runIdSchema = z.string().min(1).max(1024);

export const runSchema = z.object({
  id: runIdSchema,
  /** Folder below the runs folder. */
  folder: z.string(),
  model: z.object({ name: z.string(), title: z.string() }),
  dataset: z.object({
    name: z.string(),
    title: z.string(),
    synthetic: z.boolean(),
    users: z.int(),
    items: z.int(),
    interactions: z.int(),
    fingerprint: z.string(),
  }),
  split: z.string(),
  seed: z.int(),
  created: z.string(),
  seconds: z.number(),
  metrics: z.record(z.string(), z.number().nullable()),
  sampled: z
    .boolean()
    .describe("whether the metrics are of ranking a few candidates a user and not all items"),
  hasBundle: z.boolean().describe("whether it can recommend"),
  hasPerUser: z.boolean().describe("whether it can be compared"),
});

export type Run = z.infer<typeof runSchema>;

export const runsAnswerSchema = z.object({
  folder: z.string().describe("the runs folder, as it was given"),
  runs: z.array(runSchema).describe("the latest first"),
  unreadable: z
    .array(z.object({ folder: z.string(), message: z.string() }))
    .describe("folders whose report cannot be read"),
});

export type RunsAnswer = z.infer<typeof runsAnswerSchema>;

export const datasetsAnswerSchema = z.object({
  datasets: z.array(
    z.object({
      name: z.string().describe("what --data takes"),
      title: z.string(),
      users: z.int(),
      items: z.int(),
      interactions: z.int().describe("as published, before filters"),
      licence: z.string(),
      homepage: z.string(),
      isHere: z.boolean().describe("whether it is on this machine"),
    }),
  ),
});

export type DatasetsAnswer = z.infer<typeof datasetsAnswerSchema>;

const wholeInQuery = z.coerce.number<string>().int().min(0).max(1_000_000).optional();

/** Filters of `dataOptionsSchema`, as an address writes them. */
export const statisticsQuerySchema = z.strictObject({
  minRating: z.coerce.number<string>().optional(),
  kCore: wholeInQuery,
});

const counts = z.array(z.int());

const degreesSchema = z.object({
  mean: z.number(),
  quartiles: z.array(z.number()).length(5).readonly().describe("least, lower, median, upper, most"),
  bins: z
    .array(z.object({ from: z.int(), to: z.int(), nodes: z.int() }))
    .readonly()
    .describe("nodes with from … to interactions"),
});

export const portraitSchema = z.object({
  name: z.string(),
  title: z.string(),
  source: z.string(),
  licence: z.string().nullable(),
  synthetic: z.boolean(),
  filterNotes: z.array(z.string()),
  users: z.int(),
  items: z.int(),
  interactions: z.int(),
  density: z.number(),
  itemGini: z.number(),
  timeRange: z.object({ first: z.number(), last: z.number() }).nullable(),
  valueHistogram: z
    .array(z.object({ from: z.number(), to: z.number(), count: z.int() }))
    .nullable(),
  perUser: degreesSchema,
  perItem: degreesSchema,
  activity: z
    .object({
      unit: z.enum(activityUnits),
      bins: z.array(z.object({ from: z.number(), count: z.int() })).readonly(),
      untimed: z.int(),
    })
    .nullable(),
  adjacency: z
    .object({ rows: z.int(), columns: z.int(), byId: counts, byDegree: counts })
    .describe("R of (0 R; Rᵀ 0) in rows × columns cells, each the interactions in it"),
  sampling: z
    .object({
      seed: z.int(),
      pairs: z.int().describe("of an epoch"),
      drawn: z.int().describe("of them, for each way of sampling"),
      items: counts.describe("in each decile of popularity, the most popular first"),
      positives: z.object({ interaction: counts, user: counts }),
      negatives: z.array(z.object({ exponent: z.number(), draws: counts })),
    })
    .nullable()
    .describe("null where nobody leaves an item unseen"),
});

export type Portrait = z.infer<typeof portraitSchema>;

export const statisticsAnswerSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("ready"), portrait: portraitSchema }),
  z.object({
    state: z.literal("working").describe("ask again"),
    stage: z.string(),
    done: z.number(),
    total: z.number().nullable(),
  }),
]);

export type StatisticsAnswer = z.infer<typeof statisticsAnswerSchema>;

const coordinates = { x: z.array(z.number()), y: z.array(z.number()) };

export const mapAnswerSchema = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("no-embeddings").describe("the model has no vector for each item"),
    model: z.string(),
  }),
  z.object({
    state: z.literal("ready"),
    model: z.string(),
    width: z.int().describe("of the vectors that are laid out"),
    shares: z.array(z.number()).describe("of the items' variance along x and along y"),
    genreNames: z.array(z.string()),
    itemCount: z.int().describe("in all"),
    userCount: z.int().describe("in all"),
    items: z
      .object({
        ids: z.array(z.string()),
        titles: z.array(z.string().nullable()).nullable(),
        years: z.array(z.int().nullable()).nullable(),
        genres: z.array(z.array(z.int())).nullable().describe("places in genreNames"),
        popularity: z.array(z.int()).describe("training users"),
        ...coordinates,
      })
      .describe("the most popular first, at most 100,000"),
    users: z
      .object({ ids: z.array(z.string()), activity: z.array(z.int()), ...coordinates })
      .describe("the most active first, at most 100,000"),
  }),
]);

export type MapAnswer = z.infer<typeof mapAnswerSchema>;

export const vectorsQuerySchema = z.strictObject({
  count: z.coerce.number<string>().int().min(2).max(20_000).default(5000),
});

export const vectorsAnswerSchema = z.object({
  count: z.int(),
  width: z.int(),
  base64: z.string().describe("count × width 32-bit floats, little endian, each row of length 1"),
});

export type VectorsAnswer = z.infer<typeof vectorsAnswerSchema>;

export const comparisonQuerySchema = z.strictObject({
  runs: z.string().min(1).max(20_000).describe("ids of runs, with commas"),
  metric: z.string().max(100).optional().describe("orders the leaderboard; default: ndcg at most"),
  baseline: z.string().max(1100).optional().describe("label of whom the others are tested against"),
});

export const comparisonAnswerSchema = z.object({
  comparison: z.looseObject({}).describe("as comparison.json of lumiere compare"),
  markdown: z.string(),
  csv: z.string(),
});

export type { ComparedModel, Comparison };

export type ComparisonAnswer = z.infer<typeof comparisonAnswerSchema> & {
  readonly comparison: Comparison;
};
