/**
 * A fuzzer over the server's own description: requests that `/openapi.json` allows
 * and requests that it does not, and every answer has to be one that it describes.
 * Run as a program for longer: `npm run fuzz:serve -- [seconds] [seed]`.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import {
  type FuzzedRequest,
  type Operation,
  operationsOf,
  requestsFor,
} from "./described-requests.ts";
import { bundleFolder, call, serveFolder } from "./served-bundle.ts";

/** A request that has not been answered by then hangs. */
const PATIENCE = 5000;

export interface FuzzReport {
  readonly requests: number;
  /** Answers by "GET /v1/items/{id} 404". */
  readonly answers: ReadonlyMap<string, number>;
}

/** When the fuzzer is done, whichever comes first. */
export interface FuzzLimits {
  readonly seconds?: number;
  readonly requests?: number;
}

/**
 * Sends requests.
 * @throws Error with the smallest request found, where an answer is not as described
 */
export async function fuzzServer(
  url: string,
  { seconds, requests: most = Number.MAX_SAFE_INTEGER }: FuzzLimits,
  seed: number,
): Promise<FuzzReport> {
  const { body: description } = await call({ url }, "GET", "/openapi.json");
  const operations = operationsOf(description);
  const answers = new Map<string, number>();
  let requests = 0;
  const cases = fc.oneof(
    ...operations.map((operation) =>
      requestsFor(operation).map((request) => ({ operation, request })),
    ),
  );
  const property = fc.asyncProperty(cases, async ({ operation, request }) => {
    const status = await checkedAnswer(url, operation, request);
    const key = `${operation.method} ${operation.path} ${status}`;
    answers.set(key, (answers.get(key) ?? 0) + 1);
    requests++;
  });
  await fc.assert(property, {
    seed,
    numRuns: most,
    ...(seconds !== undefined && { interruptAfterTimeLimit: seconds * 1000 }),
    markInterruptAsFailure: false,
    includeErrorInReport: true,
  });
  return { requests, answers };
}

const schemas = new WeakMap<object, z.ZodType>();

async function checkedAnswer(url: string, operation: Operation, request: FuzzedRequest) {
  const { method, target, contentType, body } = request;
  const response = await fetch(url + target, {
    method,
    headers: contentType === null ? {} : { "content-type": contentType },
    ...(body !== null && { body }),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const text = await response.text();
  const { status } = response;
  assert.ok(status < 500, `${status}: ${text}`);
  const type = response.headers.get("content-type");
  assert.equal(type, status === 200 ? "application/json" : "application/problem+json");
  const described = operation.answers[status] ?? strayAnswer(operation, request, status);
  assert.ok(described, `status ${status} is not described: ${text}`);
  const schema = schemas.get(described) ?? z.fromJSONSchema(described);
  schemas.set(described, schema);
  const { error } = schema.safeParse(JSON.parse(text));
  assert.equal(error, undefined, `not as described: ${error && z.prettifyError(error)}\n${text}`);
  return status;
}

/** An id that is empty, or a step up, leads to another address, where there may be nothing. */
function strayAnswer({ path, answers }: Operation, { target }: FuzzedRequest, status: number) {
  const segments = new URL(target, "http://x").pathname.split("/");
  const strays = segments.length !== path.split("/").length || segments.includes("");
  return strays && (status === 404 || status === 405) ? answers[400] : undefined;
}

if (import.meta.main) {
  const [seconds = 60, seed = Date.now()] = process.argv.slice(2).map(Number);
  const server = await serveFolder(await bundleFolder(), { logLevel: "error" });
  try {
    console.log(`seed ${seed}`);
    const { requests, answers } = await fuzzServer(server.url, { seconds }, seed);
    for (const [key, count] of [...answers].sort()) console.log(`${count}\t${key}`);
    console.log(`${requests} requests in ${seconds} s, every answer as described`);
  } finally {
    await server.close();
  }
}
