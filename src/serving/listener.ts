/**
 * A listening socket: opened with a clear error where the address cannot be had,
 * and closed when the last request has been answered.
 *
 * @module
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { BadInputError } from "../base/errors.ts";
import type { Application } from "./application.ts";

export interface ListenerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
}

export interface Listener {
  /** "http://127.0.0.1:8080" */
  readonly url: string;
  /** No new connections; those with a request under way end with its answer, or when the time is over. */
  drain(milliseconds: number): Promise<void>;
}

/** Names by which this machine alone can be reached. */
export const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Whether only this machine reaches a server that listens on this address. */
export const isLoopback = (host: string): boolean => [...LOOPBACK, "::1"].includes(host);

/** @throws BadInputError "listen" */
export async function listen(
  { app, answerDirectly }: Application,
  { host, port }: ListenerOptions,
): Promise<Listener> {
  // Slow clients do not hold a connection for ever.
  const serverOptions = {
    requestTimeout: 30_000,
    headersTimeout: 10_000,
    keepAliveTimeout: 65_000,
  };
  const routed = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(serverOptions, (incoming, outgoing) => {
    if (!answerDirectly(incoming, outgoing)) void routed(incoming, outgoing);
  });
  server.maxConnections = 4096;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        new BadInputError(
          "listen",
          `cannot listen on ${host}:${port}: ${error.message}; choose another --port or --host`,
        ),
      ),
    );
    server.listen(port, host, () => resolve());
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actual}`,
    async drain(milliseconds) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      const late = setTimeout(() => server.closeAllConnections(), milliseconds);
      await closed;
      clearInterval(idle);
      clearTimeout(late);
    },
  };
}
