/**
 * What the output layers of the neural models share (He et al., WWW 2017).
 *
 * @module
 */

import { addBias, reshape } from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import type { InitialValues, PairScores } from "./gradient.ts";
import type { LossHyperparameters } from "./training-schema.ts";

/** How the weights of an output layer start: LeCun's uniform distribution, variance 1/inputs. */
export function outputStart(inputs: number): InitialValues {
  return { kind: "uniform", bound: Math.sqrt(3 / inputs) };
}

/** Adds b to all scores where the loss judges each on its own; losses that compare have no use for it. */
export function withBias(
  { positives, others, values }: PairScores,
  bias: Variable,
  { loss }: Pick<LossHyperparameters, "loss">,
): PairScores {
  if (loss !== "bce" && loss !== "squared") return { positives, others, values };
  const plus = (x: Variable) =>
    reshape(addBias(reshape(x, [x.value.size, 1]), bias), x.value.shape);
  return { positives: plus(positives), others: others && plus(others), values };
}
