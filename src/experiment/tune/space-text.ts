/**
 * Search ranges as people write them: `learningRate=1e-4..1e-1:log`, `layers=1..4`,
 * `width=16,32,64`, `loss=bpr,ssm`, or a name alone for all that its field allows.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import type { SearchRange, Setting } from "../../models/search-range.ts";
import type { Dimension } from "./space.ts";

/**
 * The ranges of `--space` texts by the names of their settings; null = what the field allows.
 * @param schema of the model, for the types of listed values
 * @throws BadInputError "space" for a text that is none of the forms, or a name that comes twice
 *
 * @example
 * spaceFromText(schema, ["l2=1e-6..1e-2:log"]); // { l2: { low: 1e-6, high: 0.01, log: true } }
 */
export function spaceFromText(
  schema: z.ZodObject,
  texts: readonly string[],
): Record<string, SearchRange | null> {
  const ranges: Record<string, SearchRange | null> = {};
  for (const text of texts) {
    const [, name, range] = /^([A-Za-z]\w*)(?:=(.*))?$/s.exec(text.trim()) ?? [];
    if (name === undefined || range === "") throw malformed(text);
    if (Object.hasOwn(ranges, name)) {
      throw new BadInputError("space", `--space ${text}: "${name}" was given before`);
    }
    ranges[name] = range === undefined ? null : rangeFromText(schema.shape[name], range, text);
  }
  return ranges;
}

function malformed(text: string): BadInputError {
  return new BadInputError(
    "space",
    `--space ${text}: expected key=low..high, key=low..high:log, key=a,b,c, or key alone`,
  );
}

function rangeFromText(field: unknown, text: string, whole: string): SearchRange {
  const [, low = "", high = "", scale] = /^(.+?)\.\.(.+?)(:\w+)?$/.exec(text) ?? [];
  if (low === "") return { choices: choicesFromText(field, text, whole) };
  const bounds = [Number(low), Number(high)] as const;
  if (!bounds.every(Number.isFinite) || (scale !== undefined && scale !== ":log")) {
    throw malformed(whole);
  }
  return { low: bounds[0], high: bounds[1], log: scale === ":log" };
}

/** Each part as the first of text, number and switch that its field takes. */
function choicesFromText(field: unknown, text: string, whole: string): Setting[] {
  return text.split(",").map((part) => {
    const word = part.trim();
    if (word === "") throw malformed(whole);
    const readings: Setting[] = [word];
    if (Number.isFinite(Number(word))) readings.push(Number(word));
    if (word === "true" || word === "false") readings.push(word === "true");
    const taken =
      field instanceof z.ZodType
        ? readings.find((reading) => field.safeParse(reading).success)
        : undefined;
    // None is taken: the number's complaint ("expected at most 16") says more than the text's.
    return taken ?? readings.at(-1)!;
  });
}

/** A dimension as it could be typed: "1e-4..0.1:log", "16,32,64". */
export function rangeText(dimension: Dimension): string {
  if (dimension.kind === "choice") return dimension.choices.join(",");
  return `${dimension.low}..${dimension.high}${dimension.log ? ":log" : ""}`;
}
