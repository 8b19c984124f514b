import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { fuzzServer } from "./fuzzed-server.ts";
import { bundleFolder, call, serveFolder } from "./served-bundle.ts";
import { storeKinds } from "./stores.ts";

for (const kind of storeKinds) {
  const what = "no request makes the server fail, hang or answer what it does not describe";
  test(`${what}, on ${kind.name}`, { skip: kind.skip }, async (t) => {
    await kind.start();
    const lines: string[] = [];
    const server = await serveFolder(await bundleFolder(), {
      store: await kind.location(),
      logLevel: "error",
      writeLog: (line) => lines.push(line),
    });
    t.after(async () => {
      await server.close();
      await kind.stop();
    });
    const { requests, answers } = await fuzzServer(server.url, { requests: 1000 }, Date.now());
    assert.equal(requests, 1000);
    const statuses = (operation: string) =>
      [...answers.keys()]
        .filter((key) => key.startsWith(`${operation} `))
        .map((key) => key.slice(-3));
    for (const operation of ["POST /v1/recommendations", "PUT /v1/items/{id}"]) {
      // Requests get past the checks, and others do not; each of these is met twenty times and more.
      for (const status of ["200", "400", "415"]) {
        assert.ok(statuses(operation).includes(status), `${operation}: ${statuses(operation)}`);
      }
    }
    assert.deepEqual(lines, []);
    assert.equal((await call(server, "GET", "/health")).status, 200);
  });
}

test("the fuzzer finds a failure, a wrong shape, and a status nobody described", async (t) => {
  const property = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
  const json = (schema: object) => ({ content: { "application/json": { schema } } });
  const described = json({ ...property, additionalProperties: false });
  const description = {
    paths: {
      "/x": { post: { parameters: [], requestBody: described, responses: { 200: described } } },
    },
    components: { schemas: { Problem: property } },
  };
  const wrong: [status: number, body: object, message: RegExp][] = [
    [500, {}, /500/],
    [200, { a: "1" }, /not as described/],
    [200, { a: 1, b: 2 }, /not as described/],
    [404, { a: 1 }, /404 is not described/],
  ];
  for (const [status, body, message] of wrong) {
    const server = await lie(description, status, body);
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    await assert.rejects(fuzzServer(`http://127.0.0.1:${port}`, { seconds: 2 }, 1), message);
  }
});

/** A server that describes one thing and answers another. */
function lie(description: object, status: number, body: object): Promise<Server> {
  const server = createServer((request, response) => {
    const isDescription = request.url === "/openapi.json";
    const isProblem = !isDescription && status !== 200;
    const type = isProblem ? "application/problem+json" : "application/json";
    response.writeHead(isDescription ? 200 : status, { "content-type": type });
    response.end(JSON.stringify(isDescription ? description : body));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
