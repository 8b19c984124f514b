/**
 * The manifest of a bundle: what the model is, what it was trained on, how good
 * it was, and which files with which checksums belong to it.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import { dataOptionsSchema } from "../data/options.ts";

/** Raised when a change makes older programs misread a bundle. */
export const FORMAT_VERSION = 1;

const count = z.int().min(0);
const figures = z.record(z.string(), z.number().nullable());

/** The files of a bundle beside the manifest. */
export const bundleFiles = [
  "model.safetensors",
  "users.safetensors",
  "items.safetensors",
  "seen.safetensors",
  "held-out.safetensors",
] as const;

export type BundleFile = (typeof bundleFiles)[number];

export const manifestSchema = z.object({
  format: z.literal("lumiere-bundle"),
  formatVersion: z.literal(FORMAT_VERSION),
  /** ISO 8601, UTC. */
  created: z.iso.datetime(),
  model: z.object({ name: z.string(), title: z.string() }),
  hyperparameters: z.record(z.string(), z.json()),
  dataset: z.object({
    name: z.string(),
    source: z.string(),
    licence: z.string().nullable(),
    /** True for data that Lumière made up. */
    synthetic: z.boolean(),
    users: count,
    items: count,
    interactions: count,
    fingerprint: z.string(),
    filterNotes: z.array(z.string()),
  }),
  split: z.object({
    specification: z.string(),
    description: z.string(),
    /** Share of train that was cut off for validation; 0 = none. */
    validation: z.number().min(0).lt(1),
    warnings: z.array(z.string()),
    train: count,
    validationInteractions: count,
    /** Users of the sample that validation judged; absent = everybody in it. */
    validationUsers: count.optional(),
    test: count,
  }),
  /** Which interactions, read how, filtered how; absent where that holds secrets or a program brought them. */
  data: dataOptionsSchema.optional(),
  /** Of a bundle that `lumiere retrain` made: from what, and how it was judged before. */
  retraining: z
    .object({
      /** The model that it took the place of, and events of the store that it was trained with. */
      previous: z.string(),
      events: count,
      /** Null where nothing could be judged, and it was forced. */
      judgement: z
        .object({
          metric: z.string(),
          people: count,
          /** ISO 8601: the events from here on were held out for the judgement. */
          since: z.iso.datetime(),
          running: z.number(),
          candidate: z.number(),
          p: z.number().nullable(),
        })
        .nullable(),
      forced: z.boolean(),
    })
    .optional(),
  seed: z.int(),
  /** How the metrics were computed, so that they can be computed again; null = not evaluated. */
  evaluation: z
    .object({
      ks: z.array(z.int().min(1)).min(1),
      protocol: z.string(),
      intervals: z.boolean(),
      /** True where items were ranked among a few candidates and not among all; see `isSampled`. */
      sampled: z.boolean().optional(),
    })
    .nullable(),
  metrics: figures,
  versions: z.record(z.string(), z.string()),
  files: z.record(
    z.enum(bundleFiles),
    z.object({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Whether a bundle's metrics are of ranking a few candidates a user and not all items. */
export function isSampled({ evaluation, split }: Pick<Manifest, "evaluation" | "split">): boolean {
  if (evaluation === null) return false;
  // Bundles from before the field say it in their split's warnings alone.
  return (
    evaluation.sampled ??
    split.warnings.some((warning) => warning.includes("its metrics are sampled"))
  );
}

/**
 * Reads a manifest's text.
 * @param path names the file in errors
 * @throws BadInputError where it is not a manifest that this program reads
 */
export function parseManifest(text: string, path: string): Manifest {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new BadInputError(
      "bundle-manifest",
      `${path} is not JSON (${cause instanceof Error ? cause.message : "unreadable"}); train again or restore the bundle from a copy`,
    );
  }
  const version = z.object({ formatVersion: z.number() }).safeParse(raw);
  if (version.success && version.data.formatVersion > FORMAT_VERSION) {
    throw new BadInputError(
      "bundle-version",
      `${path} has bundle format ${version.data.formatVersion}, this program reads up to ${FORMAT_VERSION}; update lumiere`,
    );
  }
  const parsed = manifestSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new BadInputError(
      "bundle-manifest",
      `${path}: field "${issue?.path.join(".")}": ${issue?.message}; train again or restore the bundle from a copy`,
    );
  }
  return parsed.data;
}
