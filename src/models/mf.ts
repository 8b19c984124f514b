/**
 * Matrix factorisation with biases — Koren, Bell & Volinsky, "Matrix Factorization
 * Techniques for Recommender Systems", Computer 42 (8), 2009.
 *
 *   ŷ_ui = μ + b_u + b_i + p_uᵀ·q_i                                     (equation 4)
 *   min Σ_(u,i) (r_ui − ŷ_ui)² + λ·(‖p_u‖² + ‖q_i‖² + b_u² + b_i²)       (equation 5)
 *
 * μ is the constant that fits the targets best (the mean rating, or the log-odds of
 * a positive among the sampled items) and is not trained. λ/2 counts once for every
 * scored pair, negatives too. Beyond the paper: implicit data (`targets=ones` with
 * negatives) and every loss that pairs of scores allow.
 *
 * With `loss=bce negativeCount=8 width=192 deviation=0.1 l2=0.005 optimiser=sgd` and a
 * `learningRate` of 0.002·batchSize (the loss is a mean over the batch) this is the
 * model of Rendle, Krichene, Zhang & Anderson, "Neural Collaborative Filtering vs.
 * Matrix Factorization Revisited", RecSys 2020, in batches instead of one by one.
 *
 * As vectors: [p_u, b_u + μ, 1]·[q_i, 1, b_i]. A stranger's vector is the ridge solution over all
 * columns for liked items at 1 and all at 0, so the weight of item popularity is fitted to them too.
 * Their scores are for ranking, and are no ratings even where training has ratings. (ALS predicts
 * strangers' ratings, and ranks worse: on MovieLens 100K, at our defaults, mean of three seeds, strangers have
 * a recall@20 of .129 here, users in training, who are ranked by predicted ratings, .085.)
 *
 * @module
 */

import { z } from "zod";
import { type Device, readFloats } from "../engine/device.ts";
import {
  add,
  addBias,
  addConstant,
  addToRows,
  gatherRows,
  reshape,
  scale,
  squaredNorm,
} from "../engine/operators/index.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { itemsOfBatch } from "./batch-items.ts";
import { loadEmbeddings } from "./embedding-recommender.ts";
import type {
  Criterion,
  GradientContext,
  PairBatch,
  PairDefinition,
  PairModel,
  PairScores,
  Parameters,
  TrainingData,
} from "./gradient.ts";
import type { Embeddings, Recommender } from "./recommender.ts";
import { ridgeRecommender, ridgeSchema } from "./ridge-recommender.ts";
import { pairEmbeddingSchema, withDefault } from "./training-schema.ts";
import {
  batchItemRows,
  itemIndices,
  needsAllItems,
  unitRows,
  usesCosine,
  vectorScores,
} from "./vector-scores.ts";

const fields = pairEmbeddingSchema.omit({ ranking: true }).shape;

const schema = z.object({
  ...fields,
  loss: withDefault(fields.loss, "squared"),
  targets: withDefault(fields.targets, "ratings"),
  negativeCount: withDefault(fields.negativeCount, 0),
  l2: withDefault(fields.l2, 0.2).describe(
    "λ of λ·½(‖p_u‖² + ‖q_i‖² + b_u² + b_i²) for every scored pair, mean over the batch; the default suits ratings, implicit data want far less",
  ),
  similarity: fields.similarity.describe(
    "p_uᵀ·q_i or its cosine, in training and in ranking alike; auto = cosine for ssm and bsl",
  ),
  foldInRegularisation: ridgeSchema.shape.foldInRegularisation,
  foldInUnseenWeight: withDefault(ridgeSchema.shape.foldInUnseenWeight, 0.1),
});

type MfHyperparameters = z.infer<typeof schema>;

export const mf: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "mf",
  title: "MF",
  paper:
    "Koren, Bell & Volinsky. Matrix Factorization Techniques for Recommender Systems. Computer 42 (8), 2009",
  summary:
    "Ratings as the sum of a mean, biases of user and item, and an inner product of two vectors.",
  hyperparameters: schema,
  parameters(hyperparameters, { graph }) {
    const { userCount, itemCount } = graph;
    const settings = schema.parse(hyperparameters);
    const { width, deviation } = settings;
    const initial = { kind: "normal", deviation } as const;
    const zero = { kind: "constant", value: 0 } as const;
    return {
      user: { shape: [userCount, width], initial, rows: "batch-users" },
      item: { shape: [itemCount, width], initial, ...batchItemRows(settings) },
      // Rows of one number each are not worth leaving out.
      userBias: { shape: [userCount], initial: zero },
      itemBias: { shape: [itemCount], initial: zero },
    };
  },
  build(hyperparameters, context) {
    return new BiasedMf(schema.parse(hyperparameters), context);
  },
  load(tensors, hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return ridgeRecommender(loadEmbeddings(tensors, context, settings.width + 2), settings);
  },
};

