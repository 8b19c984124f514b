/**
 * A search for hyperparameters as data: which interactions, how they are cut,
 * which model, what is fixed, what is searched and how.
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../../base/errors.ts";
import { searchRangeSchema } from "../../models/search-range.ts";
import { stoppingSchema, trainingSchema } from "../../models/training-schema.ts";
import {
  type ExperimentInput,
  experimentSchema,
  type PreparedExperiment,
  prepareExperiment,
  withDataObject,
} from "../description.ts";
import { checkedSettings } from "../settings.ts";
import { halving } from "./halving.ts";
import { randomSearch } from "./random-search.ts";
import type { SearchMethod } from "./search-method.ts";
import { pointOf, type SearchSpace, searchSpace } from "./space.ts";
import { tpe } from "./tpe.ts";

/** The search methods there are, and what they do. */
export const searchMethods = {
  tpe: "draws where good trials lie more densely than bad ones, after ten random trials",
  random: "draws every trial independently",
  halving:
    "starts many settings with few epochs and goes on with the best; models with epochs only",
} as const satisfies Readonly<Record<string, string>>;

export type SearchMethodName = keyof typeof searchMethods;

const { data, split, validationUsers, model, seed, threads, output } = experimentSchema.shape;

/** One search. */
export const tuningSchema = z.strictObject({
  data,
  split,
  validation: z
    .number()
    .positive()
    .lt(1)
    .default(0.1)
    .describe("Share of train that is cut off to judge the trials on"),
  validationUsers,
  model,
  hyperparameters: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("Settings that are fixed; see lumiere models NAME"),
  space: z
    .record(z.string(), searchRangeSchema.nullable())
    .default({})
    .describe(
      "Ranges {low, high, log} or values {choices} by setting, over those that the model suggests; null = all that the setting allows",
    ),
  method: z
    .enum(Object.keys(searchMethods) as [SearchMethodName, ...SearchMethodName[]])
    .default("tpe")
    .describe("How the next trial is chosen"),
  trials: z
    .int()
    .min(1)
    .max(100_000)
    .default(30)
    .describe("Trials; with halving, settings in the first rung"),
  reduction: z
    .int()
    .min(2)
    .max(100)
    .default(3)
    .describe("η of halving: one setting in η goes on, with η times the epochs"),
  // What may pick an epoch may pick a setting: the measures of accuracy, all better the larger.
  metric: stoppingSchema.shape.stopMetric.describe(
    "Metric of the validation part that is maximised",
  ),
  protocol: experimentSchema.shape.evaluation.unwrap().shape.protocol,
  seed,
  threads,
  output: output.describe("Folder for the trials and the report; null = keep nothing"),
});

/** What a person writes. */
export type TuningInput = Omit<z.input<typeof tuningSchema>, "data"> &
  Pick<ExperimentInput, "data">;

/** A search that is known to make sense before anything is loaded. */
export interface PreparedTuning extends PreparedExperiment {
  readonly tuning: z.output<typeof tuningSchema>;
  /** Hyperparameters that a person fixed, as they were written. */
  readonly fixed: Readonly<Record<string, unknown>>;
  readonly space: SearchSpace;
  readonly method: SearchMethod;
}

/**
 * Checks everything that can be checked without the data.
 * @param where names the source in errors
 * @throws BadInputError naming the field, what was found and what would do
 */
export function prepareTuning(input: unknown, where = "tune"): PreparedTuning {
  const tuning = checkedSettings(tuningSchema, withDataObject(input), where);
  const { hyperparameters: fixed, space: wanted, method, ...shared } = tuning;
  const prepared = prepareExperiment(
    {
      ...{ data: shared.data, split: shared.split, validation: shared.validation },
      validationUsers: shared.validationUsers,
      ...{ model: shared.model, hyperparameters: fixed, seed: shared.seed },
      ...{ threads: shared.threads, output: shared.output },
      evaluation: { protocol: shared.protocol },
    },
    where,
  );
  const { definition } = prepared;
  if (method === "halving") checkHalving(definition.kind, definition.name, wanted);
  const schema = definition.hyperparameters;
  const given = new Set(Object.keys(fixed));
  const space = searchSpace(schema, prepared.hyperparameters, given, wanted);
  if (space.length === 0) {
    throw new BadInputError(
      "space",
      Object.keys(schema.shape).length === 0
        ? `${definition.name} has nothing to set, so there is nothing to search`
        : `nothing is left to search for ${definition.name}: name what should be with --space key=low..high or key=a,b,c (settings: ${Object.keys(schema.shape).join(", ")})`,
    );
  }
  const hyperparameters = {
    ...prepared.hyperparameters,
    ...forTrials(prepared, tuning.metric, given),
  };
  const options = {
    space,
    start: pointOf(space, prepared.hyperparameters),
    trials: tuning.trials,
    seed: tuning.seed,
  };
  return {
    ...prepared,
    hyperparameters,
    tuning,
    fixed,
    space,
    method:
      method === "random"
        ? randomSearch(options)
        : method === "tpe"
          ? tpe(options)
          : halving(options, {
              ...trainingSchema.parse(hyperparameters),
              reduction: tuning.reduction,
            }),
  };
}

/** What trials differ in from the run that is made in the end: nothing of the validation part is learnt. */
function forTrials(
  { definition }: PreparedExperiment,
  metric: string,
  given: ReadonlySet<string>,
): Record<string, unknown> {
  if (definition.kind !== "gradient") return {};
  // The epoch is picked by what the trial is judged by, unless a person says otherwise.
  return { refit: false, ...(!given.has("stopMetric") && { stopMetric: metric }) };
}

function checkHalving(
  kind: "gradient" | "closed-form",
  name: string,
  wanted: Readonly<Record<string, unknown>>,
): void {
  if (kind === "closed-form") {
    throw new BadInputError(
      "tune",
      `--method halving spends epochs, and ${name} has none: it is solved in closed form or by iterations of its own, whole every time; take --method tpe or --method random`,
    );
  }
  const spent = ["epochs", "evaluateEvery"].find((field) => Object.hasOwn(wanted, field));
  if (spent !== undefined) {
    throw new BadInputError(
      "space",
      `--space ${spent}: halving decides the epochs itself; set the most with --set epochs=…, or take --method tpe`,
    );
  }
}
