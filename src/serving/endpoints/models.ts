/** Which model answers, and whether the server does. */
import { defineEndpoint } from "../endpoint.ts";
import { Problem } from "../problem.ts";
import { healthSchema, modelsAnswerSchema, readySchema, reloadAnswerSchema } from "../schemas.ts";

export const getModels = defineEndpoint({
  method: "GET",
  path: "/v1/models",
  name: "getModels",
  summary: "The model that answers",
  scope: "read",
  answerSchema: modelsAnswerSchema,
  handle({ models }) {
    return { current: models.current.describe(), lastFailure: models.lastFailure };
  },
});

export const reload = defineEndpoint({
  method: "POST",
  path: "/v1/models/reload",
  name: "reloadModel",
  summary: "Loads the bundle again; where it is damaged the old model goes on",
  scope: "write",
  answerSchema: reloadAnswerSchema,
  problems: [409],
  async handle({ models }) {
    const { previous, current } = await models.reload();
    return {
      changed: previous.id !== current.id,
      previous: previous.id,
      current: current.describe(),
    };
  },
});

export const health = defineEndpoint({
  method: "GET",
  path: "/health",
  name: "health",
  summary: "Whether the process lives",
  scope: null,
  answerSchema: healthSchema,
  handle: () => ({ status: "ok" as const }),
});

export const ready = defineEndpoint({
  method: "GET",
  path: "/ready",
  name: "ready",
  summary: "Whether requests are welcome; 503 while the server stops",
  scope: null,
  answerSchema: readySchema,
  problems: [503],
  handle({ models, isReady }) {
    if (!isReady()) throw new Problem(503, "draining", "the server is stopping");
    return { status: "ready" as const, model: models.current.id };
  },
});
