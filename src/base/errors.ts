/**
 * The one error family. Every message names the file, line or field, what was
 * found, what was expected, and what to do about it. The command line prints
 * `message` without a stack and exits with `exitCode`; a server maps `code` to
 * problem+json.
 *
 * @module
 */

/** A failure that Lumière understands and explains. `code` is stable, `message` is for people. */
export class LumiereError extends Error {
  readonly code: string;
  /** Exit status of the command line: 1 = failure, 2 = bad input. */
  readonly exitCode: 1 | 2;

  constructor(code: string, message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The person's input (file, flag, column, identifier) is wrong; the message says how to mend it. */
export class BadInputError extends LumiereError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(code, message, 2, options);
  }
}

/** Two tensors or arguments do not fit each other; the message prints both shapes. */
export class ShapeError extends LumiereError {
  constructor(message: string) {
    super("shape", message);
  }
}

/** The work would not fit in memory; the message says by how much and what to change. */
export class MemoryError extends LumiereError {
  constructor(message: string) {
    super("memory", message);
  }
}

/** A model's numbers left what 32-bit floats hold; the message says when, and what to set smaller. */
export class DivergedError extends LumiereError {
  constructor(message: string) {
    super("diverged", message);
  }
}

/** The person asked to stop (Ctrl-C); what was reached is kept. */
export class StoppedError extends LumiereError {
  constructor(message: string) {
    super("stopped", message);
  }
}
