/**
 * The routes: who may call, how a request becomes an endpoint's input, and how an
 * answer or an error goes out.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { type Context, Hono } from "hono";
import { type Answer, deliver, preflightAnswer, problemAnswer, textAnswer } from "./answer.ts";
import type { ApiKeys, Scope } from "./api-keys.ts";
import { type Bindings, type Call, directCall, isDirect, routedCall } from "./call.ts";
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

export interface Application {
  /** Every route there is; more may be added. */
  readonly app: Hono<Bindings>;
  /**
   * Answers a request of Node's server at once where its address is that of an endpoint, letter by
   * letter; the answer is the one that `app` gives.
   * @returns false where `app` has to
   */
  answerDirectly(incoming: IncomingMessage, outgoing: ServerResponse): boolean;
}

/** Everything between a request and the endpoints. */
export function createApplication<S extends RouteServices>(
  options: ApplicationOptions<S>,
): Application {
  const { endpoints, services, keys, log } = options;
  const app = new Hono<Bindings>(options.pathOf && { getPath: options.pathOf });
  /** Runs what answers a route, with everything that holds for all of them. */
  const complete =
    (path: string, answer: (call: Call) => Answer | Promise<Answer>) =>
    async (call: Call): Promise<Answer> => {
      const begin = performance.now();
      let given: Answer;
      try {
        checkHost(call, options.hosts);
        given = await answer(call);
      } catch (error) {
        const problem = problemOf(error);
        if (problem.status === 500 || problem.cause !== undefined) {
          log.error("request failed", { path, why: whatHappened(error) });
        }
        given = problemAnswer(problem, call.path);
      }
      const { status } = given;
      // What is left of a body that is too large is not read, so its connection is of no more use.
      const isLast = !services.isReady() || status === 413;
      if (isLast || options.origins.length > 0) {
        const origin = originHeaders(call, options.origins);
        const headers = { ...given.headers, ...origin, ...(isLast && { connection: "close" }) };
        given = { ...given, headers };
      }
      const seconds = (performance.now() - begin) / 1000;
      const { method } = call;
      services.metrics.request(method, path, status, seconds);
      log.info("request", { method, path, status, ms: round(1000 * seconds) });
      return given;
    };
  const route = (path: string, answer: (call: Call) => Answer | Promise<Answer>) => {
    const answered = complete(path, answer);
    return async (context: Context<Bindings>): Promise<Response> =>
      deliver(await answered(routedCall(context)), context.env);
  };

  const guard = ({ address, header }: Call, scope: Scope | null): void => {
    if (scope === null) return;
    // Wrong keys count against the address, so that they cannot be tried without end.
    if (!keys) {
      options.rateLimit.take(address);
      return;
    }
    let client = `address ${address}`;
    try {
      client = `key ${keys.authorise(header("authorization"), scope)}`;
    } finally {
      options.rateLimit.take(client);
    }
  };

  const direct = new Map<string, (call: Call) => Promise<Answer>>();
  for (const endpoint of endpoints) {
    const { method, path, scope, bodySchema } = endpoint;
    const answer = async (call: Call): Promise<Answer> => {
      guard(call, scope);
      const body = bodySchema ? await readJson(call, options.mostBodyBytes) : undefined;
      const input = { path: call.params(), query: call.query(), body };
      const answer = await endpoint.handle(services, input);
      return textAnswer("application/json", JSON.stringify(answer));
    };
    app.on(method, path, route(path, answer));
    if (!path.includes(":")) direct.set(`${method} ${path}`, complete(path, answer));
  }
  const description = JSON.stringify(openApi(endpoints, keys !== null));
  const page = (path: string, type: string, text: () => string, scope: Scope | null = null) =>
    app.get(
      path,
      route(path, async (call) => {
        guard(call, scope);
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
      route(path, (call) => {
        const why = `${call.method} is not one of ${allowed.join(", ")}`;
        const answer = problemAnswer(new Problem(405, "method", why), call.path);
        return { ...answer, headers: { ...answer.headers, allow: allowed.join(", ") } };
      }),
    );
  }
  app.notFound(
    route("other", async (call) => {
      throw new Problem(
        404,
        "route",
        `there is nothing at ${call.path}; /docs lists what there is`,
      );
    }),
  );
  app.onError((error, context) => {
    log.error("request failed", { path: "other", why: whatHappened(error) });
    return deliver(problemAnswer(problemOf(error), context.req.path), context.env);
  });
  return {
    app,
    answerDirectly(incoming, outgoing) {
      const answered = direct.get(`${incoming.method} ${incoming.url}`);
      if (!answered || !isDirect(incoming, options.mostBodyBytes)) return false;
      answered(directCall(incoming))
        .then((answer) => deliver(answer, { outgoing }))
        .catch((error: unknown) => {
          log.error("request failed", { path: "other", why: whatHappened(error) });
          outgoing.destroy();
        });
      return true;
    },
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** What the log says and the answer does not. */
function whatHappened(error: unknown): string {
  if (error instanceof Problem) return String(error.cause);
  return (error instanceof Error && error.stack) || String(error);
}

/** A page of another site that resolves its own name to this machine is not answered. */
function checkHost(call: Call, hosts: readonly string[] | null): void {
  if (!hosts) return;
  const host = (call.header("host") ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!hosts.includes(host)) {
    throw new Problem(421, "host", `this server does not answer for "${host}"`);
  }
}

/** What tells a browser whether a page of another origin may read the answer. */
function originHeaders(call: Call, origins: readonly string[]): Record<string, string> {
  if (origins.length === 0) return {};
  const origin = call.header("origin");
  if (origin === undefined || !origins.includes(origin)) return { vary: "origin" };
  return {
    vary: "origin",
    "access-control-allow-origin": origin,
    "cross-origin-resource-policy": "cross-origin",
  };
}
