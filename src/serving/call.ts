/**
 * A request as the routes see it, whoever took it off the wire: Hono, for all there are,
 * or Node's own server, for those that need nothing of a web Request.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";

export type Bindings = { Bindings: Partial<HttpBindings> };

export interface Call {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** "" where it did not come over a socket. */
  readonly address: string;
  /** Parts of the path that the route names. */
  params(): Readonly<Record<string, string>>;
  query(): Readonly<Record<string, string>>;
  header(name: string): string | undefined;
  /** The body in parts; null where there is none. */
  chunks(): ReadableStream<Uint8Array> | null;
  /** The whole body. */
  bytes(): Promise<AllowSharedBufferSource>;
}

/** A request that Hono has routed. */
export function routedCall({ req, env }: Context<Bindings>): Call {
  return {
    method: req.method,
    path: req.path,
    address: addressOf(env?.incoming),
    params: () => req.param(),
    query: () => req.query(),
    header: (name) => req.header(name),
    chunks: () => req.raw.body,
    bytes: () => req.arrayBuffer(),
  };
}

/** A request to a plain path, with neither parameters nor a query, whose body has a known length. */
export function directCall(incoming: IncomingMessage): Call {
  const { method = "", url = "" } = incoming;
  return {
    method,
    path: url,
    address: addressOf(incoming),
    params: () => NOTHING,
    query: () => NOTHING,
    header: (name) => incoming.headers[name] as string | undefined,
    chunks: () => null,
    bytes: () => bytesOf(incoming),
  };
}

/** Whether a request is one that `directCall` can take. */
export function isDirect({ headers }: IncomingMessage, mostBodyBytes: number): boolean {
  // What is too large or in chunks may have to be left unread, which Hono's adapter sees to.
  return (
    headers.host !== undefined &&
    headers["transfer-encoding"] === undefined &&
    Number(headers["content-length"] ?? 0) <= mostBodyBytes
  );
}

const NOTHING = {};

const addressOf = (incoming: HttpBindings["incoming"] | undefined): string =>
  incoming?.socket?.remoteAddress ?? "";

/** @throws Error where the connection ends before the body does */
function bytesOf(incoming: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    incoming.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    incoming.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    incoming.on("error", reject);
    incoming.on("close", () => {
      // Every request closes; an error, whose stack takes microseconds, is for those that were cut off.
      if (!incoming.readableEnded) reject(new Error("the connection was closed"));
    });
  });
}
