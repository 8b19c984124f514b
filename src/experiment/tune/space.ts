/**
 * A search space: one dimension for each hyperparameter that is searched, made
 * from the ranges that the model's schema carries and those that a person gave.
 * Dimensions may depend on others (a temperature matters only with some losses),
 * which makes the space a tree.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { didYouMean } from "../../base/nearest.ts";
import type { Hyperparameters } from "../../models/recommender.ts";
import {
  type Condition,
  conditionOf,
  conditionText,
  type SearchRange,
  type Setting,
  searchRangeOf,
} from "../../models/search-range.ts";
import { lowerFirst } from "../settings.ts";

/** One hyperparameter that is searched. */
export type Dimension = {
  readonly name: string;
  /** Other dimensions' values with which this one matters; null = always. */
  readonly when: Condition | null;
} & (
  | {
      readonly kind: "real" | "integer";
      readonly low: number;
      readonly high: number;
      readonly log: boolean;
    }
  | { readonly kind: "choice"; readonly choices: readonly Setting[] }
);

/** Values of the dimensions that matter, by name. */
export type Settings = Readonly<Record<string, Setting>>;

/** What is searched: dimensions, each after those that it depends on. */
export type SearchSpace = readonly Dimension[];

/** Settings that say how a search runs, and so cannot be searched. */
const NEVER_SEARCHED: Readonly<Record<string, string>> = {
  stopMetric: "values of different metrics cannot be compared",
  refit: "a model that has learnt the validation part cannot be judged on it",
};

/**
 * The space of a model.
 * @param fixed hyperparameters that are not searched, checked and with defaults
 * @param given names of those that a person fixed
 * @param wanted ranges by name that replace the schema's; null = the bounds of the schema
 * @throws BadInputError "space" naming the field, what was found and what would do
 */
export function searchSpace(
  schema: z.ZodObject,
  fixed: Hyperparameters,
  given: ReadonlySet<string>,
  wanted: Readonly<Record<string, SearchRange | null>>,
): SearchSpace {
  const names = Object.keys(schema.shape);
  for (const name of Object.keys(wanted)) checkSearched(name, names, given);
  const dimensions = names.flatMap((name): Dimension[] => {
    const field = schema.shape[name];
    if (given.has(name) || !(field instanceof z.ZodType)) return [];
    const range =
      wanted[name] === undefined ? searchRangeOf(field) : (wanted[name] ?? boundsOf(name, field));
    if (range === null) return [];
    return [dimension(name, field, range)];
  });
  const space = inOrder(dimensions).flatMap((each) => settled(each, dimensions, fixed));
  for (const name of Object.keys(wanted)) {
    const { when } = dimensions.find((each) => each.name === name) ?? {};
    if (!when || space.some((each) => each.name === name)) continue;
    throw new BadInputError(
      "space",
      `--space ${name}: it matters only with ${conditionText(when)}; fix or search that too`,
    );
  }
  return space;
}

function checkSearched(name: string, names: readonly string[], given: ReadonlySet<string>): void {
  const complain = (text: string) => new BadInputError("space", `--space ${name}: ${text}`);
  if (!names.includes(name)) {
    throw complain(
      names.length === 0
        ? "this model has nothing to set"
        : `no such setting${didYouMean(name, names)} (settings: ${names.join(", ")})`,
    );
  }
  if (given.has(name)) {
    throw complain("it is fixed too (--set, --epochs or the config file); leave out one of them");
  }
  const reason = NEVER_SEARCHED[name];
  if (reason !== undefined) throw complain(`it cannot be searched: ${reason}`);
}

