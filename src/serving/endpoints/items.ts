/** What is known of an item. */
import { z } from "zod";
import { defineEndpoint } from "../endpoint.ts";
import { Problem } from "../problem.ts";
import { idSchema, itemFieldsSchema, itemSchema } from "../schemas.ts";

const pathSchema = z.strictObject({ id: idSchema });

export const getItem = defineEndpoint({
  method: "GET",
  path: "/v1/items/:id",
  name: "getItem",
  summary: "An item's fields",
  scope: "read",
  pathSchema,
  answerSchema: itemSchema,
  problems: [404],
  handle({ models, catalogue }, { path: { id } }) {
    const model = models.current;
    const fields = catalogue.find(model, id);
    if (!fields) throw new Problem(404, "unknown-item", `nothing is known of item "${id}"`);
    return { id, ...fields, inModel: model.bundle.items.indexOf(id) !== undefined };
  },
});

export const putItem = defineEndpoint({
  method: "PUT",
  path: "/v1/items/:id",
  name: "putItem",
  summary: "Sets an item's fields, all of them; they hold for the next answer",
  scope: "write",
  pathSchema,
  bodySchema: itemFieldsSchema,
  answerSchema: itemSchema,
  problems: [503],
  async handle({ models, catalogue }, { path: { id }, body }) {
    await catalogue.put(id, body);
    return { id, ...body, inModel: models.current.bundle.items.indexOf(id) !== undefined };
  },
});
