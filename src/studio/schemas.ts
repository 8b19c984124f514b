/**
 * The shapes of the studio's own API, beside those of `serving/schemas.ts`, which
 * every run answers under `/runs/:run/v1/`.
 *
 * @module
 */

import { z } from "zod";

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