const numberField = z.object({
  type: z.enum(["number", "integer"]),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

/** A range from what a field allows at all; only where that is narrow enough to be searched. */
function boundsOf(name: string, field: z.ZodType): SearchRange {
  const described = z.toJSONSchema(field, { io: "input", unrepresentable: "any" });
  if (described.type === "boolean") return { choices: [false, true] };
  if (described.enum && described.enum.length > 1) {
    return {
      choices: described.enum.map((value) => z.union([z.string(), z.number()]).parse(value)),
    };
  }
  const { data: { minimum, maximum } = {} } = numberField.safeParse(described);
  const tooWide = maximum === undefined || maximum - (minimum ?? 0) > 100;
  if (minimum === undefined || tooWide) {
    throw new BadInputError(
      "space",
      `--space ${name}: its bounds are too wide to search; give a range (${name}=low..high, or low..high:log) or values (${name}=a,b,c)`,
    );
  }
  return { low: minimum, high: maximum, log: false };
}

/** A range checked against its field. */
function dimension(name: string, field: z.ZodType, range: SearchRange): Dimension {
  const when = conditionOf(field);
  const check = (value: Setting) => {
    const [issue] = field.safeParse(value).error?.issues ?? [];
    if (issue === undefined) return;
    throw new BadInputError(
      "space",
      `--space ${name}: found ${value}; ${lowerFirst(issue.message)}`,
    );
  };
  if ("choices" in range) {
    range.choices.forEach(check);
    const choices = [...new Set(range.choices)];
    return { kind: "choice", name, choices, when };
  }
  const { low, high, log } = range;
  const asRange = `${low}..${high}`;
  const { type } = z.toJSONSchema(field, { io: "input", unrepresentable: "any" });
  if (type !== "number" && type !== "integer") {
    throw new BadInputError(
      "space",
      `--space ${name}: found the range ${asRange}, but it is no number; list its values (${name}=a,b)`,
    );
  }
  if (!(low < high)) {
    throw new BadInputError("space", `--space ${name}: found ${asRange}; expected low < high`);
  }
  if (log && low <= 0) {
    throw new BadInputError(
      "space",
      `--space ${name}: found ${asRange} on a logarithmic scale; expected low > 0`,
    );
  }
  check(low);
  check(high);
  return { kind: type === "integer" ? "integer" : "real", name, low, high, log, when };
}

/** Dimensions, each after those that it depends on. */
function inOrder(dimensions: readonly Dimension[]): Dimension[] {
  const ordered = new Set<Dimension>();
  const visit = (each: Dimension, below: readonly Dimension[]) => {
    if (below.includes(each)) throw new RangeError(`${each.name} depends on itself`);
    for (const name of Object.keys(each.when ?? {})) {
      const parent = dimensions.find((other) => other.name === name);
      if (parent) visit(parent, [...below, each]);
    }
    ordered.add(each);
  };
  for (const each of dimensions) visit(each, []);
  return [...ordered];
}

/**
 * A dimension with only those conditions that the search itself decides; nothing where what is
 * fixed rules it out.
 */
function settled(
  each: Dimension,
  dimensions: readonly Dimension[],
  fixed: Hyperparameters,
): Dimension[] {
  const open: [string, readonly Setting[]][] = [];
  for (const [name, values] of Object.entries(each.when ?? {})) {
    const parent = dimensions.find((other) => other.name === name);
    const possible = parent?.kind === "choice" ? parent.choices : parent ? null : [fixed[name]];
    const met = possible?.filter((value) => value === undefined || values.some((v) => v === value));
    if (met?.length === 0) return [];
    if (met === undefined || met.length < (possible?.length ?? 0)) open.push([name, values]);
  }
  return [{ ...each, when: open.length > 0 ? Object.fromEntries(open) : null }];
}

/** Whether a dimension matters beside these values. */
export function isActive({ when }: Dimension, settings: Settings): boolean {
  return Object.entries(when ?? {}).every(
    ([name, values]) => Object.hasOwn(settings, name) && values.includes(settings[name]!),
  );
}

/**
 * These hyperparameters as a point of the space: numbers outside a range as its nearest bound (an l2
 * of 0 is none of a logarithmic range); null where a value is none of the choices.
 */
export function pointOf(space: SearchSpace, hyperparameters: Hyperparameters): Settings | null {
  const point: Record<string, Setting> = {};
  for (const dimension of space) {
    if (!isActive(dimension, point)) continue;
    const value = nearestIn(dimension, hyperparameters[dimension.name]);
    if (value === null) return null;
    point[dimension.name] = value;
  }
  return point;
}

function nearestIn(dimension: Dimension, value: unknown): Setting | null {
  if (dimension.kind === "choice") {
    return dimension.choices.find((choice) => choice === value) ?? null;
  }
  if (typeof value !== "number") return null;
  return Math.min(dimension.high, Math.max(dimension.low, value));
}

/** The number of different points; Infinity where a dimension is continuous. An upper bound in a tree. */
export function pointCount(space: SearchSpace): number {
  return space.reduce((count, dimension) => {
    if (dimension.kind === "real") return Number.POSITIVE_INFINITY;
    const values =
      dimension.kind === "choice" ? dimension.choices.length : dimension.high - dimension.low + 1;
    return count * values;
  }, 1);
}
