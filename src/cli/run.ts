/**
 * From words on the command line to an exit code: 0 = done, 1 = failed,
 * 2 = bad input.
 *
 * @module
 */

import { Command, CommanderError } from "commander";
import { packageVersion } from "../artifact/versions.ts";
import { LumiereError } from "../base/errors.ts";
import { commands } from "./commands.ts";
import { Session } from "./session.ts";

/** What commander throws when it has printed what was asked for. */
const SHOWN = new Set(["commander.helpDisplayed", "commander.help", "commander.version"]);

/** The whole program, with the flags of one command loaded where it is named. */
async function buildProgram(words: readonly string[], session: Session): Promise<Command> {
  const program = new Command("lumiere")
    .description("Graph recommendations: from a file of who-liked-what to recommendations.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .exitOverride()
    .configureOutput({
      // The message is printed once, by `runCommandLine`.
      outputError: () => {},
      writeOut: (text) => session.write(text),
    })
    .addHelpText(
      "after",
      "\nStart here:\n  $ lumiere demo\n  $ lumiere train --data ml-100k --out runs/first\n  $ lumiere recommend runs/first --user 196",
    );
  const named = words.filter((word) => !word.startsWith("-")).slice(0, 2);
  for (const entry of commands) {
    const command = program.command(entry.name).description(entry.summary);
    if (!named.includes(entry.name)) continue;
    const definition = await entry.load();
    definition.configure(command);
    command
      .option("--json", "print exactly one JSON object on stdout, everything else on stderr")
      .action(() => definition.run(session, command));
  }
  return program;
}

/**
 * Runs one command line.
 * @param words without the program's own name
 * @returns exit code
 */
export async function runCommandLine(words: readonly string[]): Promise<0 | 1 | 2> {
  const session = new Session(words.includes("--json"));
  try {
    const program = await buildProgram(words, session);
    if (words.length === 0) {
      session.write(program.helpInformation());
      return 0;
    }
    await program.parseAsync([...words], { from: "user" });
    return session.failed ? 1 : 0;
  } catch (error) {
    if (error instanceof CommanderError && SHOWN.has(error.code)) return 0;
    const failure = explain(error);
    session.notice(`lumiere: ${failure.message}`);
    if (session.json) {
      const { code, message } = failure;
      session.result({ error: { code, message } }, "");
    }
    return failure.exitCode;
  } finally {
    session.finish();
  }
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exitCode: 1 | 2;
}

/** Any thrown value as a sentence without a stack. */
function explain(error: unknown): Failure {
  if (error instanceof LumiereError) return error;
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
    return { code: "usage", message: `${message}; see lumiere --help`, exitCode: 2 };
  }
  if (error instanceof Error && "syscall" in error) {
    // The file system said no: its message names the file and the reason.
    return { code: "system", message: error.message, exitCode: 1 };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  const detail = process.env.LUMIERE_DEBUG ? `\n${stack ?? ""}` : "";
  const text = error instanceof Error ? error.message : String(error);
  return {
    code: "internal",
    message: `${text} (this is a bug: please report it, with the stack that LUMIERE_DEBUG=1 shows)${detail}`,
    exitCode: 1,
  };
}
