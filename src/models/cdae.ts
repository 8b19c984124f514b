/**
 * CDAE — Wu, DuBois, Zheng & Ester, "Collaborative Denoising Auto-Encoders for Top-N
 * Recommender Systems", WSDM 2016.
 *
 *   z_u = σ(Wᵀ·ỹ_u + V_u + b),  ŷ_ui = W′_iᵀ·z_u + b′_i                (equations 5 and 6)
 *   min  mean_u Σ_i ℓ(y_ui, ŷ_ui) + λ/2·(‖W‖² + ‖W′‖² + ‖V‖² + ‖b‖² + ‖b′‖²)   (equation 8)
 *
 * ỹ_u is y_u with a share q of its items dropped and the others scaled by 1/(1 − q); V_u
 * is a node of the user's own. ℓ is the logistic loss or half the squared error, over the
 * user's items and `negativeCount` others drawn beside each of them (section 3.3), or over
 * all items.
 *
 * A stranger has no node: the mean of all trained V_u stands in its place, so that the hidden
 * layer works in the range that it was trained for. The paper does not fold in.
 *
 * Different from the paper: Adam in place of AdaGrad by default, and batches of users.
 *
 * @module
 */

import { z } from "zod";
import { purposeKey } from "../base/random.ts";
import { trainedUsers } from "../data/interactions.ts";
import { type Device, readFloats } from "../engine/device.ts";
import type { EntryLikelihood } from "../engine/likelihood-kernels.ts";
import {
  add,
  addBias,
  emptySparse,
  entryLikelihoods,
  gatherRows,
  mean,
  scale,
  sigmoid,
} from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import {
  corrupted,
  layerParameters,
  longestRow,
  penalties,
  reconstructionLoss,
  sparseLayer,
} from "./autoencoder.ts";
import { type Autoencoder, finishAutoencoder, loadAutoencoder } from "./autoencoder-recommender.ts";
import type {
  GradientContext,
  Parameter,
  Parameters,
  UserBatch,
  UserDefinition,
} from "./gradient.ts";
import { sumOfRows } from "./network-fold-in.ts";
import { searchChoices, searchRange } from "./search-range.ts";
import { trainingSchema, withDefault } from "./training-schema.ts";

const training = trainingSchema.shape;

const schema = trainingSchema.extend({
  epochs: withDefault(training.epochs, 200),
  batchSize: z.int().min(1).max(1_048_576).default(50).describe("Users in a batch"),
  learningRate: withDefault(training.learningRate, 0.003),
  l2: z
    .number()
    .min(0)
    .max(10)
    .meta(searchRange(1e-7, 0.1, { log: true }))
    .default(1e-4)
    .describe("λ of λ/2·Σ‖·‖² over all parameters"),
  width: z
    .int()
    .min(1)
    .max(4096)
    .meta(searchChoices([25, 50, 100, 200]))
    .default(50)
    .describe("K: numbers in the hidden layer"),
  dropout: z
    .number()
    .min(0)
    .max(0.99)
    .meta(searchRange(0, 0.8))
    .default(0.2)
    .describe("q: share of a user's items dropped"),
  loss: z
    .enum(["logistic", "square"])
    .default("logistic")
    .describe("ℓ: what is asked of the score of an item"),
  negativeCount: z
    .int()
    .min(0)
    .max(1000)
    .default(5)
    .describe("Items drawn beside each of a user's; 0 = the loss runs over all items"),
});

type CdaeHyperparameters = z.infer<typeof schema>;

const likelihoods: Readonly<Record<CdaeHyperparameters["loss"], EntryLikelihood>> = {
  logistic: "logistic",
  square: "gaussian",
};

/** V: users × K */
const nodes = "user.nodes";
/** [K]: what a stranger has in place of V_u; made when training is over */
const strangerNode = "stranger.node";

export const cdae: UserDefinition = {
  kind: "gradient",
  batches: "users",
  name: "cdae",
  title: "CDAE",
  paper:
    "Wu, DuBois, Zheng & Ester. Collaborative Denoising Auto-Encoders for Top-N Recommender Systems. WSDM 2016",
  summary: "A denoising autoencoder of a user's items with a node for the user.",
  hyperparameters: schema,
  parameters(hyperparameters, { graph: { userCount, itemCount } }) {
    return declare(userCount, itemCount, schema.parse(hyperparameters));
  },
  build(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return {
      loss: (_tape, parameters, batch) => loss(parameters, batch, settings, context),
      async finish(parameters) {
        const mark = context.device.mark();
        const table = await readFloats(context.device, parameters[nodes]!);
        const trained = trainedUsers(context.graph.userItems);
        const stranger = context.device.upload(
          [settings.width],
          sumOfRows(table, settings.width, trained, 1 / Math.max(1, trained.length)),
        );
        const all = { ...parameters, [strangerNode]: stranger };
        const recommender = await finishAutoencoder(all, context, network);
        context.device.release(mark);
        return recommender;
      },
    };
  },
  load(tensors, hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    const declared: Record<string, Pick<Parameter, "shape">> = {
      ...declare(context.userCount, context.itemCount, settings),
      [strangerNode]: { shape: [settings.width] },
    };
    return loadAutoencoder(tensors, declared, context, network);
  },
};

function declare(
  userCount: number,
  itemCount: number,
  { width }: CdaeHyperparameters,
): Record<string, Parameter> {
  return {
    ...layerParameters("input", itemCount, width),
    ...layerParameters("output", width, itemCount, [itemCount, width]),
    [nodes]: { shape: [userCount, width], initial: { kind: "normal", deviation: 0.01 } },
  };
}

const network: Autoencoder = {
  normalise: false,
  lastLayer(parameters, input, users) {
    const items = sparseLayer(parameters, "input", input);
    if (users === null) return sigmoid(addBias(items, parameters[strangerNode]!));
    return sigmoid(add(items, gatherRows(parameters[nodes]!, users)));
  },
};

function loss(
  parameters: Parameters,
  batch: UserBatch,
  settings: CdaeHyperparameters,
  { device, seed }: GradientContext,
): readonly Variable[] {
  const { dropout, l2, negativeCount } = settings;
  const likelihood = likelihoods[settings.loss];
  const keys = { key0: seed >>> 0, key1: purposeKey("autoencoder input") };
  const input = corrupted(device, batch, { dropout, normalise: false, ...keys });
  const z = network.lastLayer(parameters, input, batch.users);
  const fit =
    negativeCount === 0
      ? reconstructionLoss(parameters, z, batch, { likelihood, confidence: 1 })
      : sampledLoss(parameters, z, sampled(device, batch, negativeCount, seed), likelihood);
  return [fit, ...penalties(parameters, l2 / 2, () => true)];
}

/** The batch's items with ones, and items drawn beside them with zeros. */
function sampled(device: Device, batch: UserBatch, each: number, seed: number) {
  const { rows, users, draw } = batch;
  const entries = Math.min(users.size * longestRow(rows), rows.indices.size);
  const capacity = entries * (1 + each);
  const matrix = emptySparse(device, users.size, rows.columnCount, capacity);
  const random = { key0: seed >>> 0, key1: purposeKey("cdae negatives"), draw };
  device.kernels.drawTargets(matrix, rows, users, each, random);
  return { matrix, capacity };
}

function sampledLoss(
  parameters: Parameters,
  z: Variable,
  targets: ReturnType<typeof sampled>,
  likelihood: EntryLikelihood,
): Variable {
  const { "output.weights": weights, "output.bias": bias } = parameters;
  return scale(mean(entryLikelihoods(likelihood, targets, z, weights!, bias!)), -1);
}
