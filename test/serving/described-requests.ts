/**
 * Requests drawn from an OpenAPI description: those that it allows, and those that
 * somebody sends who has not read it.
 */
import fc from "fast-check";
import { writePageToken } from "../../src/serving/page-token.ts";

export type Json = Record<string, unknown>;

export interface Operation {
  readonly method: string;
  /** "/v1/items/{id}" */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Json | null;
  /** Schemas of what comes back, by status. */
  readonly answers: Readonly<Record<string, Json>>;
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly schema: Json;
}

export interface FuzzedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly contentType: string | null;
  readonly body: string | null;
}

/** Operations of a description. */
export function operationsOf(description: Json): Operation[] {
  const paths = description.paths as Record<string, Record<string, Json>>;
  const problem = (description.components as { schemas: { Problem: Json } }).schemas.Problem;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const requestBody = operation.requestBody as
        | { content: { "application/json": { schema: Json } } }
        | undefined;
      const responses = operation.responses as Record<string, { content: Record<string, Json> }>;
      const schemas = Object.entries(responses).map(([status, { content }]) => {
        const schema = Object.values(content)[0]!.schema as Json;
        return [status, "$ref" in schema ? problem : schema];
      });
      return {
        method: method.toUpperCase(),
        path,
        parameters: operation.parameters as Parameter[],
        body: requestBody?.content["application/json"].schema ?? null,
        answers: Object.fromEntries(schemas),
      };
    }),
  );
}

/** Ids that the bundle of `served-bundle.ts` knows, so that requests reach somebody. */
const KNOWN_IDS = ["u1", "u4", "u9", "u11", "i0", "i1", "i8", "i29"];

/** A page token, which is the one text that may be long. */
const PAGE = writePageToken(["i1", "i2"])!;

/** What has broken parsers, maps and regular expressions before. */
const HOSTILE_TEXTS = [
  "",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "\u0000",
  "\r\nx-forged: 1",
  "\ud800",
  "é\u0301",
  "../../etc/passwd",
  "..%2f",
  "'; DROP TABLE events; --",
  "%",
  "null",
  "a".repeat(257),
  "😀".repeat(128),
  "9".repeat(400),
  "-0",
  "1e999",
  "NaN",
];

/** Values that a schema allows. */
export function allowedBy(schema: Json): fc.Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...(schema.anyOf as Json[]).map(allowedBy));
  if (schema.enum) return fc.constantFrom(...(schema.enum as unknown[]));
  if (schema.format === "uuid") return fc.uuid();
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (types.length > 1) {
    return fc.oneof(...types.map((type: string) => allowedBy({ ...schema, type })));
  }
  const [from, to] = [schema.minimum as number | undefined, schema.maximum as number | undefined];
  switch (types[0]) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: from ?? -100, max: to ?? 100 });
    case "number":
      return fc.double({ noNaN: true, min: from ?? -1e9, max: to ?? 1e9 });
    case "string":
      return allowedText(schema);
    case "array": {
      const [minLength, most] = [(schema.minItems as number) ?? 0, schema.maxItems as number];
      const maxLength = Math.min(most ?? 12, 12);
      return fc.array(allowedBy(schema.items as Json), { minLength, maxLength });
    }
    case "object": {
      const properties = Object.entries(schema.properties as Record<string, Json>);
      const fields = Object.fromEntries(properties.map(([name, of]) => [name, allowedBy(of)]));
      return fc.record(fields, { requiredKeys: (schema.required as string[]) ?? [] });
    }
    default:
      throw new Error(`no values are drawn for ${JSON.stringify(schema)}`);
  }
}

function allowedText({ minLength = 0, maxLength = 40, pattern }: Json): fc.Arbitrary<string> {
  const [least, most] = [minLength as number, maxLength as number];
  const allowed = new RegExp((pattern as string | undefined) ?? "", "u");
  const drawn = fc
    .string({ unit: "grapheme", minLength: least, maxLength: Math.min(most, 40) })
    .filter((text) => text.length >= least && text.length <= most && allowed.test(text));
  const known = most > 1000 ? [PAGE] : KNOWN_IDS;
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, drawn);
}

/** Any text or value at all. */
const anyText = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: "binary" }));
const anything = fc.oneof(anyText, fc.jsonValue({ maxDepth: 3 }), fc.double(), fc.maxSafeInteger());

/** A value that the schema allows, with one field at any depth made something else or added. */
function nearly(schema: Json): fc.Arbitrary<unknown> {
  return fc
    .tuple(allowedBy(schema), fc.array(fc.nat()), anyText, anything)
    .map(([value, way, name, other]) => replaced(value, way, name, other));
}

function replaced(value: unknown, way: readonly number[], name: string, other: unknown): unknown {
  const [step, ...rest] = way;
  if (step === undefined || typeof value !== "object" || value === null) return other;
  const keys = Object.keys(value);
  const key = step % (keys.length + 1);
  const at = Array.isArray(value) ? key : (keys[key] ?? name);
  const copy = Array.isArray(value) ? [...value] : { ...value };
  const inner = (value as Json)[at];
  // Not an assignment: "__proto__" has to become a field.
  return Object.defineProperty(copy, at, {
    value: replaced(inner, rest, name, other),
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** Texts that are no JSON, and JSON that is deeper than anything reasonable. */
const brokenText = fc.oneof(
  anyText,
  fc.constantFrom("{", "[".repeat(50_000), '{"k":1,"k":2}', "[1,]"),
);

/** Requests for an operation: a third as described, the rest not. */
export function requestsFor(operation: Operation): fc.Arbitrary<FuzzedRequest> {
  const json = (values: fc.Arbitrary<unknown>) => values.map((value) => JSON.stringify(value));
  const near = (schema: Json) => fc.oneof(allowedBy(schema), nearly(schema));
  return fc.oneof(
    drawn(operation, allowedBy, (schema) => json(allowedBy(schema)), [JSON_TYPE]),
    drawn(operation, near, (schema) => json(near(schema)), TYPES),
    drawn(
      operation,
      () => anything,
      () => fc.oneof(json(anything), brokenText),
      TYPES,
    ),
  );
}

const JSON_TYPE = "application/json";
const TYPES = [JSON_TYPE, JSON_TYPE, "application/json; charset=utf-8", "text/plain", ""];

function drawn(
  { method, path, parameters, body: bodySchema }: Operation,
  valuesOf: (schema: Json) => fc.Arbitrary<unknown>,
  textOf: (schema: Json) => fc.Arbitrary<string>,
  types: readonly string[],
): fc.Arbitrary<FuzzedRequest> {
  const values = fc.record(
    Object.fromEntries(parameters.map(({ name, schema }) => [name, valuesOf(schema)])),
    { requiredKeys: parameters.filter((p) => p.in === "path").map(({ name }) => name) },
  ) as fc.Arbitrary<Json>;
  const body = bodySchema === null ? fc.constant(null) : textOf(bodySchema);
  return fc
    .record({ values, body, type: fc.constantFrom(...types) })
    .map(({ values, body, type }) => {
      const target = path.replaceAll(/\{(\w+)\}/g, (_, name) => encoded(values[name]));
      const query = parameters
        .filter((parameter) => parameter.in === "query" && parameter.name in values)
        .map(({ name }) => `${name}=${encoded(values[name])}`);
      return {
        method,
        target: query.length > 0 ? `${target}?${query.join("&")}` : target,
        contentType: body === null ? null : type,
        body,
      };
    });
}

/** Percent-encoded; half a surrogate pair, which has no encoding, as the bytes that it would have. */
function encoded(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.isWellFormed() ? encodeURIComponent(text) : "%ED%A0%80";
}
