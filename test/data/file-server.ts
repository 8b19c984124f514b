/**
 * A web server on this machine for one test: serves files with ranges and
 * version tags, and misbehaves where it is told to.
 */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** What the server was asked for. */
export interface Asked {
  readonly path: string;
  readonly range: string | undefined;
}

/** How a server behaves; everything may be changed between requests. */
export interface Behaviour {
  files: Record<string, Buffer>;
  /** Cuts each of the first connections after so many bytes. */
  cuts: number[];
  /** A cut waits until the client has kept so many bytes in all: what is on its way may get lost. */
  kept?: () => number;
  /** Answers the first requests with these statuses. */
  statuses: number[];
  /** No ETag and no Last-Modified. */
  tagless?: boolean;
  /** Answers a range with the whole file. */
  rangeless?: boolean;
  /** Sends so many bytes, then nothing more. */
  stallAfter?: number;
  /** No Content-Length: chunked transfer. */
  lengthless?: boolean;
}

export interface FileServer extends Behaviour {
  readonly url: (path: string) => string;
  readonly asked: Asked[];
}

export async function serveFiles(
  test: Pick<TestContext, "after">,
  files: Record<string, Buffer>,
  behaviour: Partial<Behaviour> = {},
): Promise<FileServer> {
  const listener = createServer((request, response) => answer(state, request, response));
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  const { port } = listener.address() as AddressInfo;
  const url = (path: string) => `http://127.0.0.1:${port}/${path}`;
  const state: FileServer = { files, cuts: [], statuses: [], ...behaviour, url, asked: [] };
  return state;
}

/** An address on this machine where nobody listens. */
export async function addressOfNobody(): Promise<string> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return `http://127.0.0.1:${port}/a`;
}

function answer(server: FileServer, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? "").slice(1);
  const { range } = request.headers;
  server.asked.push({ path, range });
  const status = server.statuses.shift();
  const content = server.files[path];
  if (status !== undefined || content === undefined) {
    response.writeHead(status ?? 404).end("no");
    return;
  }
  const tag = `"${createHash("md5").update(content).digest("hex")}"`;
  if (!server.tagless) response.setHeader("etag", tag);
  const asked = /^bytes=(\d+)-$/.exec(range ?? "")?.[1];
  const sameVersion = request.headers["if-range"] === tag;
  let start = 0;
  if (asked !== undefined && sameVersion && !server.rangeless) {
    start = Number(asked);
    if (start >= content.length) {
      response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
      return;
    }
    response.statusCode = 206;
    response.setHeader("content-range", `bytes ${start}-${content.length - 1}/${content.length}`);
  }
  const rest = content.subarray(start);
  if (!server.lengthless) response.setHeader("content-length", rest.length);
  const cut = server.cuts.shift();
  if (cut !== undefined) {
    response.write(rest.subarray(0, cut));
    const whenKept = setInterval(() => {
      if (server.kept && server.kept() < start + cut) return;
      clearInterval(whenKept);
      response.destroy();
    }, 5);
    response.on("close", () => clearInterval(whenKept));
  } else if (server.stallAfter !== undefined) {
    response.write(rest.subarray(0, server.stallAfter));
  } else response.end(rest);
}