class BiasedMf implements PairModel {
  readonly #hyperparameters: MfHyperparameters;
  readonly #device: Device;
  /** μ */
  readonly #mean: number;

  constructor(hyperparameters: MfHyperparameters, { device, graph }: GradientContext) {
    this.#hyperparameters = hyperparameters;
    this.#device = device;
    this.#mean = bestConstant(hyperparameters, graph.values);
  }

  loss(
    _tape: Tape,
    parameters: Parameters,
    batch: PairBatch,
    criterion: Criterion,
  ): readonly Variable[] {
    const p = gatherRows(parameters.user!, batch.users);
    const userBias = gatherRows(parameters.userBias!, batch.users);
    const items = itemsOfBatch(parameters.item!, batch);
    const itemBias = new Map(
      itemIndices(batch).map((index) => [index, gatherRows(parameters.itemBias!, index)] as const),
    );
    const products = vectorScores({ users: () => p, ...items }, batch, this.#hyperparameters);
    const scores = this.#withBiases(products, batch, parameters, userBias, itemBias);
    const { l2 } = this.#hyperparameters;
    const size = batch.users.size;
    // The user takes part in each of the batch's pairs with drawn items.
    const pairs = 1 + (batch.negatives ? batch.negatives.size / size : 0);
    const ofUsers = scale(add(squaredNorm(p), squaredSum(userBias)), pairs);
    const ofBiases = [...itemBias.values()].map(squaredSum).reduce(add);
    const norms = [ofUsers, items.squaredNorm(), ofBiases].reduce(add);
    return [criterion(scores), scale(norms, l2 / 2 / size)];
  }

  async finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender> {
    const read = (name: string) => readFloats(this.#device, parameters[name]!);
    const { width } = this.#hyperparameters;
    const direct = (vectors: Float32Array) =>
      usesCosine(this.#hyperparameters) ? unitRows(vectors, width) : vectors;
    const userBias = (await read("userBias")).map((bias) => bias + this.#mean);
    const itemBias = await read("itemBias");
    const ones = (biases: Float32Array) => new Float32Array(biases.length).fill(1);
    const embeddings: Embeddings = {
      width: width + 2,
      users: withColumns(direct(await read("user")), width, userBias, ones(userBias)),
      items: withColumns(direct(await read("item")), width, ones(itemBias), itemBias),
    };
    return ridgeRecommender(embeddings, this.#hyperparameters);
  }

  /** Adds μ + b_u + b_i to inner products. */
  #withBiases(
    { positives, others, values }: PairScores,
    batch: PairBatch,
    parameters: Parameters,
    userBias: Variable,
    itemBias: ReadonlyMap<Tensor, Variable>,
  ): PairScores {
    const ofUsers = addConstant(userBias, this.#mean);
    const ofPositives = itemBias.get(batch.positives)!;
    const own = add(positives, add(ofUsers, ofPositives));
    if (!others) return { positives: own, others, values };
    const beside = () => {
      if (needsAllItems(this.#hyperparameters)) return addBias(others, parameters.itemBias!);
      if (!batch.negatives) return addBias(others, ofPositives);
      return add(others, reshape(itemBias.get(batch.negatives)!, others.value.shape));
    };
    return { positives: own, others: addToRows(beside(), ofUsers, 1), values };
  }
}

/** The score that fits the targets best where it is the same for everybody; 0 for losses that only compare. */
function bestConstant(
  { loss, targets, negatives, negativeCount }: MfHyperparameters,
  ratings: TrainingData["graph"]["values"],
): number {
  const beside = negatives === "hard" ? Math.min(1, negativeCount) : negativeCount;
  if (loss === "bce") return -Math.log(Math.max(1, beside));
  if (loss !== "squared") return 0;
  if (targets === "ones" || !ratings || ratings.length === 0) return 1 / (1 + beside);
  return ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length / (1 + beside);
}

/** Σ x² of single numbers. */
function squaredSum(x: Variable): Variable {
  return squaredNorm(reshape(x, [1, x.value.size]));
}

/** Rows of `width` numbers, each with two more. */
function withColumns(
  table: Float32Array,
  width: number,
  first: Float32Array,
  second: Float32Array,
): Float32Array {
  const wide = new Float32Array(first.length * (width + 2));
  for (let row = 0; row < first.length; row++) {
    const from = row * (width + 2);
    wide.set(table.subarray(row * width, (row + 1) * width), from);
    wide[from + width] = first[row]!;
    wide[from + width + 1] = second[row]!;
  }
  return wide;
}
