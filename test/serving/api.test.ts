import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { addKey } from "../../src/serving/api-keys.ts";
import type { RecommendationAnswer } from "../../src/serving/schemas.ts";
import type { RunningServer } from "../../src/serving/server.ts";
import { bundleFolder, call, serveFolder } from "./served-bundle.ts";

let server: RunningServer;
before(async () => {
  server = await serveFolder(await bundleFolder());
});
after(() => server.close());

const recommend = async (body: object) =>
  (await call<RecommendationAnswer>(server, "POST", "/v1/recommendations", body)).body;

test("wrong requests are problems that name the field, without a stack", async () => {
  const wrong: [string, string, unknown, number, string][] = [
    ["POST", "/v1/recommendations", { k: 0 }, 400, "body.k"],
    ["POST", "/v1/recommendations", { k: 501 }, 400, "body.k"],
    ["POST", "/v1/recommendations", { k: 101, explain: true }, 400, "body.k"],
    ["POST", "/v1/recommendations", { history: Array(1001).fill("i1") }, 400, "body.history"],
    ["POST", "/v1/recommendations", { user: "" }, 400, "body.user"],
    ["POST", "/v1/recommendations", { user: "a\u0000b" }, 400, "body.user"],
    ["POST", "/v1/recommendations", { history: [1] }, 400, "body.history.0"],
    ["POST", "/v1/recommendations", { filter: { year: { from: "x" } } }, 400, "filter.year.from"],
    ["POST", "/v1/recommendations", { surprise: 1 }, 400, "surprise"],
    ["POST", "/v1/recommendations", { page: "x" }, 400, "page"],
    ["POST", "/v1/recommendations", "{", 400, "JSON"],
    ["POST", "/v1/recommendations", "[]", 400, "body"],
    ["POST", "/v1/events", { events: [] }, 400, "body.events"],
    ["POST", "/v1/events", { events: [{ user: "a" }] }, 400, "body.events.0.item"],
    ["POST", "/v1/events", { events: [{ user: "a", item: "b", value: 1e12 }] }, 400, "value"],
    ["GET", "/v1/items/i1/similar?k=x", undefined, 400, "query.k"],
    ["GET", "/v1/models?x=1", undefined, 400, "query.x"],
    ["GET", "/v1/items/%00", undefined, 400, "path.id"],
    ["GET", "/v1/items/nothing/similar", undefined, 404, "nothing"],
    ["GET", "/nowhere", undefined, 404, "/nowhere"],
    ["PATCH", "/v1/events", undefined, 405, "PATCH"],
    ["POST", "/v1/events", `{"events": ["${"x".repeat(1 << 20)}"]}`, 413, "bytes"],
  ];
  for (const [method, path, body, status, named] of wrong) {
    const reply = await call(server, method, path, body);
    const text = JSON.stringify(reply.body);
    assert.equal(reply.status, status, `${method} ${path}: ${text}`);
    assert.equal(reply.headers.get("content-type"), "application/problem+json");
    assert.ok(text.includes(named), `${text} does not name ${named}`);
    assert.ok(!text.includes(".ts") && !text.includes("node:"), text);
  }
  const form = await fetch(`${server.url}/v1/events`, { method: "POST", body: "a=b" });
  assert.equal(form.status, 415);
});

