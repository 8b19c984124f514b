/** Trainings: the form, the queue, and how each stands. */

import { z } from "zod";
import { checkIsHere } from "../catalogue-at-hand.ts";
import { defineStudioEndpoint } from "../endpoint.ts";
import { modelForms } from "../jobs/model-forms.ts";
import {
  jobSchema,
  jobsAnswerSchema,
  modelFormsSchema,
  newJobSchema,
  runNameSchema,
} from "../schemas/jobs.ts";

const pathSchema = z.strictObject({ name: runNameSchema });

export const getModelForms = defineStudioEndpoint({
  method: "GET",
  path: "/api/models",
  name: "listModels",
  summary: "The models and the fields of their settings",
  scope: "read",
  answerSchema: modelFormsSchema,
  handle: () => ({ models: modelForms() }),
});

export const listJobs = defineStudioEndpoint({
  method: "GET",
  path: "/api/jobs",
  name: "listJobs",
  summary: "The trainings that were started here or left unfinished",
  scope: "read",
  answerSchema: jobsAnswerSchema,
  handle: ({ jobs }) => ({ jobs: jobs.list() }),
});

export const getJob = defineStudioEndpoint({
  method: "GET",
  path: "/api/jobs/:name",
  name: "getJob",
  summary: "How a training stands",
  scope: "read",
  pathSchema,
  answerSchema: jobSchema,
  problems: [404],
  handle: ({ jobs }, { path: { name } }) => jobs.find(name),
});

export const startJob = defineStudioEndpoint({
  method: "POST",
  path: "/api/jobs",
  name: "startJob",
  summary: "Lines a training up",
  scope: "write",
  bodySchema: newJobSchema,
  answerSchema: jobSchema,
  problems: [404, 409, 503],
  async handle({ jobs }, { body }) {
    await checkIsHere(body.data, "body.data");
    return jobs.start(body);
  },
});

export const stopJob = defineStudioEndpoint({
  method: "POST",
  path: "/api/jobs/:name/stop",
  name: "stopJob",
  summary: "Stops a training after the batch that is under way",
  scope: "write",
  pathSchema,
  bodySchema: z.strictObject({}),
  answerSchema: jobSchema,
  problems: [404],
  handle: ({ jobs }, { path: { name } }) => jobs.stop(name),
});

export const resumeJob = defineStudioEndpoint({
  method: "POST",
  path: "/api/jobs/:name/resume",
  name: "resumeJob",
  summary: "Goes on with a training that was stopped",
  scope: "write",
  pathSchema,
  bodySchema: z.strictObject({}),
  answerSchema: jobSchema,
  problems: [404, 409],
  handle: ({ jobs }, { path: { name } }) => jobs.resume(name),
});
