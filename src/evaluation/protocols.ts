/**
 * Published protocols divide by different things. A number is comparable only
 * under its own protocol, so the choice is named here once and printed with
 * every metric it touches.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import { didYouMean } from "../base/nearest.ts";

/** What a per-user figure is divided by: |T| test items, or the min(k, |T|) of them that a list of k can hold. */
export type Divisor = "targets" | "reachable";

/** Where protocols differ. */
export interface EvaluationProtocol {
  readonly recall: Divisor;
  readonly averagePrecision: Divisor;
  /** Who measures so. */
  readonly description: string;
}

const protocolTable = {
  lightgcn: {
    recall: "targets",
    averagePrecision: "reachable",
    description: "NGCF, LightGCN, RecBole: recall over all |T| test items",
  },
  "mult-vae": {
    recall: "reachable",
    averagePrecision: "reachable",
    description: "Mult-VAE, EASE, RecVAE: recall over min(k, |T|)",
  },
  microsoft: {
    recall: "targets",
    averagePrecision: "targets",
    description: "Microsoft Recommenders: average precision over all |T| test items",
  },
} as const satisfies Record<string, EvaluationProtocol>;

export type ProtocolName = keyof typeof protocolTable;

/** Every protocol by name; the default is "lightgcn". */
export const protocols: Readonly<Record<ProtocolName, EvaluationProtocol>> = protocolTable;

/** NCF's protocol is looked for here too, and is none of these. */
const NCF_HINT = "NCF's protocol is a split: --split file:ncf";
const isNcf = (name: unknown): boolean => typeof name === "string" && name.toLowerCase() === "ncf";

/** Checks a protocol's name as a person wrote it; throws BadInputError for an unknown one. */
export function parseProtocol(name: string): ProtocolName {
  if (Object.hasOwn(protocolTable, name)) return name as ProtocolName;
  const names = Object.keys(protocolTable);
  const hint = isNcf(name) ? `; ${NCF_HINT}` : didYouMean(name, names);
  throw new BadInputError(
    "unknown-protocol",
    `metric protocol "${name}" is not known${hint} (protocols: ${names.join(", ")})`,
  );
}

/** A protocol's name as a field of settings. */
export const protocolSchema = z.enum(Object.keys(protocolTable) as [string, ...string[]], {
  error: ({ input }) =>
    `expected one of ${Object.keys(protocolTable).join(", ")}${isNcf(input) ? `; ${NCF_HINT}` : ""}`,
});
