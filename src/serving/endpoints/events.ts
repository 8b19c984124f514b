/** What people did, what is kept of them, and how they are forgotten. */
import { z } from "zod";
import { defineEndpoint } from "../endpoint.ts";
import {
  eventAnswerSchema,
  eventBatchSchema,
  forgottenSchema,
  historyAnswerSchema,
  historyQuerySchema,
  idSchema,
} from "../schemas.ts";
import { wasForgotten } from "../store/person-digest.ts";

const personSchema = z.strictObject({ id: idSchema });

export const events = defineEndpoint({
  method: "POST",
  path: "/v1/events",
  name: "appendEvents",
  summary: "Keeps a batch of events; the answer means that they are on the disk",
  scope: "write",
  bodySchema: eventBatchSchema,
  answerSchema: eventAnswerSchema,
  problems: [503],
  async handle({ models, store, catalogue, metrics }, { body }) {
    const now = Date.now() / 1000;
    const kept = await store.append(
      body.events.map(({ id = null, attribution = null, time = now, user, item, value }) => ({
        id,
        user,
        item,
        value,
        time,
        attribution,
      })),
    );
    const count = (outcome: string, amount: number) =>
      metrics.count("lumiere_events_total", "Events by outcome.", { outcome }, amount);
    count("accepted", kept.accepted);
    count("duplicate", kept.duplicates);
    const items = new Set(body.events.map(({ item }) => item));
    const model = models.current;
    return { ...kept, unknownItems: [...items].filter((id) => !catalogue.isKnown(model, id)) };
  },
});

export const forget = defineEndpoint({
  method: "DELETE",
  path: "/v1/users/:id",
  name: "forgetUser",
  summary: "Deletes a person's events and stops using what the model learnt of them",
  scope: "write",
  pathSchema: personSchema,
  answerSchema: forgottenSchema,
  problems: [503],
  async handle({ store }, { path: { id } }) {
    return { events: await store.forget(id) };
  },
});

export const history = defineEndpoint({
  method: "GET",
  path: "/v1/users/:id/history",
  name: "userHistory",
  summary: "What is known of a person; empty for somebody unknown",
  scope: "read",
  pathSchema: personSchema,
  querySchema: historyQuerySchema,
  answerSchema: historyAnswerSchema,
  problems: [503],
  async handle({ models, store, catalogue }, { path: { id: user }, query: { limit } }) {
    const model = models.current;
    const [stored, forgotten] = await Promise.all([store.history(user, limit), store.forgotten()]);
    const row = wasForgotten(forgotten, user) ? undefined : model.bundle.users.indexOf(user);
    return {
      user,
      inModel: row !== undefined,
      training: Array.from(model.trainingItems(row), (item) => ({
        item: model.bundle.items.idOf(item),
        title: catalogue.fieldsOf(model, item).title,
      })),
      events: stored.map(({ user: _user, ...event }) => ({
        ...event,
        title: catalogue.titleOf(model, event.item),
      })),
    };
  },
});
