/**
 * Flags from a schema: one a field, with the field's description and default,
 * so that a new field of the data options is a flag of every command at once.
 *
 * @module
 */

import { type Command, Option } from "commander";
import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import { settingRows, valueFromText } from "../experiment/settings.ts";

/** "ratingColumn" → "rating-column" */
export function flagName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Adds a flag for each field of a schema. */
export function addSchemaOptions(command: Command, schema: z.ZodObject): void {
  for (const { name, type, defaultValue, description } of settingRows(schema)) {
    const flag = `--${flagName(name)}`;
    const suffix =
      defaultValue === null || defaultValue === "false" || defaultValue === "null"
        ? ""
        : ` (default: ${defaultValue})`;
    if (type === "boolean" && defaultValue === null) {
      // Neither yes nor no unless it is said.
      command.option(flag, description).option(`--no-${flagName(name)}`, "the opposite");
      refuseBoth(command, flagName(name));
      continue;
    }
    const typed = type === "boolean" ? flag : `${flag} <${placeholder(type)}>`;
    command.addOption(new Option(typed, description + suffix));
  }
}

/** A flag and its opposite in one command line: neither should win silently. */
function refuseBoth(command: Command, flag: string): void {
  const said = new Set<string>();
  for (const name of [flag, `no-${flag}`]) {
    command.on(`option:${name}`, () => {
      said.add(name);
      if (said.size < 2) return;
      throw new BadInputError(
        "usage",
        `--${flag} and --no-${flag} contradict each other; leave one out`,
      );
    });
  }
}

/** "integer ≥ 1" → "integer", "keep | drop" → "keep|drop" */
function placeholder(type: string): string {
  const choices = type.split(" | ").filter((choice) => choice !== "null");
  if (choices.length === 1 && choices[0] === "string") return "text";
  return choices.every((choice) => /^[a-z0-9-]+$/.test(choice))
    ? choices.join("|")
    : (/^[a-z]+( of [a-z]+)?/.exec(choices[0] ?? "")?.[0] ?? "value").replace(
        /^list of .*/,
        "list",
      );
}

/**
 * The fields of a schema that were typed as flags; fields without a flag are left out.
 * @throws BadInputError naming the flag whose text does not fit
 */
export function optionsGiven(command: Command, schema: z.ZodObject): Record<string, unknown> {
  const typed: Readonly<Record<string, unknown>> = command.opts();
  const given: Record<string, unknown> = {};
  for (const [field, type] of Object.entries(schema.shape)) {
    const value = typed[field];
    if (value === undefined || !(type instanceof z.ZodType)) continue;
    given[field] =
      typeof value === "string"
        ? valueFromText(type, value, `--${flagName(field)} ${value}`)
        : value;
  }
  return given;
}

/**
 * The flags that say the values of a schema's fields, as words; fields at their default need none.
 *
 * @example
 * flagsFor(dataOptionsSchema, { data: "ml-100k", minRating: 3 }); // ["--data", "ml-100k", "--min-rating", "3"]
 */
export function flagsFor(schema: z.ZodObject, values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(schema.shape).flatMap(([field, type]) => {
    const value = values[field];
    const isDefault = type instanceof z.ZodType && type.safeParse(undefined).data === value;
    if (value === undefined || value === null || isDefault) return [];
    const flag = flagName(field);
    if (typeof value === "boolean") return [value ? `--${flag}` : `--no-${flag}`];
    return [`--${flag}`, Array.isArray(value) ? value.join(",") : String(value)];
  });
}
