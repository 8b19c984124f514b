/**
 * UltraGCN — Mao, Zhu, Xiao, Lu, Wang & He, "UltraGCN: Ultra Simplification of Graph
 * Convolutional Networks for Recommendation", CIKM 2021.
 *
 *   L = L_O + λ·L_I + γ/2·‖E‖²                                           (equation 14)
 *   L_O = −Σ (w₁ + w₂β_ui)·ln σ(e_u·e_i) − W·mean_j (w₃ + w₄β_uj)·ln σ(−e_u·e_j)
 *   L_I = −Σ_{j ∈ S(i)} ω_ij·ln σ(e_u·e_j)                               (equation 13)
 *   β_ui = √(d_u + 1)/d_u · 1/√(d_i + 1)                                 (equation 5)
 *
 * In L_O the parts with w₁ and w₃ are the main loss, those with w₂ and w₄ the constraint that the
 * layers put on it. The paper takes the log loss for the main one, which makes the two one sum, and
 * names BPR as the other usual choice; with another `loss` than bce, and any negatives, it is
 * mainWeight·L_main in their place, w₁ = w₃ = 0, and the constraint keeps drawn negatives of its own.
 *
 * No message is ever passed: β and ω hold what infinitely many layers would do.
 * S(i) are the item's k neighbours (`graph/item-neighbours.ts`). The sums are means
 * over the batch here, γ divided by its size likewise: the same direction, which is
 * all that Adam sees. Negatives are never positives; the authors' may be.
 *
 * From embeddings near 0 the negatives, W times as heavy, first bring every user and every item to one
 * direction each, which ranks by popularity. How soon training leaves it goes with the rate: hence .01,
 * where the authors have 1e-4 (docs/results.md, "UltraGCN").
 *
 * @module
 */

import { z } from "zod";
import { BadInputError } from "../base/errors.ts";
import { type Device, readFloats } from "../engine/device.ts";
import {
  add,
  addConstant,
  gatherRows,
  groupDot,
  listedDots,
  mean,
  multiply,
  reshape,
  rowDot,
  rowSums,
  scale,
  scaleRows,
  softplus,
  squaredNorm,
} from "../engine/operators/index.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { type BipartiteGraph, degrees } from "../graph/bipartite.ts";
import { itemNeighbours } from "../graph/item-neighbours.ts";
import { bpr } from "./bpr.ts";
import type {
  Criterion,
  GradientContext,
  PairBatch,
  PairDefinition,
  PairModel,
  Parameter,
  Parameters,
} from "./gradient.ts";
import type { Hyperparameters, Recommender } from "./recommender.ts";
import { ridgeRecommender, ridgeSchema } from "./ridge-recommender.ts";
import { mattersWith, searchChoices, searchRange } from "./search-range.ts";
import { floatTensor, integerTensor } from "./tensors.ts";
import {
  embeddingSchema,
  lossNames,
  lossSchema,
  samplingSchema,
  similaritySchema,
  trainingSchema,
} from "./training-schema.ts";
import { rankedItems, type VectorSource, vectorScores } from "./vector-scores.ts";

const weight = (initial: number, description: string, metadata = {}) =>
  z.number().min(0).max(1e6).meta(metadata).default(initial).describe(description);

