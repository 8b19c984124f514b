/**
 * Settings that people write (flags, `--set`, config files) checked against a
 * Zod schema, with errors that name the field, what was found, and the nearest
 * field where a name is wrong.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import { didYouMean } from "../base/nearest.ts";

/**
 * The settings with their defaults.
 * @param where names the source in errors: "config.json", "--set", …
 * @throws BadInputError("settings")
 */
export function checkedSettings<Schema extends z.ZodObject>(
  schema: Schema,
  raw: unknown,
  where: string,
): z.output<Schema> {
  // Strict: a mistyped name must not silently leave a default in place.
  const issues = schema.strict().safeParse(raw).error?.issues ?? [];
  if (issues.length === 0) return schema.parse(raw);
  const complaints = issues.map((issue) => explain(schema, raw, issue));
  throw new BadInputError("settings", `${where}: ${complaints.join("; ")}`);
}

/** One issue as a sentence with the fix. */
function explain(schema: z.ZodType, raw: unknown, issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    return unknownKey([...path, key].join("."), key, fieldsAt(schema, path));
  }
  const found = path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? Object.entries(value).find(([name]) => name === key)?.[1]
        : undefined,
    raw,
  );
  const shown = found === undefined ? "nothing" : JSON.stringify(found);
  const field = path.length > 0 ? `field "${path.join(".")}"` : "settings";
  return `${field}: found ${shown}; ${lowerFirst(issue.message)}`;
}

function unknownKey(written: string, key: string, known: readonly string[]): string {
  if (known.length === 0) return `"${written}" is not known: there is nothing to set`;
  return `"${written}" is not known${didYouMean(key, known)} (known: ${known.join(", ")})`;
}

/** Names of the fields of the object schema that a path leads to. */
function fieldsAt(schema: z.ZodType, path: readonly string[]): string[] {
  let at: z.ZodType | undefined = schema;
  for (const key of path) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = at ? shapeOf(at) : {};
    const next: z.core.$ZodType | undefined = shape[key];
    at = next instanceof z.ZodType ? next : undefined;
  }
  return at ? Object.keys(shapeOf(at)) : [];
}

/** Fields of an object schema, also behind a default or an option; empty for any other schema. */
function shapeOf(schema: z.ZodType): Readonly<Record<string, z.core.$ZodType>> {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  ) {
    const inner = schema.unwrap();
    return inner instanceof z.ZodType ? shapeOf(inner) : {};
  }
  return {};
}

/** A message that goes on after a colon. */
export const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

/**
 * Texts of the form `key=value` as values of a schema's types: "5" for a number, "true" for a
 * switch, "0.5,0.5" or "[0.5, 0.5]" for a list.
 * @throws BadInputError("settings") for an unknown key (with the nearest), a value that does not fit,
 *   or two values for one key
 *
 * @example
 * settingsFromText(z.object({ layers: z.int() }), ["layers=3"], "--set"); // { layers: 3 }
 */
export function settingsFromText(
  schema: z.ZodObject,
  assignments: readonly string[],
  where: string,
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const assignment of assignments) {
    const equals = assignment.indexOf("=");
    if (equals < 1) {
      throw new BadInputError(
        "settings",
        `${where} ${assignment}: expected key=value, for instance ${where} ${Object.keys(schema.shape)[0] ?? "key"}=…`,
      );
    }
    const key = assignment.slice(0, equals).trim();
    const read = readSetting(schema, key, assignment.slice(equals + 1));
    if ("complaint" in read) {
      throw new BadInputError("settings", `${where} ${assignment}: ${read.complaint}`);
    }
    if (Object.hasOwn(settings, key) && !isDeepStrictEqual(settings[key], read.value)) {
      throw new BadInputError(
        "settings",
        `${where} ${assignment}: ${key} is given twice, before as ${JSON.stringify(settings[key])}; leave one out`,
      );
    }
    settings[key] = read.value;
  }
  return settings;
}

/** What a text means to a schema, or what is wrong with it: "found "0"; expected number to be >=1". */
export type ReadText = { readonly value: unknown } | { readonly complaint: string };

/** A text as the value of one of a schema's fields. */
export function readSetting(schema: z.ZodObject, key: string, text: string): ReadText {
  const field = Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
  return field instanceof z.ZodType
    ? readText(field, text)
    : { complaint: unknownKey(key, key, Object.keys(schema.shape)) };
}

/**
 * A text as a value of a schema's type: the first reading that the schema accepts.
 * @param where the flag as it was typed, for errors
 * @throws BadInputError("settings")
 */
export function valueFromText(field: z.ZodType, text: string, where: string): unknown {
  const read = readText(field, text);
  if ("complaint" in read) throw new BadInputError("settings", `${where}: ${read.complaint}`);
  return read.value;
}

function readText(field: z.ZodType, text: string): ReadText {
  const readings = readingsOf(text);
  const accepted = readings.find((reading) => field.safeParse(reading).success);
  if (accepted !== undefined) return { value: accepted };
  // The complaint about the number says more ("expected at most 8") than the one about the text.
  const telling = readings.find((reading) => typeof reading === "number") ?? text;
  const message = field.safeParse(telling).error?.issues[0]?.message ?? "not accepted";
  return { complaint: `found ${JSON.stringify(text)}; ${lowerFirst(message)}` };
}

function readingsOf(text: string): unknown[] {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  const readings: unknown[] = [text];
  if (Number.isFinite(number)) readings.push(number);
  if (text === "true" || text === "false") readings.push(text === "true");
  try {
    readings.push(JSON.parse(text));
  } catch {
    // Most texts are not JSON, and need not be.
  }
  const parts = text.split(",").map((part) => part.trim());
  const numbers = parts.map(Number);
  readings.push(numbers.every(Number.isFinite) ? numbers : parts);
  return readings;
}

/** One row of a table of settings. */
export interface SettingRow {
  readonly name: string;
  /** "number 0 … 10", "adam | sgd", … */
  readonly type: string;
  /** As it would be written; null where there is none. */
  readonly defaultValue: string | null;
  readonly description: string;
}

const jsonField = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().default(""),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
});

/** A schema's fields as a table, for help texts and docs. */
export function settingRows(schema: z.ZodObject): SettingRow[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return Object.entries(properties).map(([name, raw]) => {
    const field = jsonField.parse(raw);
    return {
      name,
      type: typeText(raw),
      defaultValue:
        field.default === undefined
          ? null
          : JSON.stringify(field.default).replace(/^"(.*)"$/, "$1"),
      description: field.description,
    };
  });
}

function typeText(raw: unknown): string {
  const field = jsonField.parse(raw);
  if (field.enum) return field.enum.map(String).join(" | ");
  if (field.const !== undefined) return String(field.const);
  if (field.anyOf) return field.anyOf.map(typeText).join(" | ");
  if (field.type === "array") return `list of ${typeText(field.items ?? {})}`;
  const type = [field.type ?? "any"].flat().join(" | ");
  const bounds = [
    bound("≥", field.minimum),
    bound(">", field.exclusiveMinimum),
    bound("≤", field.maximum),
    bound("<", field.exclusiveMaximum),
  ].filter((text) => text !== "");
  return bounds.length > 0 ? `${type} ${bounds.join(", ")}` : type;
}

/** A bound in words; the edges of what a double holds exactly are no bound worth naming. */
function bound(sign: string, value: number | undefined): string {
  return value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER
    ? ""
    : `${sign} ${value}`;
}
