/**
 * What every command is.
 *
 * @module
 */

import type { Command } from "commander";
import type { Session } from "./session.ts";

/** A command: its flags, and what it does. */
export interface CommandDefinition {
  /** Adds arguments, options and examples. */
  configure(command: Command): void;
  /** Does it; `command.args` and `command.opts()` hold what was typed. */
  run(session: Session, command: Command): Promise<void>;
}

/** Gathers the values of a flag that may be given any number of times. */
export const several = (text: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  text,
];