const schema = trainingSchema
  .omit({ l2: true })
  .extend(samplingSchema.shape)
  .extend(embeddingSchema.shape)
  .extend(ridgeSchema.shape)
  .extend(lossSchema.shape)
  .extend(similaritySchema.shape)
  .extend({
    loss: lossSchema.shape.loss
      .unwrap()
      .default("bce")
      .describe(
        "Main loss beside the constraint: bce, as in the paper, or bpr, max-margin, squared error, multinomial, ssm, bsl",
      ),
    mainWeight: weight(1, "Weight of the main loss where it is not bce, in place of w₁ and w₃", {
      ...searchRange(0.01, 10, { log: true }),
      ...mattersWith({ loss: lossNames.filter((name) => name !== "bce") }),
    }),
    batchSize: z.int().min(1).max(1_048_576).default(512).describe("Pairs in a batch"),
    learningRate: z
      .number()
      .positive()
      .max(10)
      .meta(searchRange(1e-4, 0.1, { log: true }))
      .default(0.01)
      .describe("Step size of the optimiser"),
    negativeCount: z
      .int()
      .min(1)
      .max(4096)
      .meta(searchChoices([100, 300, 800, 1500]))
      .default(300)
      .describe("Negatives beside each positive"),
    deviation: z
      .number()
      .positive()
      .max(10)
      .default(1e-4)
      .describe("Standard deviation of the starting embeddings"),
    // The constraint's loss draws whatever the main one does.
    negatives: samplingSchema.shape.negatives.meta({
      description: samplingSchema.shape.negatives.description,
      ...mattersWith({}),
    }),
    negativeWeight: weight(
      300,
      "W: weight of the negatives together",
      searchRange(10, 1000, { log: true }),
    ),
    positiveBase: weight(
      1e-6,
      "w₁ of the positives' weights, of the loss bce alone",
      mattersWith({ loss: ["bce"] }),
    ),
    positiveScale: weight(1, "w₂ of the positives' weights"),
    negativeBase: weight(
      1e-6,
      "w₃ of the negatives' weights, of the loss bce alone",
      mattersWith({ loss: ["bce"] }),
    ),
    negativeScale: weight(1, "w₄ of the negatives' weights"),
    regularisation: weight(
      1e-4,
      "γ: weight of the norm of all embeddings",
      searchRange(1e-6, 0.01, { log: true }),
    ),
    itemWeight: weight(5e-4, "λ: weight of the item graph", searchRange(1e-5, 10, { log: true })),
    neighbours: z
      .int()
      .min(1)
      .max(1000)
      .meta(searchChoices([5, 10, 20, 50]))
      .default(10)
      .describe("k: items in each item's neighbourhood"),
  });

type UltraGcnHyperparameters = z.infer<typeof schema>;

export const ultragcn: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "ultragcn",
  title: "UltraGCN",
  paper:
    "Mao, Zhu, Xiao, Lu, Wang & He. UltraGCN: Ultra Simplification of Graph Convolutional Networks for Recommendation. CIKM 2021",
  summary:
    "Embeddings trained as if infinitely many graph layers had been passed, without passing one.",
  hyperparameters: schema,
  // The constraint is about them.
  alwaysDraws: true,
  async prepare(hyperparameters, { graph }, work) {
    const { neighbours } = checked(hyperparameters);
    const { count, items, weights } = await itemNeighbours(work, graph, neighbours);
    const shape = [graph.itemCount, count];
    return { neighbours: { shape, data: items }, omega: { shape, data: weights } };
  },
  parameters(hyperparameters, data) {
    const { width, deviation } = schema.parse(hyperparameters);
    const { user, item } = bpr.parameters({ width, deviation }, data);
    // The norm and the item graph reach rows outside the batch.
    return { user: withoutRows(user!), item: withoutRows(item!) };
  },
  build(hyperparameters, context) {
    return new UltraGcn(checked(hyperparameters), context);
  },
  load: bpr.load,
};

/** @throws BadInputError where the log loss cannot be what the settings ask for */
function checked(hyperparameters: Hyperparameters): UltraGcnHyperparameters {
  const settings = schema.parse(hyperparameters);
  const { loss, negatives, similarity } = settings;
  if (loss === "bce" && negatives === "hard") {
    throw new BadInputError(
      "loss",
      "loss=bce of ultragcn weighs every negative together with the constraint, so none is kept as the hardest; " +
        "use negatives=uniform, or another loss (bpr, say)",
    );
  }
  if (loss === "bce" && similarity === "cosine") {
    throw new BadInputError(
      "loss",
      "loss=bce of ultragcn is the paper's, of inner products; use similarity=dot, or another loss (bpr, say)",
    );
  }
  return settings;
}

const withoutRows = ({ shape, initial }: Parameter): Parameter => ({ shape, initial });

class UltraGcn implements PairModel {
  readonly #hyperparameters: UltraGcnHyperparameters;
  readonly #device: Device;
  /** √(d_u + 1)/d_u */
  readonly #userFactor: Tensor;
  /** 1/√(d_i + 1) */
  readonly #itemFactor: Tensor;
  /** items × k: S(i), and ω */
  readonly #neighbours: Tensor;
  readonly #neighbourWeights: Tensor;

  constructor(
    hyperparameters: UltraGcnHyperparameters,
    { device, graph, prepared }: GradientContext,
  ) {
    if (!prepared) throw new TypeError("UltraGCN is built of what its `prepare` makes");
    this.#hyperparameters = hyperparameters;
    this.#device = device;
    const factors = degreeFactors(graph);
    this.#userFactor = device.upload([graph.userCount], factors.users);
    this.#itemFactor = device.upload([graph.itemCount], factors.items);
    const shape = [graph.itemCount, hyperparameters.neighbours];
    this.#neighbours = device.upload(shape, integerTensor(prepared, "neighbours", shape));
    this.#neighbourWeights = device.upload(shape, floatTensor(prepared, "omega", shape));
  }

