/** The runs that there are, and what each reported. */

import { z } from "zod";
import { defineStudioEndpoint } from "../endpoint.ts";
import { runIdSchema, runsAnswerSchema } from "../schemas.ts";

export const listRuns = defineStudioEndpoint({
  method: "GET",
  path: "/api/runs",
  name: "listRuns",
  summary: "The runs of the runs folder",
  scope: "read",
  answerSchema: runsAnswerSchema,
  handle: ({ folder }) => folder.list(),
});

export const getReport = defineStudioEndpoint({
  method: "GET",
  path: "/api/runs/:run/report",
  name: "getReport",
  summary: "The report of a run, as report.json has it",
  scope: "read",
  pathSchema: z.strictObject({ run: runIdSchema }),
  answerSchema: z.looseObject({}),
  problems: [404],
  handle: ({ folder }, { path }) => folder.report(path.run),
});
