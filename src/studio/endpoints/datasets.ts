/** The datasets that are known by name, and what data look like. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { BUNDLE_FOLDER, MANIFEST_FILE } from "../../artifact/bundle.ts";
import { parseManifest } from "../../artifact/manifest.ts";
import { findEntry, listDatasets } from "../../data/catalogue.ts";
import { type DataOptions, dataOptionsSchema } from "../../data/options.ts";
import { Problem } from "../../serving/problem.ts";
import { checkIsHere } from "../catalogue-at-hand.ts";
import { defineStudioEndpoint, type StudioServices } from "../endpoint.ts";
import {
  datasetsAnswerSchema,
  runIdSchema,
  statisticsAnswerSchema,
  statisticsQuerySchema,
} from "../schemas.ts";

export const getDatasets = defineStudioEndpoint({
  method: "GET",
  path: "/api/datasets",
  name: "listDatasets",
  summary: "The datasets that are known by name, and whether they are on this machine",
  scope: "read",
  answerSchema: datasetsAnswerSchema,
  async handle() {
    const listed = await listDatasets();
    const datasets = listed.map(({ name, title, counts, licence, homepage, found }) => ({
      name,
      title,
      ...counts,
      licence,
      homepage,
      isHere: found !== "download",
    }));
    return { datasets };
  },
});

export const getDatasetStatistics = defineStudioEndpoint({
  method: "GET",
  path: "/api/datasets/:name/statistics",
  name: "getDatasetStatistics",
  summary: "What a dataset looks like; says how far it is while that is found out",
  scope: "read",
  pathSchema: z.strictObject({ name: z.string().min(1).max(100) }),
  querySchema: statisticsQuerySchema,
  answerSchema: statisticsAnswerSchema,
  problems: [404, 503],
  async handle({ portraits }, { path: { name }, query }) {
    if (name !== "synthetic" && !findEntry(name)) {
      throw new Problem(404, "unknown-dataset", `there is no dataset "${name}" in the catalogue`);
    }
    return askIfHere(portraits, dataOptionsSchema.parse({ ...query, data: name }), "path.name");
  },
});

export const getRunStatistics = defineStudioEndpoint({
  method: "GET",
  path: "/api/runs/:run/statistics",
  name: "getRunStatistics",
  summary: "What the data of a run look like, read again from where they were",
  scope: "read",
  pathSchema: z.strictObject({ run: runIdSchema }),
  answerSchema: statisticsAnswerSchema,
  problems: [404, 503],
  async handle({ folder, portraits }, { path: { run } }) {
    const path = join(await folder.folderOf(run), BUNDLE_FOLDER, MANIFEST_FILE);
    const data = existsSync(path) ? parseManifest(await readFile(path, "utf8"), path).data : null;
    if (!data) {
      throw new Problem(
        404,
        "no-data",
        `run "${run}" did not keep where its data are: it has no bundle, or they came from a program or from an address with a password; choose a dataset by name`,
      );
    }
    return askIfHere(portraits, data, "path.run");
  },
});

/** Looking at data downloads none. */
async function askIfHere(
  portraits: StudioServices["portraits"],
  options: DataOptions,
  field: string,
) {
  await checkIsHere(options.data, field);
  return portraits.ask(options);
}
