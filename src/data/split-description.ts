/**
 * One sentence for reports: what a split did.
 *
 * @module
 */

import type { Dataset } from "./interactions.ts";
import type { SplitSpecification } from "./split-language.ts";

const percent = (share: number): string => `${Number((100 * share).toFixed(4))} %`;

/** What was cut, and how the validation part was, in one sentence. */
export function describeSplit(
  dataset: Dataset,
  specification: Exclude<SplitSpecification, { kind: "default" }>,
  {
    seed,
    validation,
    validationCut,
    judged,
  }: {
    readonly seed: number;
    readonly validation: number;
    /** The cut of the validation part: the split itself, but where it ships candidates. */
    readonly validationCut: SplitSpecification;
    /** The only users whom validation judges. */
    readonly judged?: Int32Array | undefined;
  },
): string {
  const train = describeTest(dataset, specification);
  const sample = judged
    ? `, judged on ${judged.length.toLocaleString("en")} random users of it`
    : "";
  const part =
    validation > 0 ? `; validation: ${describeValidation(validationCut, validation)}${sample}` : "";
  return `${train}${part} (seed ${seed})`;
}

function describeTest(
  dataset: Dataset,
  specification: Exclude<SplitSpecification, { kind: "default" }>,
): string {
  switch (specification.kind) {
    case "random":
      return `a random ${percent(specification.ratio)} of all interactions in train, the rest in test`;
    case "user-random":
      return (
        `a random ${percent(specification.ratio)} of each user's interactions in train, the rest` +
        `${specification.rounding ? ", rounded down," : ""} in test`
      );
    case "temporal":
      return `the earliest ${percent(specification.ratio)} of all interactions in train, the later ones in test`;
    case "user-temporal":
      return `the earliest ${percent(specification.ratio)} of each user's interactions in train, the later ones in test`;
    case "loo":
      return specification.choice === "latest"
        ? "each user's latest interaction in test, the others in train"
        : "one random interaction of each user in test, the others in train";
    case "held-out":
      return (
        `${specification.users} random users held out of train; of each one's items a random ` +
        `${percent(specification.ratio)} is folded in and the rest is to be found`
      );
    case "k-fold":
      return `fold ${specification.fold} of ${specification.folds} random folds in test, the others in train`;
    case "file": {
      const shipped = dataset.shippedSplits.find(({ name }) => name === specification.name);
      return `split "${specification.name}" as shipped${shipped ? `: ${shipped.description}` : ""}`;
    }
  }
}

function describeValidation(specification: SplitSpecification, share: number): string {
  switch (specification.kind) {
    case "user-random":
      return `a random ${percent(share)} of each user's train${specification.rounding ? ", rounded down" : ""}`;
    case "temporal":
      return `the latest ${percent(share)} of train`;
    case "user-temporal":
      return `the latest ${percent(share)} of each user's train`;
    case "loo":
      return specification.choice === "latest"
        ? "each user's next latest interaction"
        : "one more random interaction of each user";
    case "held-out":
      return `${percent(share)} of the other users, held out likewise`;
    default:
      return `a random ${percent(share)} of train`;
  }
}
