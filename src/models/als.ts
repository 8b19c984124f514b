/**
 * Alternating least squares: item factors that solve their least-squares problem
 * while the users' stand still, then the users' while the items' do.
 *
 * Implicit feedback, over the seen pairs S and all pairs:
 *
 *   Σ_S (w_ui·s_ui² − 2·b_ui·s_ui) + α₀·Σ_all s_ui²,   s_ui = x_u·y_i
 *     + Σ_u λ_u·‖x_u‖² + Σ_i λ_i·‖y_i‖²,   λ_u = λ·(Σ_i w_ui + α₀·|I|)^ν, λ_i likewise
 *
 * with I all items and U the users in training.
 *
 * - `confidence=ones`: w = b = 1 is iALS (Rendle, Krichene, Zhang & Koren, "Revisiting
 *   the Performance of iALS on Item Recommendation Benchmarks", RecSys 2022).
 * - `confidence=linear unobservedWeight=1 regularisationExponent=0`: c = 1 + α·r, w = c − α₀,
 *   b = c is WMF (Hu, Koren & Volinsky, "Collaborative Filtering for Implicit Feedback
 *   Datasets", ICDM 2008, equation 3); `confidence=value` takes c = α·r instead, at least α₀.
 *   A pair with r ≤ 0 is one that is not liked: its target is 0, its confidence that of |r|.
 *
 * Ratings (`feedback=explicit`), over the rated pairs alone:
 *
 *   Σ_S (r_ui − x_u·y_i)² + Σ_u λ·n_u^ν·‖x_u‖² + Σ_i λ·n_i^ν·‖y_i‖²
 *
 * with ν = 1 ALS-WR (Zhou, Wilkinson, Schreiber & Pan, "Large-Scale Parallel
 * Collaborative Filtering for the Netflix Prize", AAIM 2008); with `biases` the score is
 * μ + b_u + b_i + x_u·y_i.
 *
 * Strangers are solved for as users are, the items standing still; an item of a bare history is taken
 * to have the mean w and b of what is liked. On ratings with biases that holds where the history comes with
 * ratings: then scores are predicted ratings (on MovieLens 100K off by .93; users in training .94). A bare
 * history has nothing bad in it, and a bias of its own takes nearly all that it says: it is folded in by one
 * ridge over all columns of [y, 1, b_i], each item at the mean of the training ratings that are no worse than
 * their mean, which ranks better (recall@20 there .058, by the half-step .025; users in training, who are ranked
 * by predicted ratings, .053, popularity .168) and predicts no ratings. To rank, take `feedback=implicit`.
 *
 * Differs from the papers in the order (items first, so that users are last solved
 * against the items that are kept: folding a user's own history in gives their vector)
 * and in coordinates (`least-squares-coordinates.ts`), which change no solution but make it cheaper.
 *
 * @module
 */

import type { Device } from "../engine/device.ts";
import { fitFactors } from "./als-fit.ts";
import { foldInTargets } from "./als-objective.ts";
import { type AlsHyperparameters, alsSchema } from "./als-schema.ts";
import { EmbeddingRecommender, type FoldIn, loadEmbeddings } from "./embedding-recommender.ts";
import type { ClosedFormDefinition, Embeddings, Histories, SavedTensors } from "./recommender.ts";
import { RidgeFoldIn } from "./ridge-fold-in.ts";
import { floatTensor } from "./tensors.ts";

export const als: ClosedFormDefinition = {
  kind: "closed-form",
  name: "als",
  title: "ALS",
  paper:
    "Hu, Koren & Volinsky. Collaborative Filtering for Implicit Feedback Datasets. ICDM 2008; " +
    "Rendle, Krichene, Zhang & Koren. Revisiting the Performance of iALS on Item Recommendation Benchmarks. RecSys 2022",
  summary: "Factors by least squares, users and items in turn: iALS, WMF, or ratings (ALS-WR).",
  hyperparameters: alsSchema,
  async fit(hyperparameters, context) {
    const settings = alsSchema.parse(hyperparameters);
    const { embeddings, liked, mean } = await fitFactors(settings, context);
    return new AlsRecommender(embeddings, settings, liked, mean);
  },
  load(tensors, hyperparameters, context) {
    const settings = alsSchema.parse(hyperparameters);
    const embeddings = loadEmbeddings(tensors, context, embeddingWidth(settings));
    const liked = floatTensor(tensors, "foldIn.liked", [2]);
    const mean = tensors["foldIn.mean"]
      ? floatTensor(tensors, "foldIn.mean", [1])[0]!
      : meanUserBias(embeddings);
    return new AlsRecommender(embeddings, settings, liked, mean);
  },
};

/** Ratings with biases take two columns more: [x, b_u + μ, 1]·[y, 1, b_i]. */
export function embeddingWidth(settings: AlsHyperparameters): number {
  return hasBiases(settings) ? settings.width + 2 : settings.width;
}

function hasBiases({ feedback, biases }: AlsHyperparameters): boolean {
  return feedback === "explicit" && biases;
}

/** Near μ, for bundles that do not say it: the mean of b_u + μ. */
function meanUserBias({ users, width }: Embeddings): number {
  const count = users.length / width;
  let sum = 0;
  for (let user = 0; user < count; user++) sum += users[(user + 1) * width - 2]!;
  return sum / Math.max(1, count);
}

/** Of ratings with biases: histories that come with ratings are not folded in as bare ones are. */
class RatedFoldIn implements FoldIn {
  readonly explanationBasis = "least-squares";
  readonly #bare: RidgeFoldIn;
  readonly #rated: RidgeFoldIn;

  constructor(bare: RidgeFoldIn, rated: RidgeFoldIn) {
    this.#bare = bare;
    this.#rated = rated;
  }

  vectors(histories: Histories, device?: Device): Promise<Float32Array> {
    return (histories.values ? this.#rated : this.#bare).vectors(histories, device);
  }

  contributions(history: Int32Array, item: number): Promise<Float32Array> {
    return this.#bare.contributions(history, item);
  }

  save(): SavedTensors {
    return {};
  }
}

class AlsRecommender extends EmbeddingRecommender {
  readonly #liked: Float32Array;
  /** null where there are no biases */
  readonly #mean: number | null;

  /**
   * @param liked w and b of a pair that is only known to be liked
   * @param mean μ
   */
  constructor(
    embeddings: Embeddings,
    settings: AlsHyperparameters,
    liked: Float32Array,
    mean: number,
  ) {
    const { items, width } = embeddings;
    // As it is saved, so that who is folded in has the same bits then.
    const ownMean = hasBiases(settings) ? Math.fround(mean) : null;
    const pair = [liked[0]!, liked[1]!] as const;
    const solverOf = (held: number | null) =>
      new RidgeFoldIn(items, width, foldInTargets(settings, items.length / width, pair, held));
    const bare = solverOf(null);
    super(embeddings, ownMean === null ? bare : new RatedFoldIn(bare, solverOf(ownMean)));
    this.#liked = liked;
    this.#mean = ownMean;
  }

  override save(): SavedTensors {
    const mean = this.#mean;
    return {
      ...super.save(),
      "foldIn.liked": { shape: [2], data: this.#liked },
      ...(mean !== null && { "foldIn.mean": { shape: [1], data: Float32Array.of(mean) } }),
    };
  }
}
