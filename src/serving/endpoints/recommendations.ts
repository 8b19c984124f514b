/** Lists for people, and items like an item. */

import { z } from "zod";
import { similarItems } from "../../artifact/similar.ts";
import { defineEndpoint } from "../endpoint.ts";
import { Problem } from "../problem.ts";
import { recommendTo } from "../recommending.ts";
import {
  idSchema,
  recommendationAnswerSchema,
  recommendationRequestSchema,
  similarAnswerSchema,
  similarQuerySchema,
} from "../schemas.ts";

export const recommendations = defineEndpoint({
  method: "POST",
  path: "/v1/recommendations",
  name: "recommend",
  summary: "A list for a user, a history, or anybody",
  scope: "read",
  bodySchema: recommendationRequestSchema,
  answerSchema: recommendationAnswerSchema,
  problems: [503],
  async handle(services, { body }) {
    const answer = await recommendTo(body, services.models.current, services);
    services.metrics.count("lumiere_recommendations_total", "Lists by how the person was ranked.", {
      routing: answer.routing,
    });
    return answer;
  },
});

export const similar = defineEndpoint({
  method: "GET",
  path: "/v1/items/:id/similar",
  name: "similarItems",
  summary: "The items most like an item",
  scope: "read",
  pathSchema: z.strictObject({ id: idSchema }),
  querySchema: similarQuerySchema,
  answerSchema: similarAnswerSchema,
  problems: [404],
  handle({ models, catalogue }, { path: { id }, query: { k } }) {
    const model = models.current;
    const item = model.bundle.items.indexOf(id);
    if (item === undefined) {
      throw new Problem(404, "unknown-item", `the model does not know item "${id}"`);
    }
    const hidden = new Set(catalogue.unavailable(model));
    const found = similarItems(model.bundle, item, k + hidden.size);
    const available = found.items.filter(
      (other) => !hidden.has(model.bundle.items.indexOf(other.item) ?? -1),
    );
    return {
      of: { item: id, title: catalogue.titleOf(model, id) },
      measure: found.measure,
      items: available.slice(0, k).map((other, at) => ({
        rank: at + 1,
        item: other.item,
        title: catalogue.titleOf(model, other.item),
        similarity: other.similarity,
      })),
    };
  },
});