  loss(
    tape: Tape,
    parameters: Parameters,
    batch: PairBatch,
    criterion: Criterion,
  ): readonly Variable[] {
    const { loss, mainWeight, itemWeight, regularisation } = this.#hyperparameters;
    const users = gatherRows(parameters.user!, batch.users);
    const positives = gatherRows(parameters.item!, batch.positives);
    const norm = add(squaredNorm(parameters.user!), squaredNorm(parameters.item!));
    const terms = [
      this.#positiveLoss(tape, users, positives, batch),
      this.#negativeLoss(tape, users, parameters.item!, batch),
      scale(this.#itemLoss(tape, users, parameters.item!, batch), itemWeight),
      scale(norm, regularisation / 2 / batch.users.size),
    ];
    if (loss === "bce") return terms;
    const source: VectorSource = {
      users: () => users,
      items: () => positives,
      itemTable: parameters.item!,
      allItems: () => parameters.item!,
    };
    const main = criterion(vectorScores(source, batch, this.#hyperparameters));
    return [...terms, scale(main, mainWeight)];
  }

  async finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender> {
    const users = await readFloats(this.#device, parameters.user!);
    const { width, ranking } = this.#hyperparameters;
    const items = rankedItems(await readFloats(this.#device, parameters.item!), width, ranking);
    return ridgeRecommender({ width, users, items }, this.#hyperparameters);
  }

  /** mean −(w₁ + w₂β_ui)·ln σ(e_u·e_i) */
  #positiveLoss(tape: Tape, users: Variable, positives: Variable, batch: PairBatch): Variable {
    const { loss, positiveBase, positiveScale } = this.#hyperparameters;
    const factor = gatherRows(tape.constant(this.#itemFactor), batch.positives);
    const beta = multiply(this.#factorOf(tape, batch.users), factor);
    const weights = addConstant(scale(beta, positiveScale), loss === "bce" ? positiveBase : 0);
    return mean(multiply(weights, softplus(scale(rowDot(users, positives), -1))));
  }

  /** W · mean −(w₃ + w₄β_uj)·ln σ(−e_u·e_j) over users and their negatives */
  #negativeLoss(tape: Tape, users: Variable, table: Variable, batch: PairBatch): Variable {
    const { loss, negativeBase, negativeScale, negativeWeight } = this.#hyperparameters;
    const scores = listedDots(users, table, batch.negatives!);
    const factor = gatherRows(tape.constant(this.#itemFactor), batch.negatives!);
    const ofUser = this.#factorOf(tape, batch.users);
    const beta = scaleRows(reshape(factor, batch.negatives!.shape), ofUser);
    const weights = addConstant(scale(beta, negativeScale), loss === "bce" ? negativeBase : 0);
    return scale(mean(multiply(weights, softplus(scores))), negativeWeight);
  }

  /** mean over the batch of −Σ_{j ∈ S(i)} ω_ij·ln σ(e_u·e_j) */
  #itemLoss(tape: Tape, users: Variable, table: Variable, batch: PairBatch): Variable {
    const { neighbours: count } = this.#hyperparameters;
    const shape = [batch.users.size, count];
    const neighbours = this.#device.allocate(shape, "i32");
    this.#device.kernels.gatherRows(neighbours, this.#neighbours, batch.positives, 0);
    const omega = gatherRows(tape.constant(this.#neighbourWeights), batch.positives);
    const scores = groupDot(users, gatherRows(table, neighbours));
    return mean(rowSums(multiply(omega, softplus(scale(scores, -1)))));
  }

  #factorOf(tape: Tape, users: Tensor): Variable {
    return gatherRows(tape.constant(this.#userFactor), users);
  }
}

/** The two factors of β; 1 for nodes without a neighbour, which no batch holds. */
function degreeFactors(graph: BipartiteGraph): { users: Float32Array; items: Float32Array } {
  const degree = degrees(graph);
  const users = Float32Array.from(degree.subarray(0, graph.userCount), (d) =>
    d === 0 ? 1 : Math.sqrt(d + 1) / d,
  );
  const items = Float32Array.from(degree.subarray(graph.userCount), (d) => 1 / Math.sqrt(d + 1));
  return { users, items };
}
