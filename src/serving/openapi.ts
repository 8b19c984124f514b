/**
 * The OpenAPI 3.1 description, made from the endpoints' schemas.
 *
 * @module
 */

import { z } from "zod";
import { packageVersion } from "../artifact/versions.ts";
import type { Endpoint } from "./endpoint.ts";
import { problemSchema } from "./schemas.ts";

type Json = Record<string, unknown>;

const PROBLEMS: Readonly<Record<number, string>> = {
  400: "The request is wrong; `fields` says where",
  401: "No known key",
  403: "The key lacks the scope",
  404: "Nothing is known of it",
  409: "The bundle cannot be loaded; the old model goes on",
  413: "The body is too large",
  415: "The body is not application/json",
  421: "The Host header names somebody else; only where the server listens on this machine alone",
  429: "Too many requests; `retry-after` says when to come back",
  503: "Not now: the store or the server cannot take it",
};

/** JSON Schema of what comes in or goes out. */
function jsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

/** The description of a server with these endpoints. */
export function openApi<S>(endpoints: readonly Endpoint<S>[], isKeyed: boolean): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] ??= {};
    paths[path][endpoint.method.toLowerCase()] = operation(endpoint, isKeyed);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Lumière",
      version: packageVersion(),
      description: "Recommendations from a trained model and what people did since.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, "output") },
      ...(isKeyed && { securitySchemes: { key: { type: "http", scheme: "bearer" } } }),
    },
  };
}

function operation<S>(endpoint: Endpoint<S>, isKeyed: boolean): Json {
  const { name, summary, scope, bodySchema, answerSchema, problems } = endpoint;
  const isGuarded = isKeyed && scope !== null;
  const statuses = [
    400,
    ...(isGuarded ? [401, 403] : []),
    ...(bodySchema ? [413, 415] : []),
    ...(isKeyed ? [] : [421]),
    429,
    ...problems,
  ];
  return {
    operationId: name,
    summary,
    ...(isGuarded && { security: [{ key: [scope] }] }),
    parameters: [
      ...parameters(endpoint.pathSchema, "path"),
      ...parameters(endpoint.querySchema, "query"),
    ],
    ...(bodySchema && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: jsonSchema(bodySchema, "input") } },
      },
    }),
    responses: {
      200: {
        description: "Done",
        content: { "application/json": { schema: jsonSchema(answerSchema, "output") } },
      },
      ...Object.fromEntries(
        statuses.sort().map((status) => [
          status,
          {
            description: PROBLEMS[status] ?? "Error",
            content: {
              "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
            },
          },
        ]),
      ),
    },
  };
}

function parameters(schema: z.ZodObject | null, where: "path" | "query"): Json[] {
  if (!schema) return [];
  // Text is turned into numbers on the way in, so the numbers describe it better.
  const { properties = {} } = z.toJSONSchema(schema, { io: "output" });
  return Object.entries(properties).map(([name, described]) => ({
    name,
    in: where,
    required: where === "path",
    schema: described,
  }));
}
