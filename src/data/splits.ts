/**
 * Cuts a dataset into train, validation and test. The language that names the
 * cuts is in `split-language.ts` and docs/splits.md; what holds for every cut:
 *
 * - A (user, item) pair is in one part only; repeats count once, the latest stays.
 * - Nothing is lost: every other interaction is in exactly one part.
 * - The same dataset, specification and seed give the same cut; the test part does not depend on
 *   whether there is a validation part.
 * - The validation part is cut from train alone, in the way that fits the split:
 *
 * | split | validation part of share V |
 * |---|---|
 * | random, k-fold, file | a random share V of train; every user keeps an interaction in train |
 * | file with candidates | one random interaction a user, whatever V is |
 * | user-random | a random share V of each user's train; rounded down, of V·R of all the user has |
 * | user-temporal | the latest share V of each user's train |
 * | temporal | the latest share V of train |
 * | loo, loo:random | one more interaction a user (latest, random), whatever V is |
 * | held-out | a share V of the users left, each with a history to fold in |
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { TEST, TEST_HISTORY, TRAIN, VALIDATION, VALIDATION_HISTORY } from "./cuts.ts";
import { withoutDuplicates } from "./duplicates.ts";
import { markedPositions } from "./grouping.ts";
import { markHeldOut } from "./held-out.ts";
import {
  type Dataset,
  type EvaluationPart,
  type Interactions,
  interactionCount,
  type Rows,
  type Split,
  selectInteractions,
} from "./interactions.ts";
import { judgedSample } from "./judged-sample.ts";
import { findShipped, loadShipped } from "./shipped-split.ts";
import { describeSplit } from "./split-description.ts";
import { formatSplit, type SplitSpecification } from "./split-language.ts";
import { known, warnOfKind, warnOfPart, warnOfTies } from "./split-warnings.ts";
import { type InteractionSplit, markTest, type ResolvedSplit } from "./test-part.ts";
import { markValidation } from "./validation-part.ts";

export interface SplitOptions {
  /** Of every random choice. */
  readonly seed: number;
  /** Share of train that becomes the validation part, from 0 (none) to below 1. */
  readonly validation: number;
  /** Most users whom the validation part judges, drawn with the seed; undefined = everybody. */
  readonly validationUsers?: number | undefined;
}

/**
 * Cuts a dataset.
 * @throws BadInputError "split" where the dataset cannot be cut so: no times, too few
 *   interactions or users, no such shipped split
 *
 * @example
 * const split = await splitDataset(dataset, parseSplit("random:0.8"), { seed: 1, validation: 0.1 });
 */
export async function splitDataset(
  dataset: Dataset,
  specification: SplitSpecification,
  options: SplitOptions,
): Promise<Split> {
  const { validation } = options;
  if (!(validation >= 0 && validation < 1)) {
    throw new BadInputError(
      "split",
      `validation part: found ${validation}, expected a share of train from 0 (none) to below 1`,
    );
  }
  const resolved = resolve(dataset, specification);
  if (resolved.kind === "file") return cutShipped(dataset, resolved, options);

  const { interactions, removed } = withoutDuplicates(
    dataset.interactions,
    dataset.users.size,
    dataset.items.size,
  );
  const cleaned = { ...dataset, interactions };
  if (interactionCount(interactions) < 2) {
    throw new BadInputError(
      "split",
      `dataset "${dataset.name}" has ${interactionCount(interactions)} interactions, and a split ` +
        "needs at least 2; filter less, or bring more data",
    );
  }
  const marks = new Uint8Array(interactionCount(interactions));
  if (resolved.kind === "held-out") {
    markHeldOut(cleaned, marks, { ...resolved, ...options });
  } else {
    markTest(cleaned, resolved, options.seed, marks);
    if (validation > 0) markValidation(cleaned, resolved, options, marks);
  }
  const duplicates =
    removed > 0
      ? [`${removed.toLocaleString("en")} repeated (user, item) pairs count once, the latest stays`]
      : [];
  return assemble(cleaned, interactions, marks, resolved, options, duplicates);
}

