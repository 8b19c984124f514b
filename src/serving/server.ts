/**
 * A running server: everything opened in order, and closed in the opposite one
 * when the last request has been answered.
 *
 * @module
 */

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import { BadInputError } from "../base/errors.ts";
import { ApiKeys } from "./api-keys.ts";
import { createApplication } from "./application.ts";
import type { Services } from "./endpoint.ts";
import { ItemCatalogue } from "./item-catalogue.ts";
import { Log, type LogLevel } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { ModelHost } from "./model-host.ts";
import { RankingQueue } from "./ranking-queue.ts";
import { RateLimit } from "./rate-limit.ts";
import { SqliteEventStore } from "./store/sqlite-store.ts";

export interface ServerOptions {
  /** The bundle, or the run folder that it lies in. */
  readonly directory: string;
  readonly host?: string;
  /** 0 = any free port. */
  readonly port?: number;
  /** SQLite file of events; default: events.sqlite beside the bundle. */
  readonly store?: string;
  /** Key file; without one everybody who reaches the server may do everything. */
  readonly keys?: string;
  /** Whether to listen beyond this machine without keys. */
  readonly open?: boolean;
  readonly origins?: readonly string[];
  /** Requests a second for each client; 0 = no limit. */
  readonly rateLimit?: number;
  readonly mostBodyBytes?: number;
  /** Milliseconds between looks for a new bundle; 0 = never. */
  readonly watchEvery?: number;
  /** Milliseconds in which a stopping server still answers, so that clients turn away first. */
  readonly farewell?: number;
  /** Milliseconds that requests under way have when the server stops. */
  readonly drainFor?: number;
  readonly logLevel?: LogLevel;
  readonly writeLog?: (line: string) => void;
}

export interface RunningServer {
  /** "http://127.0.0.1:8080" */
  readonly url: string;
  readonly services: Services;
  /** Answers what is under way, then stops. */
  close(): Promise<void>;
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Opens the bundle and the store, and listens.
 * @throws BadInputError where either cannot be opened or the address cannot be had
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { directory, host = "127.0.0.1", port = 8080, rateLimit = 0 } = options;
  const isLocal = [...LOOPBACK, "::1"].includes(host);
  if (!isLocal && options.keys === undefined && !options.open) {
    throw new BadInputError(
      "open-server",
      `--host ${host} lets other machines in, and there are no keys; pass --keys FILE (lumiere key makes one), or --open to let everybody in`,
    );
  }
  const keys = options.keys === undefined ? null : ApiKeys.open(options.keys);
  const log = new Log(
    options.logLevel ?? "error",
    options.writeLog ?? ((line) => process.stderr.write(line)),
  );
  const metrics = new Metrics();
  const models = await ModelHost.open(directory, (event) => {
    const outcome = "failure" in event ? "failed" : "loaded";
    metrics.count("lumiere_reloads_total", "Reloads by outcome.", { outcome });
    if ("failure" in event) log.error("model not loaded", { ...event.failure });
    else log.info("model loaded", { model: event.current.id, previous: event.previous.id });
  });
  const path = options.store ?? join(dirname(models.current.bundle.directory), "events.sqlite");
  const store = await SqliteEventStore.open(resolve(path));
  let isReady = true;
  const queue = new RankingQueue();
  const services: Services = {
    models,
    store,
    metrics,
    queue,
    catalogue: await ItemCatalogue.open(store),
    isReady: () => isReady,
  };
  gauges(services);
  const app = createApplication({
    services,
    log,
    keys,
    rateLimit: new RateLimit(rateLimit),
    origins: options.origins ?? [],
    hosts: isLocal ? LOOPBACK : null,
    mostBodyBytes: options.mostBodyBytes ?? 1 << 20,
  });
  // Slow clients do not hold a connection for ever.
  const serverOptions = {
    requestTimeout: 30_000,
    headersTimeout: 10_000,
    keepAliveTimeout: 65_000,
  };
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions }) as Server;
  server.maxConnections = 4096;
  try {
    await listen(server, host, port);
  } catch (error) {
    await store.close();
    throw error;
  }
  if (options.watchEvery !== 0) await models.watch(options.watchEvery ?? 2000);
  const { port: actual } = server.address() as AddressInfo;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${actual}`;
  log.info("listening", { url, model: models.current.id, store: path });
  return {
    url,
    services,
    async close() {
      isReady = false;
      models.close();
      await wait(options.farewell ?? 200);
      await drain(server, options.drainFor ?? 10_000);
      await store.close();
      log.info("stopped");
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
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
}

/** No new connections; those with a request under way end with its answer. */
async function drain(server: Server, milliseconds: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), milliseconds);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}

function gauges({ metrics, models, queue }: Services): void {
  metrics.gauge("lumiere_model_info", "The model that answers.", () => [
    [{ model: models.current.id, name: models.current.bundle.manifest.model.name }, 1],
  ]);
  metrics.gauge("lumiere_queue_length", "Requests that wait for a list.", () => [
    [{}, queue.length],
  ]);
  metrics.gauge("process_resident_memory_bytes", "Memory of the process.", () => [
    [{}, process.memoryUsage.rss()],
  ]);
}
