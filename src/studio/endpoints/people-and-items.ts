/** Users and items of a run, for whoever picks one. */

import { z } from "zod";
import { Problem } from "../../serving/problem.ts";
import { defineStudioEndpoint } from "../endpoint.ts";
import {
  describeCatalogue,
  findItems,
  findUsers,
  namedItems,
  usersFrom,
} from "../people-and-items.ts";
import {
  catalogueAnswerSchema,
  itemSearchSchema,
  itemsAnswerSchema,
  MOST_FOUND,
  userSearchSchema,
  usersAnswerSchema,
} from "../schemas/people-and-items.ts";
import { runIdSchema } from "../schemas.ts";

const pathSchema = z.strictObject({ run: runIdSchema });

export const searchUsers = defineStudioEndpoint({
  method: "GET",
  path: "/api/runs/:run/users",
  name: "searchUsers",
  summary: "Users of a run by a part of their id, or from a position on",
  scope: "read",
  pathSchema,
  querySchema: userSearchSchema,
  answerSchema: usersAnswerSchema,
  problems: [404],
  handle: ({ open }, { path, query: { search, limit, at } }) =>
    open.use(path.run, ({ services: { models } }) =>
      at === undefined
        ? findUsers(models.current, search, limit)
        : usersFrom(models.current, at, limit),
    ),
});

export const searchItems = defineStudioEndpoint({
  method: "GET",
  path: "/api/runs/:run/items",
  name: "searchItems",
  summary: "Items of a run by words of their title, or by id",
  scope: "read",
  pathSchema,
  querySchema: itemSearchSchema,
  answerSchema: itemsAnswerSchema,
  problems: [404],
  handle: ({ open }, { path, query: { search, limit, ids } }) =>
    open.use(path.run, ({ services: { models, catalogue } }) =>
      ids === undefined
        ? findItems(models.current, catalogue, search, limit)
        : namedItems(models.current, catalogue, readIds(ids)),
    ),
});

/** @throws Problem 400 where there are too many, or one is not percent-encoded */
function readIds(list: string): string[] {
  const parts = list.split(",").filter((part) => part !== "");
  if (parts.length > MOST_FOUND) {
    throw new Problem(
      400,
      "invalid",
      `query.ids: ${parts.length} ids; at most ${MOST_FOUND} at once`,
    );
  }
  try {
    return parts.map(decodeURIComponent);
  } catch {
    throw new Problem(400, "invalid", 'query.ids: expected percent-encoded ids, "%" as "%25"');
  }
}

export const getCatalogue = defineStudioEndpoint({
  method: "GET",
  path: "/api/runs/:run/catalogue",
  name: "getCatalogue",
  summary: "How many users and items a run has, and what its items can be filtered by",
  scope: "read",
  pathSchema,
  answerSchema: catalogueAnswerSchema,
  problems: [404],
  handle: ({ open }, { path }) =>
    open.use(path.run, ({ services: { models } }) => describeCatalogue(models.current)),
});