test("the description, its page, health, readiness and metrics", async () => {
  const { body } = await call<{ openapi: string; paths: Record<string, object> }>(
    server,
    "GET",
    "/openapi.json",
  );
  assert.equal(body.openapi, "3.1.0");
  assert.deepEqual(Object.keys(body.paths["/v1/items/{id}"]!).sort(), ["get", "put"]);
  const page = await call<string>(server, "GET", "/docs");
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  const addresses = page.body.matchAll(/(?:src|href)="([^"]*)"/g);
  for (const [, address] of addresses) {
    assert.match(address!, /^\//);
    assert.equal((await call(server, "GET", address!)).status, 200);
  }
  assert.deepEqual((await call(server, "GET", "/health")).body, { status: "ok" });
  assert.equal((await call(server, "GET", "/ready")).body.status, "ready");
  await recommend({});
  await call(server, "POST", "/v1/events", { events: [{ user: "u5", item: "i1" }] });
  await call(server, "GET", "/v1/users/u5/history");
  const metrics = (await call<string>(server, "GET", "/metrics")).body;
  assert.match(metrics, /lumiere_recommendations_total\{routing="popularity"\} \d+/);
  assert.match(metrics, /lumiere_request_seconds_count\{method="POST",path="\/v1\/events"\} \d+/);
  assert.ok(!metrics.includes("u5"), "people are not in the metrics");
});

describe("who may call", () => {
  test("keys by scope, and wrong ones not without end", async () => {
    const folder = await bundleFolder();
    const keys = join(dirname(folder), "keys.json");
    const reading = addKey(keys, "page", ["read"]);
    const writing = addKey(keys, "shop", ["read", "write"]);
    assert.ok(!readFileSync(keys, "utf8").includes(reading));
    const guarded = await serveFolder(folder, { keys, rateLimit: 10 });
    const status = async (key: string | null, method: string, path: string, body?: object) =>
      (
        await call(
          guarded,
          method,
          path,
          body,
          key === null ? {} : { authorization: `Bearer ${key}` },
        )
      ).status;
    const events = { events: [{ user: "a", item: "i1" }] };
    assert.equal(await status(null, "GET", "/health"), 200);
    assert.equal(await status(null, "GET", "/v1/models"), 401);
    assert.equal(await status(`${reading}x`, "GET", "/v1/models"), 401);
    assert.equal(await status(reading, "GET", "/v1/models"), 200);
    assert.equal(await status(reading, "GET", "/metrics"), 200);
    assert.equal(await status(reading, "POST", "/v1/events", events), 403);
    assert.equal(await status(writing, "POST", "/v1/events", events), 200);
    const guesses = [];
    for (let at = 0; at < 40; at++) guesses.push(await status(`guess${at}`, "GET", "/v1/models"));
    assert.ok(guesses.includes(429), "a guesser is slowed down");
    assert.equal(await status(writing, "GET", "/v1/models"), 200, "others are not");
    await guarded.close();
  });

  test("other machines only with keys, other names never, other origins from a list", async () => {
    const folder = await bundleFolder();
    await assert.rejects(serveFolder(folder, { host: "0.0.0.0" }), { code: "open-server" });
    const shared = await serveFolder(folder, { origins: ["https://a.example"] });
    const allowed = async (origin: string) =>
      (await call(shared, "GET", "/v1/models", undefined, { origin })).headers.get(
        "access-control-allow-origin",
      );
    assert.equal(await allowed("https://a.example"), "https://a.example");
    assert.equal(await allowed("https://b.example"), null);
    const asked = (origin: string) =>
      call(shared, "OPTIONS", "/v1/events", undefined, {
        origin,
        "access-control-request-method": "POST",
      });
    const { status: preflight, headers } = await asked("https://a.example");
    assert.equal(preflight, 204);
    assert.equal(headers.get("access-control-allow-origin"), "https://a.example");
    assert.equal(headers.get("access-control-allow-methods"), "POST");
    assert.match(headers.get("access-control-allow-headers") ?? "", /authorization, content-type/);
    assert.equal(headers.get("vary"), "origin");
    const other = (await asked("https://a.example.evil.example")).headers;
    assert.equal(other.get("access-control-allow-origin"), null);
    assert.equal(other.get("vary"), "origin", "a cache must not hand one answer to the other");
    // fetch does not let a caller choose its Host.
    const { port } = new URL(shared.url);
    const status = await new Promise((resolve, reject) => {
      const headers = { host: "evil.example" };
      request({ port, host: "127.0.0.1", path: "/v1/models", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    assert.equal(status, 421);
    await shared.close();
  });
});