/** `default` turned into what it means for this dataset. */
function resolve(dataset: Dataset, specification: SplitSpecification): ResolvedSplit {
  if (specification.kind !== "default") return specification;
  const shipped = dataset.shippedSplits.find((split) => split.isDefault);
  return shipped ? { kind: "file", name: shipped.name } : { kind: "random", ratio: 0.8 };
}

async function cutShipped(
  dataset: Dataset,
  specification: Extract<ResolvedSplit, { kind: "file" }>,
  options: SplitOptions,
): Promise<Split> {
  const shipped = findShipped(dataset, specification.name);
  const { train, test, candidates, warnings } = await loadShipped(dataset, shipped);
  const marks = new Uint8Array(interactionCount(train));
  const validationCut = candidates ? leaveOneOut : specification;
  if (options.validation > 0) {
    markValidation({ ...dataset, interactions: train }, validationCut, options, marks);
  }
  const shippedParts = { test, candidates, validationCut };
  return assemble(dataset, train, marks, specification, options, warnings, shippedParts);
}

/**
 * The validation part beside NCF's candidates, as they have it: one random interaction a user. With
 * more of them among the same candidates, a hit in the first ten would be all but certain; without
 * the latest one, a model would be worse at what the test asks for.
 */
const leaveOneOut: InteractionSplit = { kind: "loo", choice: "random" };

/** Gathers the marked parts, and says what a reader should know about them. */
function assemble(
  dataset: Dataset,
  interactions: Interactions,
  marks: Uint8Array,
  specification: ResolvedSplit,
  options: SplitOptions,
  warnings: readonly string[],
  shipped: {
    test: Interactions;
    candidates: Rows | null;
    validationCut: InteractionSplit;
  } | null = null,
): Split {
  const take = (mark: number) => selectInteractions(interactions, markedPositions(marks, mark));
  const heldOut = specification.kind === "held-out";
  const train = take(TRAIN);
  const trained = known(train.users, dataset.users.size);
  const validation =
    options.validation > 0
      ? judgedSample(
          evaluationPart(
            take(VALIDATION),
            heldOut ? take(VALIDATION_HISTORY) : null,
            // Judged as the test is: what is best among all items is not what is best among a few.
            shipped?.candidates ?? null,
            trained,
          ),
          options.validationUsers,
          options.seed,
        )
      : null;
  const test = evaluationPart(
    shipped?.test ?? take(TEST),
    heldOut ? take(TEST_HISTORY) : null,
    shipped?.candidates ?? null,
    trained,
  );
  return {
    train,
    validation,
    test,
    specification: formatSplit(specification),
    description: describeSplit(dataset, specification, {
      ...options,
      validationCut: shipped?.validationCut ?? specification,
      judged: validation?.judged,
    }),
    warnings: [
      ...warnings,
      ...warnOfKind(specification),
      ...(specification.kind === "temporal" ? warnOfTies(train, test.targets) : []),
      ...(validation ? warnOfPart("validation", validation, train, dataset.items.size) : []),
      ...warnOfPart("test", test, train, dataset.items.size),
    ],
  };
}

/** Sets the interactions of users whom train does not know apart, unless they are folded in. */
function evaluationPart(
  held: Interactions,
  history: Interactions | null,
  candidates: Rows | null,
  trained: Uint8Array,
): EvaluationPart {
  if (history) return { targets: held, history, candidates };
  const rankable = new Uint8Array(interactionCount(held));
  for (let at = 0; at < rankable.length; at++) rankable[at] = trained[held.users[at]!]!;
  if (!rankable.includes(0)) return { targets: held, history, candidates };
  return {
    targets: selectInteractions(held, markedPositions(rankable, 1)),
    history,
    candidates,
    unrankable: selectInteractions(held, markedPositions(rankable, 0)),
  };
}
