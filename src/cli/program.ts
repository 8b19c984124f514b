/**
 * The program's commands and flags, for running them and for documenting them.
 *
 * @module
 */

import { Command } from "commander";
import { packageVersion } from "../artifact/versions.ts";
import type { CommandDefinition } from "./command.ts";
import { commands } from "./commands.ts";

export interface ProgramOptions {
  /** Which commands get their flags; the others are known by name only, which is fast. */
  readonly loaded: (name: string) => boolean;
  /** Called with the command that was typed. */
  readonly run: (definition: CommandDefinition, command: Command) => Promise<void>;
  /** Receives help and version. */
  readonly write: (text: string) => void;
  /** Columns of help texts; default: the terminal's. */
  readonly columns?: number;
}

const START = [
  "",
  "Start here:",
  "  $ lumiere demo",
  "  $ lumiere train --data ml-100k --min-rating 3 --out runs/first",
  "  $ lumiere recommend runs/first --user 196",
].join("\n");

/** The whole program; parsing throws a CommanderError where commander itself would exit. */
export async function buildProgram({
  loaded,
  run,
  write,
  columns,
}: ProgramOptions): Promise<Command> {
  const program = new Command("lumiere")
    .description("Graph recommendations: from a file of who-liked-what to recommendations.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .exitOverride()
    .configureOutput({
      // Errors are printed once, by whoever called.
      outputError: () => {},
      writeOut: write,
      ...(columns !== undefined && { getOutHelpWidth: () => columns }),
    })
    .addHelpText("after", START);
  for (const entry of commands) {
    const command = program.command(entry.name).description(entry.summary);
    if (!loaded(entry.name)) continue;
    const definition = await entry.load();
    definition.configure(command);
    command
      .optionsGroup("Options:")
      .option("--json", "print exactly one JSON object on stdout, everything else on stderr")
      .action(() => run(definition, command));
  }
  return program;
}
