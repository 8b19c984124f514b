/**
 * Criteria over the scores of a batch. Each takes scores alone, so that it serves
 * every model, and is a mean over the batch.
 *
 * With s⁺ the score of a positive, s⁻ the scores beside it and τ the temperature:
 *
 *   bpr          softplus(s⁻ − s⁺)                   Rendle et al., UAI 2009, equation 4
 *   max-margin   max(0, Δ + s⁻ − s⁺)                 Weston et al., IJCAI 2011; PinSage, KDD 2018
 *   bce          softplus(−s⁺) + Σ softplus(s⁻)      He et al. (NCF), WWW 2017, equation 7
 *   squared      (s⁺ − r)² + Σ (s⁻)²                 r = the rating, or 1
 *   multinomial  ln(e^s⁺ + Σ_j e^s_j) − s⁺, j over all other items   Liang et al., WWW 2018
 *   ssm          the same over the negatives of the batch, s/τ       Wu et al., TOIS 2024
 *   bsl          ρ·ln Σ e^(s⁻/τ) − s⁺/τ              Wu et al., ICDE 2024, as its code has it for LightGCN;
 *                positiveSide=user: − ln mean_p e^(s_p/τ), p over the user's positives of the batch, as the paper
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import {
  add,
  addConstant,
  addToRows,
  logMeanExpOfGroups,
  logSumExpRows,
  mean,
  relu,
  reshape,
  rowMaxima,
  rowSums,
  scale,
  softplus,
  square,
  subtract,
  whereVisible,
} from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { PairScores } from "../models/gradient.ts";
import type { LossHyperparameters, SamplingHyperparameters } from "../models/training-schema.ts";

/** Whose positives a batch has. */
export interface BatchUsers {
  /** integers below `count`, [B] */
  readonly index: Tensor;
  readonly count: number;
}

/**
 * The criterion that the hyperparameters ask for.
 * @throws BadInputError("loss") where loss and negatives do not go together
 */
export function createCriterion(
  hyperparameters: LossHyperparameters,
  sampling: Pick<SamplingHyperparameters, "negatives" | "negativeCount">,
): (scores: PairScores, users: BatchUsers) => Variable {
  checkCombination(hyperparameters, sampling);
  const { loss, margin, temperature, balance, positiveSide } = hyperparameters;
  const hardest = sampling.negatives === "hard" && loss !== "multinomial";
  return ({ positives, others: all, values }, users) => {
    const rows = positives.value.size;
    const others = hardest && all ? reshape(rowMaxima(all), [rows, 1]) : all;
    switch (loss) {
      case "bpr":
        return mean(softplus(excess(positives, present(others))));
      case "max-margin":
        return mean(relu(addConstant(excess(positives, present(others)), margin)));
      case "bce":
        return logLoss(positives, others);
      case "squared": {
        const target = values && positives.tape.constant(values);
        const error = target ? subtract(positives, target) : addConstant(positives, -1);
        return withOthers(square(error), others && rowSums(square(others)));
      }
      case "multinomial":
        return softmaxLoss(positives, present(others), 1);
      case "ssm":
        return softmaxLoss(positives, present(others), temperature);
      case "bsl": {
        // A batch may hold one item alone, which has no other beside it.
        const inverse = 1 / temperature;
        const negative = whereVisible(logSumExpRows(present(others), inverse), inverse);
        const positive =
          positiveSide === "user"
            ? logMeanExpOfGroups(positives, users.index, users.count, inverse)
            : scale(positives, inverse);
        return mean(subtract(scale(negative, balance), positive));
      }
    }
  };
}

/** s⁻ − s⁺ for each score beside a positive: [B] for one, [B, m] for more. */
function excess(positives: Variable, others: Variable): Variable {
  const [rows, count] = others.value.shape;
  if (count === 1) return subtract(reshape(others, [rows!]), positives);
  return addToRows(others, positives, -1);
}

/** −ln σ(s⁺) − Σ ln(1 − σ(s⁻)) */
function logLoss(positives: Variable, others: Variable | null): Variable {
  return withOthers(softplus(scale(positives, -1)), others && rowSums(softplus(others)));
}

function withOthers(own: Variable, beside: Variable | null): Variable {
  return mean(beside ? add(own, beside) : own);
}

/** ln(e^(s⁺/τ) + Σ e^(s⁻/τ)) − s⁺/τ = softplus(ln Σ e^(s⁻/τ) − s⁺/τ) */
function softmaxLoss(positives: Variable, others: Variable, temperature: number): Variable {
  const inverse = 1 / temperature;
  const beside = logSumExpRows(others, inverse);
  return mean(softplus(subtract(beside, scale(positives, inverse))));
}

function present(others: Variable | null): Variable {
  if (others) return others;
  throw new RangeError("the criterion compares with other items, and the model scored none");
}

function checkCombination(
  { loss }: LossHyperparameters,
  { negatives, negativeCount }: Pick<SamplingHyperparameters, "negatives" | "negativeCount">,
): void {
  const inBatch = negatives === "in-batch";
  if (negatives === "hard" && negativeCount < 2 && loss !== "multinomial") {
    throw new BadInputError(
      "loss",
      `negatives=hard keeps the best scored of negativeCount draws, and negativeCount is ${negativeCount}: ` +
        "nothing is chosen; set negativeCount=2 or more (16, say), or negatives=uniform",
    );
  }
  if (inBatch && (loss === "squared" || loss === "bce")) {
    throw new BadInputError(
      "loss",
      `loss "${loss}" judges every score on its own, and other people's positives are no negatives of one's own; ` +
        "use negatives=uniform, or loss=ssm for in-batch negatives",
    );
  }
  const drawnApart = negatives === "popularity" || negatives === "rp3" || negatives === "any";
  if (negativeCount === 0 && drawnApart && loss === "squared") {
    throw new BadInputError(
      "loss",
      `negatives=${negatives} says how items beside a positive are drawn, and negativeCount is 0; set negativeCount=1 or more`,
    );
  }
  if (negativeCount === 0 && !inBatch && loss !== "multinomial" && loss !== "squared") {
    throw new BadInputError(
      "loss",
      `loss "${loss}" compares with items beside each positive, and negativeCount is 0; set negativeCount=1 or more`,
    );
  }
}
