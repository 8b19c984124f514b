/**
 * GMF, generalised matrix factorisation — He, Liao, Zhang, Nie, Hu & Chua, "Neural
 * Collaborative Filtering", WWW 2017.
 *
 *   ŷ_ui = σ(hᵀ·(p_u ⊙ q_i) + b)                                  (equation 9)
 *   L = −Σ_(u,i) ln ŷ_ui − Σ_(u,j) ln(1 − ŷ_uj), n sampled j to each i     (equation 7)
 *
 * h and b are the output layer as the authors' code has it. Since
 * hᵀ·(p ⊙ q) = (h ⊙ p)ᵀ·q, the score is an inner product: the fitted model is the
 * vectors h ⊙ p_u and q_i; a stranger's vector is a mean of those of the training users
 * with the most similar histories (`user-neighbours.ts`). σ and b, which change no rank, are left off the scores.
 *
 * Different from the paper: a batch holds `batchSize` positives, each with its own
 * negatives. Beyond it: every loss of the embedding models.
 *
 * @module
 */

import { z } from "zod";
import type { Rows } from "../data/interactions.ts";
import { type Device, readFloats } from "../engine/device.ts";
import { add, gatherRows, scale, scaleColumns, squaredNorm } from "../engine/operators/index.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { itemsOfBatch } from "./batch-items.ts";
import { EmbeddingRecommender, loadEmbeddings } from "./embedding-recommender.ts";
import type {
  Criterion,
  GradientContext,
  PairBatch,
  PairDefinition,
  PairModel,
  Parameters,
} from "./gradient.ts";
import { NeighbourFoldIn } from "./neighbour-fold-in.ts";
import { outputStart, withBias } from "./output-layer.ts";
import type { Recommender } from "./recommender.ts";
import { pairEmbeddingSchema, withDefault } from "./training-schema.ts";
import { neighbourSchema } from "./user-neighbours.ts";
import { batchItemRows, rankedItems, vectorScores } from "./vector-scores.ts";

const fields = pairEmbeddingSchema.shape;

const schema = z.object({
  ...fields,
  loss: withDefault(fields.loss, "bce"),
  negativeCount: withDefault(fields.negativeCount, 4),
  batchSize: withDefault(fields.batchSize, 256),
  l2: withDefault(fields.l2, 0),
  width: withDefault(fields.width, 32),
  deviation: withDefault(fields.deviation, 0.01),
  ...neighbourSchema.shape,
});

type GmfHyperparameters = z.infer<typeof schema>;

export const gmf: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "gmf",
  title: "GMF",
  paper: "He, Liao, Zhang, Nie, Hu & Chua. Neural Collaborative Filtering. WWW 2017",
  summary: "Matrix factorisation with a learned weight for each factor, trained by log loss.",
  hyperparameters: schema,
  parameters(hyperparameters, { graph }) {
    const { userCount, itemCount } = graph;
    const settings = schema.parse(hyperparameters);
    const { width, deviation } = settings;
    const initial = { kind: "normal", deviation } as const;
    return {
      "product.user": { shape: [userCount, width], initial, rows: "batch-users" },
      "product.item": { shape: [itemCount, width], initial, ...batchItemRows(settings) },
      "product.h": { shape: [width], initial: outputStart(width) },
      bias: { shape: [1], initial: { kind: "constant", value: 0 } },
    };
  },
  build(hyperparameters, context) {
    return new Gmf(schema.parse(hyperparameters), context);
  },
  load(tensors, hyperparameters, context) {
    const { width, foldInNeighbours } = schema.parse(hyperparameters);
    const embeddings = loadEmbeddings(tensors, context, width);
    const foldIn = new NeighbourFoldIn(embeddings, context.seen, foldInNeighbours);
    return new EmbeddingRecommender(embeddings, foldIn);
  },
};

class Gmf implements PairModel {
  readonly #hyperparameters: GmfHyperparameters;
  readonly #device: Device;
  /** Training items of each user. */
  readonly #seen: Rows;

  constructor(hyperparameters: GmfHyperparameters, { device, graph }: GradientContext) {
    this.#hyperparameters = hyperparameters;
    this.#device = device;
    this.#seen = graph.userItems;
  }

  loss(
    _tape: Tape,
    parameters: Parameters,
    batch: PairBatch,
    criterion: Criterion,
  ): readonly Variable[] {
    const p = gatherRows(parameters["product.user"]!, batch.users);
    const weighted = scaleColumns(p, parameters["product.h"]!);
    const items = itemsOfBatch(parameters["product.item"]!, batch);
    const { l2 } = this.#hyperparameters;
    const products = vectorScores(
      { users: () => weighted, ...items },
      batch,
      this.#hyperparameters,
    );
    const loss = criterion(withBias(products, parameters.bias!, this.#hyperparameters));
    if (l2 === 0) return [loss];
    const penalty = add(squaredNorm(p), items.squaredNorm());
    return [loss, scale(penalty, l2 / 2 / batch.users.size)];
  }

  async finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender> {
    const read = (name: string) => readFloats(this.#device, parameters[name]!);
    const { width, ranking, foldInNeighbours } = this.#hyperparameters;
    const h = await read("product.h");
    const users = (await read("product.user")).map((value, at) => value * h[at % width]!);
    const items = rankedItems(await read("product.item"), width, ranking);
    const embeddings = { width, users, items };
    const foldIn = new NeighbourFoldIn(embeddings, this.#seen, foldInNeighbours);
    return new EmbeddingRecommender(embeddings, foldIn);
  }
}
