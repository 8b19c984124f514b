/**
 * The routes: who may call, how a request becomes an endpoint's input, and how an
 * answer or an error goes out.
 *
 * @module
 */

import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ApiKeys, Scope } from "./api-keys.ts";
import type { Endpoint, RouteServices } from "./endpoint.ts";
import type { Log } from "./log.ts";
import { openApi } from "./openapi.ts";
import { Problem, problemOf, problemResponse } from "./problem.ts";
import type { RateLimit } from "./rate-limit.ts";
import { REFERENCE_PAGE, REFERENCE_SCRIPT, REFERENCE_STYLE } from "./reference-page.ts";

export interface ApplicationOptions<S extends RouteServices> {
  readonly endpoints: readonly Endpoint<S>[];
  readonly services: S;
  readonly log: Log;
  /** null: no keys are asked for */
  readonly keys: ApiKeys | null;
  readonly rateLimit: RateLimit;
  /** Origins of web pages that may call. */
  readonly origins: readonly string[];
  /** Names in the Host header that are answered; null = any. */
  readonly hosts: readonly string[] | null;
  readonly mostBodyBytes: number;
}

type Bindings = { Bindings: Partial<HttpBindings> };

const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

/** Everything between a web request and the endpoints. */
export function createApplication<S extends RouteServices>(
  options: ApplicationOptions<S>,
): Hono<Bindings> {
  const { endpoints, services, keys, log, mostBodyBytes } = options;
  const app = new Hono<Bindings>();
  const tooLarge = (): Response => {
    const problem = new Problem(413, "too-large", `the body has more than ${mostBodyBytes} bytes`);
    const response = send(problem, "");
    // The rest of the body is not read, so the connection is of no more use.
    response.headers.set("connection", "close");
    return response;
  };
  const limitChunks = bodyLimit({ maxSize: mostBodyBytes, onError: tooLarge });
  app.use(async (context, next) => {
    if (context.req.header("transfer-encoding") !== undefined) return limitChunks(context, next);
    // A length that is told needs no counting, nor a stream to count in.
    const length = Number(context.req.header("content-length") ?? 0);
    return length > mostBodyBytes ? tooLarge() : next();
  });

  /** Runs what answers a route, with everything that holds for all of them. */
  const route =
    (path: string, answer: (context: Context<Bindings>) => Promise<Response>) =>
    async (context: Context<Bindings>): Promise<Response> => {
      const begin = performance.now();
      let response: Response;
      try {
        checkHost(context, options.hosts);
        response = await answer(context);
      } catch (error) {
        const problem = problemOf(error);
        if (problem.status === 500) {
          log.error("request failed", { path, stack: error instanceof Error ? error.stack : "" });
        }
        response = send(problem, context.req.path);
      }
      allowOrigin(context, response, options.origins);
      if (!services.isReady()) response.headers.set("connection", "close");
      const seconds = (performance.now() - begin) / 1000;
      const { method } = context.req;
      services.metrics.request(method, path, response.status, seconds);
      log.info("request", { method, path, status: response.status, ms: round(1000 * seconds) });
      return response;
    };

  const guard = (context: Context<Bindings>, scope: Scope | null): void => {
    if (scope === null) return;
    const address = context.env?.incoming?.socket.remoteAddress ?? "";
    // Wrong keys count against the address, so that they cannot be tried without end.
    if (!keys) {
      options.rateLimit.take(address);
      return;
    }
    let client = `address ${address}`;
    try {
      client = `key ${keys.authorise(context.req.header("authorization"), scope)}`;
    } finally {
      options.rateLimit.take(client);
    }
  };

  for (const endpoint of endpoints) {
    const { method, path, scope, bodySchema } = endpoint;
    const answer = route(path, async (context) => {
      guard(context, scope);
      const body = bodySchema ? await readBody(context) : undefined;
      const input = { path: context.req.param(), query: context.req.query(), body };
      return json(await endpoint.handle(services, input));
    });
    app.on(method, path, answer);
  }
  const description = JSON.stringify(openApi(endpoints, keys !== null));
  const page = (path: string, type: string, text: () => string, scope: Scope | null = null) =>
    app.get(
      path,
      route(path, async (context) => {
        guard(context, scope);
        return new Response(text(), { headers: { ...SECURITY_HEADERS, "content-type": type } });
      }),
    );
  page("/openapi.json", "application/json", () => description);
  page("/docs", "text/html; charset=utf-8", () => REFERENCE_PAGE);
  page("/docs/reference.css", "text/css; charset=utf-8", () => REFERENCE_STYLE);
  page("/docs/reference.js", "text/javascript; charset=utf-8", () => REFERENCE_SCRIPT);
  const prometheus = "text/plain; version=0.0.4; charset=utf-8";
  page("/metrics", prometheus, () => services.metrics.text(), "read");

  for (const path of new Set(endpoints.map((endpoint) => endpoint.path))) {
    const allowed = endpoints.filter((endpoint) => endpoint.path === path).map((e) => e.method);
    app.options(
      path,
      route(path, async () => preflight(allowed)),
    );
    app.all(
      path,
      route(path, async ({ req }) => {
        throw new Problem(405, "method", `${req.method} is not one of ${allowed.join(", ")}`);
      }),
    );
  }
  app.notFound(
    route("other", async ({ req }) => {
      throw new Problem(404, "route", `there is nothing at ${req.path}; /docs lists what there is`);
    }),
  );
  app.onError((error, context) => {
    log.error("request failed", { path: "other", stack: error.stack });
    return send(problemOf(error), context.req.path);
  });
  return app;
}

const round = (value: number): number => Math.round(value * 100) / 100;

function json(value: unknown): Response {
  return new Response(JSON.stringify(value), {
    headers: { ...SECURITY_HEADERS, "content-type": "application/json" },
  });
}

function send(problem: Problem, instance: string): Response {
  const response = problemResponse(problem, instance);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value);
  return response;
}

async function readBody({ req }: Context<Bindings>): Promise<unknown> {
  const type = req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new Problem(415, "media-type", "send the body as application/json");
  }
  const text = await req.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    throw new Problem(400, "json", `the body is not JSON: ${why}`);
  }
}

/** A page of another site that resolves its own name to this machine is not answered. */
function checkHost({ req }: Context<Bindings>, hosts: readonly string[] | null): void {
  if (!hosts) return;
  const host = (req.header("host") ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!hosts.includes(host)) {
    throw new Problem(421, "host", `this server does not answer for "${host}"`);
  }
}

function allowOrigin(
  { req }: Context<Bindings>,
  response: Response,
  origins: readonly string[],
): void {
  if (origins.length === 0) return;
  response.headers.append("vary", "origin");
  const origin = req.header("origin");
  if (origin === undefined || !origins.includes(origin)) return;
  response.headers.set("access-control-allow-origin", origin);
  response.headers.set("cross-origin-resource-policy", "cross-origin");
}

function preflight(methods: readonly string[]): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...SECURITY_HEADERS,
      allow: methods.join(", "),
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": "authorization, content-type",
      "access-control-max-age": "600",
    },
  });
}
