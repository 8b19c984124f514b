/**
 * Losses over the scores of a batch.
 *
 * @module
 */

import { mean, softplus, subtract } from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";

/**
 * Bayesian personalised ranking (Rendle et al., UAI 2009, equation 4), averaged
 * over the batch: −ln σ(ŷ_ui − ŷ_uj) = softplus(ŷ_uj − ŷ_ui).
 */
export function bprLoss(positives: Variable, negatives: Variable): Variable {
  return mean(softplus(subtract(negatives, positives)));
}
