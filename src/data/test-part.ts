/**
 * The test part of every split by interactions, and what the validation part
 * needs to know of it: in which groups a split cuts, and whether by time.
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import {
  applyCut,
  type Cut,
  chooseLatest,
  chooseRandom,
  shareBelow,
  shareOf,
  TEST,
} from "./cuts.ts";
import { type Dataset, interactionCount } from "./interactions.ts";
import { formatSplit, type SplitSpecification } from "./split-language.ts";

/** The specifications that say themselves what to cut. */
export type ResolvedSplit = Exclude<SplitSpecification, { kind: "default" }>;

/** Splits that hold out interactions, not whole users. */
export type InteractionSplit = Exclude<ResolvedSplit, { kind: "held-out" }>;

/** Marks the test interactions of a split that the dataset does not ship. */
export function markTest(
  dataset: Dataset,
  specification: Exclude<InteractionSplit, { kind: "file" }>,
  seed: number,
  marks: Uint8Array,
): void {
  const random = new RandomStream(seed, "split/test");
  if (specification.kind === "k-fold") {
    markFold(dataset, specification, random, marks);
    return;
  }
  const { groups, chronological } = shapeOf(specification);
  const cut: Cut = {
    groups,
    choose: chronological ? chooseLatest(timesOf(dataset, specification)) : chooseRandom(random),
    count: (n) => {
      if (specification.kind === "loo") return n > 1 ? 1 : 0;
      if (roundsDown(specification)) return shareBelow(n, 1 - specification.ratio);
      return n - shareOf(n, specification.ratio, 1, groups === "users" ? n : n - 1);
    },
  };
  applyCut(cut, dataset.interactions.users, dataset.users.size, marks, TEST);
  if (!marks.includes(TEST)) throw nothingFor("test", dataset, specification);
}

/** Folds are equal parts (±1) of one random order, so that the folds of a seed fit together. */
function markFold(
  dataset: Dataset,
  { folds, fold }: { folds: number; fold: number },
  random: RandomStream,
  marks: Uint8Array,
): void {
  if (folds > marks.length) {
    throw new BadInputError(
      "split",
      `split "k-fold:${folds}/${fold}": dataset "${dataset.name}" has only ${marks.length} ` +
        "interactions; take fewer folds",
    );
  }
  const order = new Int32Array(marks.length);
  for (let at = 0; at < order.length; at++) order[at] = at;
  random.shuffle(order);
  const begin = Math.floor(((fold - 1) * marks.length) / folds);
  const end = Math.floor((fold * marks.length) / folds);
  for (let at = begin; at < end; at++) marks[order[at]!] = TEST;
}

/** In which groups a split cuts, and whether by time or by chance. */
export function shapeOf(specification: InteractionSplit): {
  readonly groups: Cut["groups"];
  readonly chronological: boolean;
} {
  switch (specification.kind) {
    case "loo":
      return { groups: "users", chronological: specification.choice === "latest" };
    case "user-temporal":
      return { groups: "users", chronological: true };
    case "user-random":
      return { groups: "users", chronological: false };
    default:
      return { groups: "everything", chronological: specification.kind === "temporal" };
  }
}

/** Whether a user's share is rounded down. */
export function roundsDown(
  specification: InteractionSplit,
): specification is Extract<InteractionSplit, { kind: "user-random" }> {
  return specification.kind === "user-random" && specification.rounding === "down";
}

/** The times to cut by. @throws BadInputError "split" where some are unknown */
export function timesOf(dataset: Dataset, specification: InteractionSplit): Float64Array {
  const { times } = dataset.interactions;
  const unknown = times?.reduce((count, time) => (Number.isFinite(time) ? count : count + 1), 0);
  if (times && unknown === 0) return times;
  const instead =
    specification.kind === "loo"
      ? "loo:random"
      : specification.kind === "user-temporal"
        ? "user-random:0.8"
        : "random:0.8";
  throw new BadInputError(
    "split",
    `split "${formatSplit(specification)}" needs the time of every interaction, and dataset ` +
      `"${dataset.name}" has ${times ? `${unknown} without` : "none"}; ` +
      // A dataset that ships splits has a known layout: no column can be named there.
      `${dataset.shippedSplits.length > 0 ? "" : "name the time column with --time-column, or "}choose ${instead}`,
  );
}

/** Says that a part would be empty. */
export function nothingFor(
  part: string,
  dataset: Dataset,
  specification: InteractionSplit,
): BadInputError {
  return new BadInputError(
    "split",
    `split "${formatSplit(specification)}" leaves nothing for the ${part} part of dataset ` +
      `"${dataset.name}" (${interactionCount(dataset.interactions)} interactions of ` +
      `${dataset.users.size} users are too few); ` +
      (part === "test" ? "keep a smaller share in train, or choose random:0.8" : "pass 0 for none"),
  );
}
