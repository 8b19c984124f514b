/** The graph around a node, and a user's layers. */

import { z } from "zod";
import { defineStudioEndpoint } from "../endpoint.ts";
import { egoAround, userLayers } from "../graph-around.ts";
import {
  egoAnswerSchema,
  egoQuerySchema,
  layersAnswerSchema,
  layersQuerySchema,
} from "../schemas/graph.ts";
import { runIdSchema } from "../schemas.ts";

const pathSchema = z.strictObject({ run: runIdSchema });

export const getEgo = defineStudioEndpoint({
  method: "GET",
  path: "/api/runs/:run/ego",
  name: "getEgo",
  summary: "A node, its neighbours, theirs, and theirs again: a bounded number of each",
  scope: "read",
  pathSchema,
  querySchema: egoQuerySchema,
  answerSchema: egoAnswerSchema,
  problems: [404],
  handle: ({ open }, { path, query: { kind, id, order, first, second, third } }) =>
    open.use(path.run, ({ services }) =>
      egoAround(services, { kind, id, order, breadths: [first, second, third] }),
    ),
});

export const getLayers = defineStudioEndpoint({
  method: "GET",
  path: "/api/runs/:run/layers",
  name: "getLayers",
  summary: "What each layer of propagation adds to a user's vector, and from whom",
  scope: "read",
  pathSchema,
  querySchema: layersQuerySchema,
  answerSchema: layersAnswerSchema,
  problems: [404],
  handle: ({ open }, { path, query: { user } }) =>
    open.use(path.run, ({ services }) => userLayers(services, user)),
});
