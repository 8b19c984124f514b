/**
 * A running server: everything opened in order, and closed in the opposite one
 * when the last request has been answered.
 *
 * @module
 */

import { setTimeout as wait } from "node:timers/promises";
import { BadInputError } from "../base/errors.ts";
import { ApiKeys } from "./api-keys.ts";
import { createApplication } from "./application.ts";
import type { Services } from "./endpoint.ts";
import { endpoints } from "./endpoints/index.ts";
import { isLoopback, type Listener, LOOPBACK, listen } from "./listener.ts";
import { Log, type LogLevel } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { RateLimit } from "./rate-limit.ts";
import { openServices } from "./services.ts";
import { openStore } from "./store/open-store.ts";

export interface ServerOptions {
  /** The bundle, or the run folder that it lies in. */
  readonly directory: string;
  readonly host?: string;
  /** 0 = any free port. */
  readonly port?: number;
  /** SQLite file of events, or postgres://…; default: events.sqlite beside the bundle. */
  readonly store?: string;
  /** Key file; without one everybody who reaches the server may do everything. */
  readonly keys?: string;
  /** Whether to listen beyond this machine without keys. */
  readonly open?: boolean;
  readonly origins?: readonly string[];
  /** Whether explanations name other people of the training data; default false. */
  readonly explainUsers?: boolean;
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

/**
 * Opens the bundle and the store, and listens.
 * @throws BadInputError where either cannot be opened or the address cannot be had
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { directory, host = "127.0.0.1", port = 8080, rateLimit = 0 } = options;
  const isLocal = isLoopback(host);
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
  let isReady = true;
  const services = await openServices({
    directory,
    openStore: (models) => openStore(options.store, models.current.bundle.directory),
    metrics,
    explainUsers: options.explainUsers ?? false,
    onReload(event) {
      const outcome = "failure" in event ? "failed" : "loaded";
      metrics.count("lumiere_reloads_total", "Reloads by outcome.", { outcome });
      if ("failure" in event) log.error("model not loaded", { ...event.failure });
      else log.info("model loaded", { model: event.current.id, previous: event.previous.id });
    },
    isReady: () => isReady,
  });
  const { models, store } = services;
  gauges(services);
  const application = createApplication({
    endpoints,
    services,
    log,
    keys,
    rateLimit: new RateLimit(rateLimit),
    origins: options.origins ?? [],
    hosts: isLocal ? LOOPBACK : null,
    mostBodyBytes: options.mostBodyBytes ?? 1 << 20,
  });
  let listener: Listener;
  try {
    listener = await listen(application, { host, port });
  } catch (error) {
    await store.close();
    throw error;
  }
  if (options.watchEvery !== 0) await models.watch(options.watchEvery ?? 2000);
  const { url } = listener;
  log.info("listening", { url, model: models.current.id });
  return {
    url,
    services,
    async close() {
      isReady = false;
      models.close();
      await wait(options.farewell ?? 200);
      await listener.drain(options.drainFor ?? 10_000);
      await store.close();
      log.info("stopped");
    },
  };
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
  metrics.gauge("nodejs_heap_size_used_bytes", "JavaScript objects, collected ones too.", () => [
    [{}, process.memoryUsage().heapUsed],
  ]);
  metrics.gauge("nodejs_external_memory_bytes", "Buffers outside the JavaScript heap.", () => [
    [{}, process.memoryUsage().external],
  ]);
}
