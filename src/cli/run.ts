/**
 * From words on the command line to an exit code: 0 = done, 1 = failed,
 * 2 = bad input.
 *
 * @module
 */

import { CommanderError } from "commander";
import { LumiereError } from "../base/errors.ts";
import { buildProgram } from "./program.ts";
import { Session } from "./session.ts";

/** What commander throws when it has printed what was asked for. */
const SHOWN = new Set(["commander.helpDisplayed", "commander.help", "commander.version"]);

/**
 * Runs one command line.
 * @param words without the program's own name
 * @param prepare called with the name of a command before it runs
 * @returns exit code
 */
export async function runCommandLine(
  words: readonly string[],
  prepare: (command: string) => Promise<void> = async () => {},
): Promise<0 | 1 | 2> {
  const session = new Session(words.includes("--json"));
  try {
    const program = await buildProgram({
      loaded: (name) => words.includes(name),
      run: async (definition, command) => {
        await prepare(command.name());
        await definition.run(session, command);
      },
      write: (text) => session.write(text),
    });
    if (words.length === 0) {
      program.outputHelp();
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
