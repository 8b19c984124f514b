/**
 * `lumiere serve DIR`: a bundle behind HTTP.
 *
 * @module
 */

import { once } from "node:events";
import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { setSharedThreads } from "../../engine/shared.ts";
import { logLevels } from "../../serving/log.ts";
import type { CommandDefinition } from "../command.ts";
import { wholeNumber } from "../numbers.ts";

const optionsSchema = z.object({
  host: z.string(),
  port: z.string(),
  store: z.string().optional(),
  keys: z.string().optional(),
  open: z.boolean().default(false),
  cors: z.string().optional(),
  explainUsers: z.boolean().default(false),
  rate: z.string(),
  bodyLimit: z.string(),
  watch: z.boolean().default(true),
  threads: z.string(),
  log: z.string(),
});

export const serve: CommandDefinition = {
  configure(command) {
    command
      .argument("<dir>", "folder that lumiere train wrote")
      .option("--host <address>", "where to listen", "127.0.0.1")
      .option("--port <number>", "0 takes any free one", "8080")
      .option(
        "--store <where>",
        "events: a SQLite file, or postgres://… for several servers (default: events.sqlite beside the bundle)",
      )
      .option("--keys <file>", "keys that clients need; lumiere key makes them")
      .option("--open", "let other machines in without keys")
      .option("--cors <origins>", "web pages that may call: https://a.example,https://b.example")
      .option("--explain-users", "name other people of the training data in explanations")
      .option("--rate <number>", "requests a second for each client; 0 = no limit", "0")
      .option("--body-limit <bytes>", "largest body", String(1 << 20))
      .option("--no-watch", "load a new bundle only when asked to")
      .option("--threads <number>", "threads that rank lists", "1")
      .option("--log <level>", `JSON lines on stderr: ${logLevels.join(", ")}`, "info")
      .addHelpText(
        "after",
        [
          "",
          "The API is described at /openapi.json and can be tried at /docs.",
          "",
          "Examples:",
          "  $ lumiere serve runs/first",
          "  $ lumiere key keys.json --name shop --scopes read,write",
          "  $ lumiere serve runs/first --host 0.0.0.0 --keys keys.json --rate 500",
          "  $ PGPASSWORD=… lumiere serve runs/first --store postgres://shop@db.internal/events",
        ].join("\n"),
      );
  },

  async run(session, command) {
    const [directory = ""] = command.args;
    const { cors, log, store, keys, ...options } = optionsSchema.parse(command.opts());
    const logLevel = logLevels.find((level) => level === log);
    if (!logLevel) {
      throw new BadInputError("usage", `--log ${log}: expected one of ${logLevels.join(", ")}`);
    }
    setSharedThreads(wholeNumber("--threads", options.threads, 1, 256));
    // Loaded only now: a mistyped flag should not wait for it.
    const { startServer } = await import("../../serving/server.ts");
    const server = await startServer({
      directory,
      host: options.host,
      port: wholeNumber("--port", options.port, 0, 65_535),
      open: options.open,
      origins: origins(cors),
      explainUsers: options.explainUsers,
      rateLimit: wholeNumber("--rate", options.rate, 0, 1_000_000),
      mostBodyBytes: wholeNumber("--body-limit", options.bodyLimit, 1024, 1 << 28),
      watchEvery: options.watch ? 2000 : 0,
      logLevel,
      ...(store !== undefined && { store }),
      ...(keys !== undefined && { keys }),
    });
    const { id, title } = server.services.models.current.describe();
    session.result(
      { url: server.url, model: id },
      `${title} (${id}) at ${server.url}, reference at ${server.url}/docs`,
    );
    if (!session.signal.aborted) await once(session.signal, "abort");
    await server.close();
  },
};

/** Origins as browsers send them. */
function origins(text: string | undefined): string[] {
  return (text?.split(",") ?? []).map((part) => {
    const parsed = URL.parse(part.trim());
    if (parsed && parsed.origin !== "null") return parsed.origin;
    throw new BadInputError("usage", `--cors ${part}: expected an address like https://a.example`);
  });
}
