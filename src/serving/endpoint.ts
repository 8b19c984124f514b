/**
 * One endpoint of the API as data: its address, its scope, its shapes and what it
 * does. The routes and the OpenAPI description are both made from the list of them.
 *
 * @module
 */

import type { z } from "zod";
import type { Scope } from "./api-keys.ts";
import type { ItemCatalogue } from "./item-catalogue.ts";
import type { Metrics } from "./metrics.ts";
import type { ModelHost } from "./model-host.ts";
import { type FieldProblem, Problem } from "./problem.ts";
import type { RankingQueue } from "./ranking-queue.ts";
import type { EventStore } from "./store/event-store.ts";

/** What the routes themselves need of whatever stands behind them. */
export interface RouteServices {
  readonly metrics: Metrics;
  /** False while the server drains. */
  isReady(): boolean;
}

/** What the endpoints of a served model work with. */
export interface Services extends RouteServices {
  readonly models: ModelHost;
  readonly store: EventStore;
  readonly catalogue: ItemCatalogue;
  readonly queue: RankingQueue;
  /** Whether explanations name the people through whom paths lead. */
  readonly explainUsers: boolean;
}

/** A request before validation. */
export interface RawInput {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** @typeParam S what it works with */
export interface Endpoint<S = Services> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** "/v1/items/:id" */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  /** null: everybody */
  readonly scope: Scope | null;
  readonly pathSchema: z.ZodObject | null;
  readonly querySchema: z.ZodObject | null;
  readonly bodySchema: z.ZodType | null;
  readonly answerSchema: z.ZodType;
  /** Statuses of problems beyond those that every endpoint may have. */
  readonly problems: readonly number[];
  /** @throws Problem */
  handle(services: S, input: RawInput): Promise<unknown>;
}

/** What `defineEndpoint` takes; a schema that is left out takes nothing. */
export interface EndpointDefinition<
  S,
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> {
  readonly method: Endpoint<S>["method"];
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly scope: Scope | null;
  readonly pathSchema?: Path;
  readonly querySchema?: Query;
  readonly bodySchema?: Body;
  readonly answerSchema: Answer;
  readonly problems?: readonly number[];
  handle(
    services: S,
    input: { path: z.output<Path>; query: z.output<Query>; body: z.output<Body> },
  ): z.input<Answer> | Promise<z.input<Answer>>;
}

/** Makes endpoints that work with `S`; their handlers see only what their schemas let through. */
export function endpointsOf<S>() {
  return <
    Path extends z.ZodObject,
    Query extends z.ZodObject,
    Body extends z.ZodType,
    Answer extends z.ZodType,
  >(
    definition: EndpointDefinition<S, Path, Query, Body, Answer>,
  ): Endpoint<S> => {
    const { pathSchema, querySchema, bodySchema, problems = [], handle, ...rest } = definition;
    return {
      ...rest,
      problems,
      pathSchema: pathSchema ?? null,
      querySchema: querySchema ?? null,
      bodySchema: bodySchema ?? null,
      async handle(services, raw) {
        const path = check(pathSchema, raw.path, "path");
        const query = check(querySchema, raw.query, "query");
        const body = check(bodySchema, raw.body, "body");
        return handle(services, { path, query, body });
      },
    };
  };
}

/** An endpoint of a served model. */
export const defineEndpoint = endpointsOf<Services>();

/** What a schema makes of a part of the request. */
function check<S extends z.ZodType>(schema: S | undefined, value: unknown, part: string) {
  if (!schema) {
    if (part === "query" && Object.keys(value as object).length > 0) {
      const fields = Object.keys(value as object).map((name) => ({
        field: `query.${name}`,
        message: "not known here",
      }));
      throw invalid(fields);
    }
    return undefined as z.output<S>;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.slice(0, 20).map(({ path, message }) => ({
      field: [part, ...path].join("."),
      message,
    })),
  );
}

function invalid(fields: readonly FieldProblem[]): Problem {
  const [first] = fields;
  return new Problem(400, "invalid", `${first?.field}: ${first?.message}`, { fields });
}
