/**
 * What goes out, before it is anybody's object: Node's own server gets it written
 * to the socket, whoever calls `fetch` gets a web Response.
 *
 * @module
 */

import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Problem } from "./problem.ts";
import { problemBody } from "./problem.ts";

export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** On every answer. */
const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

const JSON_HEADERS = { ...SECURITY_HEADERS, "content-type": "application/json" };

export function textAnswer(type: string, body: string): Answer {
  const isJson = type === JSON_HEADERS["content-type"];
  const headers = isJson ? JSON_HEADERS : { ...SECURITY_HEADERS, "content-type": type };
  return { status: 200, headers, body };
}

export function problemAnswer(problem: Problem, instance: string): Answer {
  const { status, retryAfter } = problem;
  return {
    status,
    headers: {
      ...SECURITY_HEADERS,
      "content-type": "application/problem+json",
      ...(retryAfter !== null && { "retry-after": String(retryAfter) }),
      ...(status === 401 && { "www-authenticate": 'Bearer realm="lumiere"' }),
    },
    body: JSON.stringify(problemBody(problem, instance)),
  };
}

/** Which methods an address has, for a page of an allowed origin that asks first. */
export function preflightAnswer(methods: readonly string[]): Answer {
  return {
    status: 204,
    headers: {
      ...SECURITY_HEADERS,
      allow: methods.join(", "),
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": "authorization, content-type",
      "access-control-max-age": "600",
    },
    body: null,
  };
}

/** Sends an answer. */
export function deliver(
  { status, headers, body }: Answer,
  { outgoing }: Partial<HttpBindings> = {},
): Response {
  if (!outgoing) return new Response(body, { status, headers });
  const lines = headerLines(headers);
  if (body !== null) lines.push("content-length", String(Buffer.byteLength(body)));
  outgoing.writeHead(status, lines);
  outgoing.end(body);
  return RESPONSE_ALREADY_SENT;
}

const jsonLines = Object.entries(JSON_HEADERS).flat();

/** Names and values in turn, which Node's server takes as they are. */
const headerLines = (headers: Answer["headers"]): string[] =>
  headers === JSON_HEADERS ? [...jsonLines] : Object.entries(headers).flat();
