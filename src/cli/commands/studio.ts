/**
 * `lumiere studio [DIR]`: the runs of a folder in a web page.
 *
 * @module
 */

import { once } from "node:events";
import { z } from "zod";
import { setSharedThreads } from "../../engine/shared.ts";
import type { CommandDefinition } from "../command.ts";
import { wholeNumber } from "../numbers.ts";
import type { Session } from "../session.ts";

/** Where runs go unless somebody says otherwise. */
export const RUNS_FOLDER = "lumiere-runs";

const optionsSchema = z.object({
  host: z.string(),
  port: z.string(),
  browser: z.boolean().default(true),
  threads: z.string(),
});

export const studio: CommandDefinition = {
  configure(command) {
    command
      .argument("[dir]", "folder that holds runs", RUNS_FOLDER)
      .option("--host <address>", "where to listen: this machine alone", "127.0.0.1")
      .option("--port <number>", "0 takes any free one", "8090")
      .option("--no-browser", "print the address without opening it")
      .option("--threads <number>", "threads that rank lists", "1")
      .addHelpText(
        "after",
        [
          "",
          "Nothing that the page shows or asks leaves this machine.",
          "",
          "Examples:",
          "  $ lumiere studio",
          "  $ lumiere studio runs --port 9000 --no-browser",
        ].join("\n"),
      );
  },

  async run(session, command) {
    const [runs = RUNS_FOLDER] = command.args;
    const { host, port, browser, threads } = optionsSchema.parse(command.opts());
    setSharedThreads(wholeNumber("--threads", threads, 1, 256));
    await showStudio(session, {
      runs,
      host,
      port: wholeNumber("--port", port, 0, 65_535),
      browser,
    });
  },
};

interface StudioChoice {
  readonly runs: string;
  readonly host: string;
  readonly port: number;
  /** Whether to open the page; not where nobody sits in front. */
  readonly browser: boolean;
}

/** Runs the studio until the session is stopped. */
export async function showStudio(session: Session, choice: StudioChoice): Promise<void> {
  const { startStudio } = await import("../../studio/server.ts");
  const server = await startStudio(choice);
  session.result(
    { url: server.url, runs: choice.runs },
    `The studio over ${choice.runs} is at ${server.url}; Ctrl-C ends it`,
  );
  if (choice.browser && process.stdout.isTTY) await openPage(server.url);
  if (!session.signal.aborted) await once(session.signal, "abort");
  await server.close();
}

/** A machine without a browser is no failure: the address has been printed. */
async function openPage(url: string): Promise<void> {
  const { default: open } = await import("open");
  const browser = await open(url).catch(() => null);
  browser?.on("error", () => {});
}
