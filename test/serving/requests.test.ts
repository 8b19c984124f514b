/**
 * Requests as other clients than a browser send them: raw, chunked, cut off, forged.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type { RunningServer } from "../../src/serving/server.ts";
import { bundleFolder, call, serveFolder } from "./served-bundle.ts";

const own = { Request: globalThis.Request, Response: globalThis.Response };
const logged: string[] = [];
let server: RunningServer;
before(async () => {
  server = await serveFolder(await bundleFolder(), {
    mostBodyBytes: 10_000,
    logLevel: "error",
    writeLog: (line) => logged.push(line),
  });
});
after(() => server.close());

/** Everything that comes back for some bytes, until the server or the time ends it. */
function exchange(bytes: string, milliseconds = 3000): Promise<string> {
  const { port } = new URL(server.url);
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(bytes));
    const finish = () => {
      socket.destroy();
      resolve(text);
    };
    socket.on("data", (data) => {
      text += data;
    });
    socket.on("close", finish).on("error", finish).setTimeout(milliseconds, finish);
  });
}

const post = (headers: string, body: string) =>
  `POST /v1/recommendations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

test("a body in chunks is read, also where a letter is cut in two", async () => {
  const [before, rest] = ['{"user": "', '", "k": 3}'];
  const cut = Buffer.from("é").toString("latin1");
  const { port } = new URL(server.url);
  const text = await new Promise<string>((resolve) => {
    let all = "";
    const socket = connect(Number(port), "127.0.0.1", () => {
      const head = post("Transfer-Encoding: chunked\r\nConnection: close\r\n", "");
      socket.write(`${head}${chunk(before)}`);
      for (const byte of cut) socket.write(Buffer.from(`1\r\n${byte}\r\n`, "latin1"));
      socket.write(`${chunk(rest)}0\r\n\r\n`);
    });
    socket.on("data", (data) => {
      all += data;
    });
    socket.on("close", () => resolve(all));
  });
  assert.match(text, /^HTTP\/1\.1 200 /);
  assert.equal(JSON.parse(text.slice(text.indexOf("{"))).items.length, 3);
});

test("a body that is too large is refused, told or counted, and its connection closed", async () => {
  const told = await exchange(post("Content-Length: 10001\r\n", ""));
  const counted = await exchange(
    post("Transfer-Encoding: chunked\r\n", chunk(" ".repeat(9000)) + chunk(" ".repeat(2000))),
  );
  for (const text of [told, counted]) {
    assert.match(text, /^HTTP\/1\.1 413 /);
    assert.match(text, /\r\nconnection: close\r\n/i);
    assert.match(text, /more than 10000 bytes/);
  }
  const fits = await exchange(
    post("Content-Length: 10000\r\nConnection: close\r\n", `{${" ".repeat(9998)}}`),
  );
  assert.match(fits, /^HTTP\/1\.1 200 /);
});

test("a body that is cut off is nobody's failure", async () => {
  logged.length = 0;
  const head = (more: string) => post(more, "");
  await exchange(`${head("Content-Length: 100\r\n")}{"k"`, 50);
  await exchange(`${head("Transfer-Encoding: chunked\r\n")}5\r\n{"k`, 50);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /path="\/v1\/recommendations",status="400"\} 2\n/);
  assert.doesNotMatch(metrics, /status="500"/);
  assert.deepEqual(logged, []);
});

test("an item is found again by whatever name it was put", async () => {
  const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
  const parts = fc.constantFrom("%", "%2F", "%25", "/", "?", "#", ";", "+", " ", "..", "\\", ":id");
  const ids = fc
    .oneof(names, fc.array(fc.oneof(parts, names), { minLength: 2, maxLength: 4 }))
    .map((id) => (typeof id === "string" ? id : id.join("")))
    // A step up or to nowhere is taken out of addresses before they are sent.
    .filter((id) => /^[^\p{Cc}\p{Cs}]+$/u.test(id) && !/^\.{1,2}$/.test(id));
  await fc.assert(
    fc.asyncProperty(ids, async (id) => {
      const path = `/v1/items/${encodeURIComponent(id)}`;
      const title = `of ${id}`.slice(0, 100);
      const { body } = await call(server, "PUT", path, { title });
      assert.equal(body.id, id);
      assert.equal((await call(server, "GET", path)).body.title, title);
    }),
    { numRuns: 60 },
  );
});

test("what is not a method of an address is refused with those that are", async () => {
  const { status, headers } = await call(server, "PATCH", "/v1/items/i1");
  assert.deepEqual([status, headers.get("allow")], [405, "GET, PUT"]);
});

test("HEAD is GET without a body", async () => {
  const response = await fetch(`${server.url}/health`, { method: "HEAD" });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-length"), String('{"status":"ok"}'.length));
  assert.equal(await response.text(), "");
});

test("a server inside another program leaves its globals alone", () => {
  assert.equal(globalThis.Request, own.Request);
  assert.equal(globalThis.Response, own.Response);
});

/** An answer as text without what is of the moment: dates and the names of lists. */
async function answered(path: string, init: RequestInit): Promise<string> {
  const response = await fetch(server.url + path, init);
  const headers = [...response.headers].filter(([name]) => !["date"].includes(name));
  const body = (await response.text())
    .replace(/"attribution":"[^"]*"/, "")
    .replace(/"time":"[^"]*"/, "");
  return JSON.stringify({ status: response.status, headers, body });
}

test("answers that pass Hono by are the ones that it gives", async () => {
  const type = { "content-type": "application/json; charset=utf-8" };
  const body = (value: object, headers: HeadersInit = type) =>
    ({ method: "POST", headers, body: JSON.stringify(value) }) satisfies RequestInit;
  const cases: [string, RequestInit][] = [
    ["/v1/recommendations", body({ user: "u1", k: 3 })],
    ["/v1/recommendations", body({ user: "u1", k: 3 }, {})],
    ["/v1/recommendations", body({ user: "u1", k: 0, other: "é" })],
    ["/v1/recommendations", { method: "POST", headers: type, body: "\ufeff{" }],
    ["/v1/recommendations", { method: "POST", headers: type }],
    ["/v1/recommendations", body({ exclude: Array.from({ length: 4000 }, () => "x") })],
    ["/v1/events", body({ events: [{ user: "u2", item: "nowhere", id: "once" }] })],
    ["/v1/models", {}],
    ["/health", {}],
  ];
  await answered("/v1/events", body({ events: [{ user: "u2", item: "nowhere", id: "once" }] }));
  for (const [path, init] of cases) {
    // An empty query is a query, so that Hono takes it.
    assert.equal(await answered(path, init), await answered(`${path}?`, init), path);
  }
});
