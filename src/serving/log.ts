/**
 * Structured logs: one JSON object a line. They name endpoints, never people.
 *
 * @module
 */

export const logLevels = ["info", "error", "off"] as const;
export type LogLevel = (typeof logLevels)[number];

export class Log {
  readonly #level: LogLevel;
  readonly #write: (line: string) => void;

  constructor(level: LogLevel, write: (line: string) => void) {
    this.#level = level;
    this.#write = write;
  }

  info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (this.#level === "info") this.#line("info", message, fields);
  }

  error(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (this.#level !== "off") this.#line("error", message, fields);
  }

  #line(level: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    const time = new Date().toISOString();
    this.#write(`${JSON.stringify({ time, level, message, ...fields })}\n`);
  }
}
