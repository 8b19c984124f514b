/**
 * Requests as other clients than a browser send them: raw, chunked, cut off, forged.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import type { RunningServer } from "../../src/serving/server.ts";
import { bundleFolder, serveFolder } from "./served-bundle.ts";

const own = { Request: globalThis.Request, Response: globalThis.Response };
let server: RunningServer;
before(async () => {
  server = await serveFolder(await bundleFolder(), { mostBodyBytes: 10_000 });
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
