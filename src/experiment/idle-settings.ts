/**
 * Settings that were given and change nothing beside others, such as a margin under the BPR loss.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { Hyperparameters } from "../models/recommender.ts";
import { conditionOf, conditionText } from "../models/search-range.ts";

/**
 * A sentence for each setting that is no default and that another one leaves without effect.
 * @param hyperparameters those that are decided; one that is not there may be anything
 */
export function idleSettings(schema: z.ZodObject, hyperparameters: Hyperparameters): string[] {
  const defaults = schema.parse({});
  return Object.entries<z.ZodType>(schema.shape).flatMap(([name, field]) => {
    const given = hyperparameters[name];
    if (given === undefined || isDeepStrictEqual(given, defaults[name])) return [];
    const unmet = Object.entries(conditionOf(field) ?? {}).filter(([other, values]) => {
      const found = hyperparameters[other];
      return found !== undefined && !values.some((value) => value === found);
    });
    if (unmet.length === 0) return [];
    const found = unmet.map(([other]) => `${other}=${hyperparameters[other]}`).join(", ");
    return [
      `${name}=${given} has no effect with ${found}: it matters only with ${conditionText(Object.fromEntries(unmet))}`,
    ];
  });
}
