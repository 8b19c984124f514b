/**
 * What a reader of a metric should know about the cut behind it.
 *
 * @module
 */

import { type EvaluationPart, type Interactions, interactionCount } from "./interactions.ts";
import { formatSplit, type SplitSpecification } from "./split-language.ts";

/** Above this share of targets, items that train does not know are worth a warning. */
const NOTABLE_SHARE = 0.01;

/** Which users (or items) the interactions name: one byte each. */
export function known(keys: Int32Array, size: number): Uint8Array {
  const marks = new Uint8Array(size);
  for (let at = 0; at < keys.length; at++) marks[keys[at]!] = 1;
  return marks;
}

/** Warnings that follow from the kind of split alone. */
export function warnOfKind(specification: SplitSpecification): string[] {
  const perUser =
    specification.kind === "user-temporal" ||
    (specification.kind === "loo" && specification.choice === "latest");
  if (!perUser) return [];
  return [
    `${formatSplit(specification)} leaks the future: each user's own history is cut in time, but ` +
      "train holds what others did after it (Ji et al., TOIS 2023); temporal:0.8 makes one cut in " +
      "time for everybody",
  ];
}

/** Warnings about one part, from what train knows. */
export function warnOfPart(
  label: "validation" | "test",
  part: EvaluationPart,
  train: Interactions,
  itemCount: number,
): string[] {
  const warnings: string[] = [];
  if (part.unrankable) {
    const users = new Set(part.unrankable.users).size;
    warnings.push(
      `${users.toLocaleString("en")} users of the ${label} part have no training interactions and ` +
        "cannot be ranked for: their " +
        `${interactionCount(part.unrankable).toLocaleString("en")} interactions are left out of ` +
        "evaluation",
    );
  }
  const trained = known(train.items, itemCount);
  let strange = 0;
  for (const item of part.targets.items) if (trained[item] === 0) strange++;
  const targets = interactionCount(part.targets);
  if (strange > NOTABLE_SHARE * targets) {
    warnings.push(
      `${strange.toLocaleString("en")} of ${targets.toLocaleString("en")} ${label} targets are items ` +
        "without training interactions: no model can learn them, they count as misses",
    );
  }
  if (part.candidates) {
    warnings.push(
      `the ${label} part ranks a few candidates a user, not all items: its metrics are sampled and ` +
        "not comparable with full ranking",
    );
  }
  return warnings;
}

/** A warning where a global time cut falls among many interactions of the very same time. */
export function warnOfTies(train: Interactions, test: Interactions): string[] {
  if (!train.times || !test.times) return [];
  let cut = -Infinity;
  for (const time of train.times) if (time > cut) cut = time;
  let before = 0;
  for (const time of train.times) if (time === cut) before++;
  let after = 0;
  for (const time of test.times) if (time === cut) after++;
  const total = interactionCount(train) + interactionCount(test);
  if (after === 0 || before + after <= NOTABLE_SHARE * total) return [];
  return [
    `the time cut falls among ${(before + after).toLocaleString("en")} interactions of the very ` +
      `same time: ${before.toLocaleString("en")} of them are in train, in file order`,
  ];
}
