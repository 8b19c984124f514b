/**
 * The routes: who may call, how a request becomes an endpoint's input, and how an
 * answer or an error goes out.
 *
 * @module
 */

import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { type Answer, deliver, preflightAnswer, problemAnswer, textAnswer } from "./answer.ts";
import type { ApiKeys, Scope } from "./api-keys.ts";
import type { Endpoint, RouteServices } from "./endpoint.ts";
import type { Log } from "./log.ts";
import { openApi } from "./openapi.ts";
import { Problem, problemOf } from "./problem.ts";
import type { RateLimit } from "./rate-limit.ts";
import { REFERENCE_PAGE, REFERENCE_SCRIPT, REFERENCE_STYLE } from "./reference-page.ts";
import { readJson } from "./request-body.ts";

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
  /** The path by which the routes know a request, where they lie below another address. */
  readonly pathOf?: (request: Request) => string;
}

type Bindings = { Bindings: Partial<HttpBindings> };

/** Everything between a web request and the endpoints. */
export function createApplication<S extends RouteServices>(
  options: ApplicationOptions<S>,
): Hono<Bindings> {
  const { endpoints, services, keys, log } = options;
  const app = new Hono<Bindings>(options.pathOf && { getPath: options.pathOf });
  /** Runs what answers a route, with everything that holds for all of them. */
  const route =
    (path: string, answer: (context: Context<Bindings>) => Answer | Promise<Answer>) =>
    async (context: Context<Bindings>): Promise<Response> => {
      const begin = performance.now();
      let given: Answer;
      try {
        checkHost(context, options.hosts);
        given = await answer(context);
      } catch (error) {
        const problem = problemOf(error);
        if (problem.status === 500 || problem.cause !== undefined) {
          log.error("request failed", { path, why: whatHappened(error) });
        }
        given = problemAnswer(problem, context.req.path);
      }
      const { status, body } = given;
      const headers = {
        ...given.headers,
        ...originHeaders(context, options.origins),
        // What is left of a body that is too large is not read, so its connection is of no more use.
        ...((!services.isReady() || status === 413) && { connection: "close" }),
      };
      const seconds = (performance.now() - begin) / 1000;
      const { method } = context.req;
      services.metrics.request(method, path, status, seconds);
      log.info("request", { method, path, status, ms: round(1000 * seconds) });
      return deliver({ status, headers, body }, context.env);
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
      const body = bodySchema ? await readJson(context, options.mostBodyBytes) : undefined;
      const input = { path: context.req.param(), query: context.req.query(), body };
      const answer = await endpoint.handle(services, input);
      return textAnswer("application/json", JSON.stringify(answer));
    });
    app.on(method, path, answer);
  }
  const description = JSON.stringify(openApi(endpoints, keys !== null));
  const page = (path: string, type: string, text: () => string, scope: Scope | null = null) =>
    app.get(
      path,
      route(path, async (context) => {
        guard(context, scope);
        return textAnswer(type, text());
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
      route(path, () => preflightAnswer(allowed)),
    );
    app.all(
      path,
      route(path, ({ req }) => {
        const why = `${req.method} is not one of ${allowed.join(", ")}`;
        const answer = problemAnswer(new Problem(405, "method", why), req.path);
        return { ...answer, headers: { ...answer.headers, allow: allowed.join(", ") } };
      }),
    );
  }
  app.notFound(
    route("other", async ({ req }) => {
      throw new Problem(404, "route", `there is nothing at ${req.path}; /docs lists what there is`);
    }),
  );
  app.onError((error, context) => {
    log.error("request failed", { path: "other", why: whatHappened(error) });
    return deliver(problemAnswer(problemOf(error), context.req.path), context.env);
  });
  return app;
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** What the log says and the answer does not. */
function whatHappened(error: unknown): string {
  if (error instanceof Problem) return String(error.cause);
  return (error instanceof Error && error.stack) || String(error);
}

/** A page of another site that resolves its own name to this machine is not answered. */
function checkHost({ req }: Context<Bindings>, hosts: readonly string[] | null): void {
  if (!hosts) return;
  const host = (req.header("host") ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!hosts.includes(host)) {
    throw new Problem(421, "host", `this server does not answer for "${host}"`);
  }
}

/** What tells a browser whether a page of another origin may read the answer. */
function originHeaders(
  { req }: Context<Bindings>,
  origins: readonly string[],
): Record<string, string> {
  if (origins.length === 0) return {};
  const origin = req.header("origin");
  if (origin === undefined || !origins.includes(origin)) return { vary: "origin" };
  return {
    vary: "origin",
    "access-control-allow-origin": origin,
    "cross-origin-resource-policy": "cross-origin",
  };
}
