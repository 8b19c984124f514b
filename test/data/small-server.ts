/** A local web server that can be as unreliable as the real ones. */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";

/** How one request is answered. */
export type Behaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
) => void | Promise<void>;

/** A server of files by path; behaviours are used up one by one, then it is well-behaved. */
export interface SmallServer {
  readonly url: string;
  readonly files: Map<string, Buffer>;
  readonly behaviours: Behaviour[];
  /** "PATH RANGE" of every request. */
  readonly requests: string[];
}

/** Answers a whole file or the range asked for, as RFC 9110 says. */
export const honest: Behaviour = (request, response, body) => {
  const tag = `"${createHash("md5").update(body).digest("hex")}"`;
  response.setHeader("etag", tag);
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? -1);
  const condition = request.headers["if-range"];
  if (start < 0 || (condition !== undefined && condition !== tag)) {
    response.setHeader("content-length", body.length);
    response.end(body);
  } else if (start >= body.length) response.writeHead(416).end();
  else {
    response.setHeader("content-range", `bytes ${start}-${body.length - 1}/${body.length}`);
    response.setHeader("content-length", body.length - start);
    response.writeHead(206).end(body.subarray(start));
  }
};

/** Promises the whole file, sends its first bytes and hangs up. */
export const cutAfter =
  (bytes: number): Behaviour =>
  (request, response, body) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.setHeader("etag", `"${createHash("md5").update(body).digest("hex")}"`);
    response.setHeader("content-length", body.length - start);
    if (start > 0) {
      response.setHeader("content-range", `bytes ${start}-${body.length - 1}/${body.length}`);
      response.statusCode = 206;
    }
    response.write(body.subarray(start, start + bytes), () => {
      // Give the bytes time to arrive before the connection breaks.
      setTimeout(() => response.destroy(), 100);
    });
  };

/** Answers with a status and nothing else. */
export const status =
  (code: number): Behaviour =>
  (_request, response) => {
    response.writeHead(code).end("sorry");
  };

/** Starts a server that ends with the tests of the file. */
export async function startServer(files: Readonly<Record<string, string | Uint8Array>>) {
  const server: Omit<SmallServer, "url"> = {
    files: new Map(Object.entries(files).map(([path, body]) => [path, Buffer.from(body)])),
    behaviours: [],
    requests: [],
  };
  const http = createServer((request, response) => {
    const path = request.url ?? "";
    server.requests.push(`${path} ${request.headers.range ?? "whole"}`);
    const body = server.files.get(path);
    if (body === undefined) return void response.writeHead(404).end();
    void (server.behaviours.shift() ?? honest)(request, response, body);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  after(() => {
    http.closeAllConnections();
    http.close();
  });
  const address = http.address() as AddressInfo;
  const running: SmallServer = { ...server, url: `http://127.0.0.1:${address.port}` };
  return running;
}
