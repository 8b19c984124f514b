/**
 * The studio as a running server: the web app, its API, and below `/runs/:run/v1/`
 * the whole API of `lumiere serve` for each run.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { deliver, problemAnswer } from "../serving/answer.ts";
import { createApplication } from "../serving/application.ts";
import { isLoopback, LOOPBACK, listen } from "../serving/listener.ts";
import { Log, type LogLevel } from "../serving/log.ts";
import { Metrics } from "../serving/metrics.ts";
import { problemOf } from "../serving/problem.ts";
import { RateLimit } from "../serving/rate-limit.ts";
import type { StudioServices } from "./endpoint.ts";
import { studioEndpoints } from "./endpoints/index.ts";
import { Jobs } from "./jobs/jobs.ts";
import { OpenRuns } from "./open-runs.ts";
import { Portraits } from "./portraits/portraits.ts";
import { RunsFolder } from "./runs-folder.ts";
import { WebApp } from "./web-app.ts";

/** Addresses of the app's views; each restores what its query says. */
const VIEWS = ["/", "/demo", "/train", "/compare", "/data", "/map", "/graph"];

export interface StudioOptions {
  /** Folder that holds runs; it may not exist yet. */
  readonly runs: string;
  readonly host?: string;
  /** 0 = any free port. */
  readonly port?: number;
  readonly logLevel?: LogLevel;
  readonly writeLog?: (line: string) => void;
}

export interface RunningStudio {
  /** "http://127.0.0.1:8090" */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Opens the runs folder and listens.
 * @throws BadInputError where the app is not built, the address cannot be had, or is not this machine's own
 */
export async function startStudio(options: StudioOptions): Promise<RunningStudio> {
  const { host = "127.0.0.1", port = 8090 } = options;
  if (!isLoopback(host)) {
    throw new BadInputError(
      "open-studio",
      `--host ${host}: the studio starts trainings for whoever reaches it, so it listens on this machine alone; pass 127.0.0.1, and reach it from elsewhere through a tunnel`,
    );
  }
  const webApp = await WebApp.open();
  const log = new Log(
    options.logLevel ?? "error",
    options.writeLog ?? ((line) => process.stderr.write(line)),
  );
  const folder = new RunsFolder(options.runs);
  const open = new OpenRuns(folder, log);
  const portraits = new Portraits();
  const jobs = new Jobs(folder.path);
  let isReady = true;
  const services: StudioServices = {
    folder,
    open,
    portraits,
    jobs,
    metrics: new Metrics(),
    isReady: () => isReady,
  };
  const application = createApplication({
    endpoints: studioEndpoints,
    services,
    log,
    keys: null,
    rateLimit: new RateLimit(0),
    origins: [],
    hosts: LOOPBACK,
    mostBodyBytes: 1 << 20,
  });
  const { app } = application;
  for (const view of VIEWS) app.get(view, () => webApp.page());
  app.get("/assets/*", (context) => webApp.file(context.req.path) ?? context.notFound());
  app.all("/runs/:run/v1/*", async ({ req, env }) => {
    try {
      return await open.use(req.param("run"), (run) => run.app.fetch(req.raw, env));
    } catch (error) {
      return deliver(problemAnswer(problemOf(error), req.path), env);
    }
  });
  const listener = await listen(application, { host, port });
  return {
    url: listener.url,
    async close() {
      isReady = false;
      await listener.drain(2000);
      await jobs.close();
      await portraits.close();
      await open.close();
    },
  };
}
