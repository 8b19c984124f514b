/**
 * A finished run as a comparison reads it back: its report, and the metrics of
 * every user.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { PER_USER_FILE, type PerUserValues, readPerUserValues } from "../per-user-values.ts";

/** The fields of a report that a comparison reads; checked, because folders get old and edited. */
const reportSchema = z.object({
  created: z.string(),
  model: z.object({ name: z.string(), title: z.string(), paper: z.string().nullable() }),
  hyperparameters: z.record(z.string(), z.unknown()),
  seed: z.int(),
  threads: z.int(),
  device: z.string(),
  dataset: z.object({
    name: z.string(),
    title: z.string(),
    source: z.string(),
    licence: z.string().nullable(),
    synthetic: z.boolean(),
    users: z.int(),
    items: z.int(),
    interactions: z.int(),
    fingerprint: z.string(),
    filterNotes: z.array(z.string()),
  }),
  split: z.object({
    specification: z.string(),
    description: z.string(),
    validation: z.number(),
    warnings: z.array(z.string()),
  }),
  metrics: z.record(z.string(), z.number().nullable()),
  definitions: z.record(z.string(), z.string()),
  evaluation: z
    .object({
      byPopularity: z
        .object({
          groups: z.array(
            z.object({ items: z.int(), least: z.int(), most: z.int(), users: z.int() }),
          ),
          recall: z.record(z.string(), z.array(z.number().nullable())),
        })
        .nullable(),
      usersEvaluated: z.int(),
      sampled: z.boolean(),
      protocol: z.object({ name: z.string(), description: z.string() }),
    })
    .nullable(),
  epochsRun: z.int(),
  bestEpoch: z.int().nullable(),
  curve: z.array(
    z.object({
      epoch: z.int(),
      loss: z.number(),
      seconds: z.number(),
      validation: z.record(z.string(), z.number()).optional(),
    }),
  ),
  seconds: z.object({
    fit: z.number().nullable(),
    evaluate: z.number().nullable(),
    total: z.number(),
  }),
  peakMemoryBytes: z.number(),
  versions: z.record(z.string(), z.string()),
});

/** What a comparison needs of a report. */
export type JudgedReport = z.infer<typeof reportSchema> & {
  readonly evaluation: NonNullable<z.infer<typeof reportSchema>["evaluation"]>;
};

/** One finished run. */
export interface JudgedRun {
  readonly label: string;
  readonly folder: string;
  readonly report: JudgedReport;
  readonly perUser: PerUserValues;
}

/** A model's runs, one a seed. */
export interface LabelledRuns {
  readonly label: string;
  readonly runs: readonly JudgedRun[];
}

/** Whether a folder holds a whole run; its report is written last. */
export function isFinished(folder: string): boolean {
  return existsSync(join(folder, "report.json")) && existsSync(join(folder, PER_USER_FILE));
}

/** Reads the run of a folder. @throws BadInputError "run-folder" where there is none that was judged */
export async function readJudgedRun(label: string, folder: string): Promise<JudgedRun> {
  const path = join(folder, "report.json");
  if (!existsSync(path)) {
    throw new BadInputError(
      "run-folder",
      `${folder} holds no report.json; expected a folder that lumiere train, blend or compare wrote with --out`,
    );
  }
  if (!existsSync(join(folder, PER_USER_FILE))) {
    throw new BadInputError(
      "run-folder",
      `${folder} holds no ${PER_USER_FILE}, which paired tests need; train it again with this version, on a split with a test part`,
    );
  }
  const report = parseReport(path);
  return { label, folder, report, perUser: await readPerUserValues(folder) };
}

function parseReport(path: string): JudgedReport {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new BadInputError("run-folder", `${path} is not JSON; train it again`, { cause });
  }
  const parsed = reportSchema.safeParse(raw);
  if (!parsed.success) {
    throw new BadInputError(
      "run-folder",
      `${path} is not a report of this version (${z.prettifyError(parsed.error).replaceAll("\n", " ")}); train it again`,
    );
  }
  const { evaluation, ...report } = parsed.data;
  if (evaluation === null) {
    throw new BadInputError("run-folder", `${path}: the run had no test part, nothing was judged`);
  }
  return { ...report, evaluation };
}

/** The run folders that a folder stands for: itself, or those of a comparison below `runs`. */
export function runFolders(folder: string): string[] {
  if (existsSync(join(folder, "report.json"))) return [folder];
  const below = join(folder, "runs");
  const found = existsSync(below)
    ? readdirSync(below)
        .sort()
        .map((name) => join(below, name))
        .filter(isFinished)
    : [];
  if (found.length > 0) return found;
  throw new BadInputError(
    "run-folder",
    `${folder} holds neither report.json nor runs; expected a folder that lumiere train, blend or compare wrote with --out`,
  );
}
