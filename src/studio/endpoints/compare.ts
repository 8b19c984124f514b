/** Finished runs side by side. */

import { compareFolders } from "../../experiment/comparison/run-comparison.ts";
import { comparisonMarkdown, leaderboardCsv } from "../../experiment/comparison/tables.ts";
import { defineStudioEndpoint } from "../endpoint.ts";
import { comparisonAnswerSchema, comparisonQuerySchema } from "../schemas.ts";

export const compareRuns = defineStudioEndpoint({
  method: "GET",
  path: "/api/compare",
  name: "compareRuns",
  summary: "A leaderboard of runs on the same data and cut, with intervals and paired tests",
  scope: "read",
  querySchema: comparisonQuerySchema,
  answerSchema: comparisonAnswerSchema,
  problems: [404],
  async handle({ folder }, { query: { runs, metric = null, baseline = null } }) {
    const folders: string[] = [];
    for (const run of new Set(runs.split(","))) folders.push(await folder.folderOf(run));
    const nameOf = (path: string) => folder.nameOf(path);
    const comparison = await compareFolders(folders, { metric, baseline, nameOf });
    return {
      comparison: {
        ...comparison,
        models: comparison.models.map((model) => ({
          ...model,
          folders: model.folders.map(nameOf),
        })),
      },
      markdown: comparisonMarkdown(comparison),
      csv: leaderboardCsv(comparison),
    };
  },
});
