/**
 * Runs whose models are in memory: each answers the whole API of `lumiere serve`
 * below its own address. The one that was asked longest ago makes room.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getPath } from "hono/utils/url";
import { type Application, createApplication } from "../serving/application.ts";
import type { Services } from "../serving/endpoint.ts";
import { endpoints } from "../serving/endpoints/index.ts";
import { LOOPBACK } from "../serving/listener.ts";
import type { Log } from "../serving/log.ts";
import { Metrics } from "../serving/metrics.ts";
import { RateLimit } from "../serving/rate-limit.ts";
import { openServices } from "../serving/services.ts";
import { SqliteEventStore } from "../serving/store/sqlite-store.ts";
import type { RunsFolder } from "./runs-folder.ts";

/** Two side by side, and two to go back to. */
const MOST_OPEN = 4;

const MOST_BODY_BYTES = 1 << 20;

/** "/runs/first/v1/models" → "/v1/models" */
const pathWithinRun = (request: Request): string => getPath(request).replace(/^\/runs\/[^/]*/, "");

interface OpenRun {
  readonly services: Services;
  readonly app: Application["app"];
  close(): Promise<void>;
}

interface Entry {
  readonly run: Promise<OpenRun>;
  /** Requests under way; a run in use is not closed. */
  inUse: number;
}

export class OpenRuns {
  readonly #folder: RunsFolder;
  readonly #log: Log;
  /** The one asked last comes last. */
  readonly #entries = new Map<string, Entry>();

  constructor(folder: RunsFolder, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * Lets something work with a run, which stays open meanwhile.
   * @throws Problem 404 where there is no such run; BadInputError where its bundle is damaged
   */
  async use<T>(id: string, work: (run: OpenRun) => T | Promise<T>): Promise<T> {
    const entry = this.#entries.get(id) ?? { run: this.#open(id), inUse: 0 };
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    entry.inUse++;
    try {
      return await work(await entry.run);
    } catch (error) {
      // What could not be opened may be whole the next time.
      await entry.run.catch(() => this.#entries.delete(id));
      throw error;
    } finally {
      entry.inUse--;
      await this.#makeRoom();
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { run } of entries) await (await run.catch(() => null))?.close();
  }

  async #makeRoom(): Promise<void> {
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= MOST_OPEN) return;
      if (entry.inUse > 0) continue;
      this.#entries.delete(id);
      await (await entry.run.catch(() => null))?.close();
    }
  }

  async #open(id: string): Promise<OpenRun> {
    const directory = await this.#folder.folderOf(id);
    // What visitors of the studio do is no feedback of real people: it is gone with the run.
    const scratch = await mkdtemp(join(tmpdir(), "lumiere-studio-"));
    const isReady = () => true;
    try {
      const services = await openServices({
        directory,
        openStore: async () => SqliteEventStore.open(join(scratch, "events.sqlite")),
        metrics: new Metrics(),
        // Whoever runs the studio has the runs, and their data, on this machine.
        explainUsers: true,
        onReload: () => {},
        isReady,
      });
      const { app } = createApplication({
        endpoints,
        services,
        log: this.#log,
        keys: null,
        rateLimit: new RateLimit(0),
        origins: [],
        hosts: LOOPBACK,
        mostBodyBytes: MOST_BODY_BYTES,
        pathOf: pathWithinRun,
      });
      // A run that is trained again under the same name answers with its new model.
      await services.models.watch(2000);
      return {
        services,
        app,
        async close() {
          services.models.close();
          await services.store.close();
          await rm(scratch, { recursive: true, force: true });
        },
      };
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      throw error;
    }
  }
}
