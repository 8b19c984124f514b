/**
 * The folder that holds runs: found by their reports, named by where they lie.
 * Only what a listing found can be opened, so no id reaches another folder.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { z } from "zod";
import { BUNDLE_FOLDER, MANIFEST_FILE } from "../artifact/bundle.ts";
import { isFinished } from "../experiment/comparison/judged-run.ts";
import { Problem } from "../serving/problem.ts";
import { type Run, type RunsAnswer, runSchema } from "./schemas.ts";

/** Folders within folders that are looked through: comparisons keep theirs two below. */
const DEEPEST = 4;

/** What the list needs of a report. */
const reportSchema = runSchema
  .pick({ created: true, model: true, seed: true, dataset: true, metrics: true })
  .extend({
    split: z.object({ specification: z.string() }),
    /** Null where there is no test part. */
    evaluation: z.object({ sampled: z.boolean().default(false) }).nullish(),
    seconds: z.object({ total: z.number() }),
  });

export class RunsFolder {
  readonly path: string;

  /** @param path may not exist yet: the first training makes it */
  constructor(path: string) {
    this.path = resolve(path);
  }

  async list(): Promise<RunsAnswer> {
    const runs: Run[] = [];
    const unreadable: { folder: string; message: string }[] = [];
    for (const folder of await reportFolders(this.path, DEEPEST)) {
      const name = this.nameOf(folder);
      try {
        runs.push(await readRun(folder, name));
      } catch (error) {
        unreadable.push({
          folder: name,
          message: error instanceof Error ? error.message : String(error),
        });
      }
    }
    runs.sort((a, b) => b.created.localeCompare(a.created));
    return { folder: this.path, runs, unreadable };
  }

  /** The folder of a run. @throws Problem 404 where there is no such run */
  async folderOf(id: string): Promise<string> {
    for (const folder of await reportFolders(this.path, DEEPEST)) {
      if (idOf(this.nameOf(folder)) === id) return folder;
    }
    throw new Problem(404, "unknown-run", `there is no run "${id}" in ${this.path}`);
  }

  /** The name of a run's folder below this one. */
  nameOf(folder: string): string {
    return relative(this.path, folder);
  }

  /** `report.json` of a run, as it was written. @throws Problem 404 */
  async report(id: string): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(await this.folderOf(id), "report.json"), "utf8"));
  }
}

const idOf = (name: string): string => name.split(sep).join("~");

/** Folders that hold a report, in order of their names; links are not followed. */
async function reportFolders(root: string, depth: number): Promise<string[]> {
  if (existsSync(join(root, "report.json"))) return [root];
  if (depth === 0) return [];
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const below = entries
    .filter((entry) => entry.isDirectory() && entry.name !== BUNDLE_FOLDER)
    .map((entry) => join(root, entry.name))
    .sort();
  return (await Promise.all(below.map((folder) => reportFolders(folder, depth - 1)))).flat();
}

async function readRun(folder: string, name: string): Promise<Run> {
  const report = reportSchema.parse(
    JSON.parse(await readFile(join(folder, "report.json"), "utf8")),
  );
  const { split, seconds, evaluation, ...rest } = report;
  return {
    ...rest,
    id: idOf(name),
    folder: name,
    split: split.specification,
    seconds: seconds.total,
    sampled: evaluation?.sampled ?? false,
    hasBundle: existsSync(join(folder, BUNDLE_FOLDER, MANIFEST_FILE)),
    hasPerUser: isFinished(folder),
  };
}
