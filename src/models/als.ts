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
 * Differs from the papers in the order (items first, so that users are last solved
 * against the items that are kept: folding a user's own history in gives their vector)
 * and in coordinates (`least-squares-coordinates.ts`), which change no solution but make it cheaper.
 *
 * @module
 */

import { fitFactors } from "./als-fit.ts";
import { foldInTargets } from "./als-objective.ts";
import { type AlsHyperparameters, alsSchema } from "./als-schema.ts";
import { EmbeddingRecommender, loadEmbeddings } from "./embedding-recommender.ts";
import type { ClosedFormDefinition, Embeddings, Recommender, SavedTensors } from "./recommender.ts";
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
    const { embeddings, liked } = await fitFactors(settings, context);
    return alsRecommender(embeddings, settings, liked);
  },
  load(tensors, hyperparameters, context) {
    const settings = alsSchema.parse(hyperparameters);
    const embeddings = loadEmbeddings(tensors, context, embeddingWidth(settings));
    return alsRecommender(embeddings, settings, floatTensor(tensors, "foldIn.liked", [2]));
  },
};

/** Ratings with biases take two columns more: [x, b_u + μ, 1]·[y, 1, b_i]. */
export function embeddingWidth({ feedback, biases, width }: AlsHyperparameters): number {
  return feedback === "explicit" && biases ? width + 2 : width;
}

/** Strangers are solved for as users are. @param liked w and b of a pair that is only known to be liked */
function alsRecommender(
  embeddings: Embeddings,
  settings: AlsHyperparameters,
  liked: Float32Array,
): Recommender {
  const { items, width } = embeddings;
  const [weight, target] = [liked[0]!, liked[1]!];
  const options = foldInTargets(settings, items.length / width, weight, target);
  return new AlsRecommender(embeddings, new RidgeFoldIn(items, width, options), liked);
}

class AlsRecommender extends EmbeddingRecommender {
  readonly #liked: Float32Array;

  constructor(embeddings: Embeddings, foldIn: RidgeFoldIn, liked: Float32Array) {
    super(embeddings, foldIn);
    this.#liked = liked;
  }

  override save(): SavedTensors {
    return { ...super.save(), "foldIn.liked": { shape: [2], data: this.#liked } };
  }
}
