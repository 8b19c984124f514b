/** A run's items and users on a plane. */

import { z } from "zod";
import { defineStudioEndpoint } from "../endpoint.ts";
import { itemMap, itemVectors } from "../map/item-map.ts";
import {
  mapAnswerSchema,
  runIdSchema,
  vectorsAnswerSchema,
  vectorsQuerySchema,
} from "../schemas.ts";

const pathSchema = z.strictObject({ run: runIdSchema });

export const getMap = defineStudioEndpoint({
  method: "GET",
  path: "/api/runs/:run/map",
  name: "getMap",
  summary: "Where the items and users lie along the two directions in which the items differ most",
  scope: "read",
  pathSchema,
  answerSchema: mapAnswerSchema,
  problems: [404],
  handle: ({ open }, { path }) =>
    open.use(path.run, ({ services }) => itemMap(services.models.current.bundle)),
});

export const getItemVectors = defineStudioEndpoint({
  method: "GET",
  path: "/api/runs/:run/map/vectors",
  name: "getItemVectors",
  summary: "Vectors of the most popular items, to lay them out in another way",
  scope: "read",
  pathSchema,
  querySchema: vectorsQuerySchema,
  answerSchema: vectorsAnswerSchema,
  problems: [404],
  handle: ({ open }, { path, query }) =>
    open.use(path.run, ({ services }) => itemVectors(services.models.current.bundle, query.count)),
});
