/**
 * Hyperparameters that models share, in groups: how training goes on and stops,
 * how pairs are drawn, what is asked of their scores, and how embeddings start.
 * A model's schema is made of the groups that apply to it and its own fields.
 *
 * @module
 */

import { z } from "zod";
import { messageTypes } from "../graph/propagation.ts";
import { mattersWith, searchChoices, searchRange } from "./search-range.ts";

/** When training is judged, and when it ends. */
export const stoppingSchema = z.object({
  evaluateEvery: z.int().min(1).default(5).describe("Epochs between validations"),
  patience: z
    .int()
    .min(0)
    .default(10)
    .describe("Validations without improvement before training stops; 0 = never"),
  stopMetric: z
    .string()
    .regex(
      /^(recall|precision|ndcg|hr|mrr|map)@[1-9]\d*$/,
      "expected a metric at a list length such as ndcg@20 (recall, precision, ndcg, hr, mrr or map)",
    )
    .default("ndcg@20")
    .describe("Validation metric that picks the epoch"),
  refit: z
    .boolean()
    .default(false)
    .describe(
      "Once validation has picked the epoch, train again for as many epochs on training and validation together",
    ),
});

/** How any gradient model is trained. */
export const trainingSchema = z.object({
  epochs: z.int().min(1).max(1_000_000).default(400).describe("Most passes over the interactions"),
  batchSize: z.int().min(1).max(1_048_576).default(2048).describe("Examples in a batch"),
  learningRate: z
    .number()
    .positive()
    .max(10)
    .meta(searchRange(1e-4, 0.1, { log: true }))
    .default(0.001)
    .describe("Step size of the optimiser"),
  decayEpochs: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .describe(
      "Epochs over which the step size falls along half a cosine to a hundredth; 0 = never",
    ),
  l2: z
    .number()
    .min(0)
    .max(10)
    .meta(searchRange(1e-7, 0.1, { log: true }))
    .default(1e-4)
    .describe("λ of λ·½(‖e_u‖²+‖e_i‖²+‖e_j‖²)/B over the batch's own rows"),
  optimiser: z.enum(["adam", "sgd", "adagrad"]).default("adam").describe("Update rule"),
  ...stoppingSchema.shape,
});

export type TrainingHyperparameters = z.infer<typeof trainingSchema>;

export const lossNames = [
  "bpr",
  "max-margin",
  "bce",
  "squared",
  "multinomial",
  "ssm",
  "bsl",
] as const;

const negativeNames = ["uniform", "any", "popularity", "hard", "rp3", "in-batch"] as const;

/** All losses but the softmax over all items, beside which no item is drawn. */
const drawingLosses = lossNames.filter((name) => name !== "multinomial");

/** How pairs of a user and a liked item are drawn, and the items beside them. */
export const samplingSchema = z.object({
  positives: z
    .enum(["interaction", "user"])
    .default("interaction")
    .describe("Visit every interaction once an epoch, or draw a user, then one of their items"),
  negatives: z
    .enum(negativeNames)
    .meta(mattersWith({ loss: drawingLosses }))
    .default("uniform")
    .describe(
      "Items beside a positive: unseen ones drawn uniformly, any of all items, liked ones too (any), unseen ones by popularity, the best scored of those drawn (hard), near the user on the graph (rp3: one of the 100 that RP3β with α = 1 and β = 0.6 ranks first); or the batch's other positives",
    ),
  negativeCount: z
    .int()
    .min(0)
    .max(4096)
    .meta(
      mattersWith({
        loss: drawingLosses,
        negatives: negativeNames.filter((name) => name !== "in-batch"),
      }),
    )
    .default(1)
    .describe("Negatives drawn beside each positive; in-batch and multinomial draw none"),
  popularityExponent: z
    .number()
    .min(0)
    .max(2)
    .meta({ ...searchRange(0, 1), ...mattersWith({ negatives: ["popularity"] }) })
    .default(0.75)
    .describe("Popularity negatives are drawn in proportion to popularity to this power"),
  candidateShare: z
    .number()
    .min(0)
    .max(1)
    .meta(mattersWith({ negatives: ["rp3"] }))
    .default(0.1)
    .describe(
      "Share of rp3 negatives that come from near the user, the others are drawn uniformly: at 1 items far from the user are never drawn, and what nothing pushes down comes out above what the user would like",
    ),
});

export type SamplingHyperparameters = z.infer<typeof samplingSchema>;

/** What a loss asks of the scores of a batch. */
export const lossSchema = z.object({
  loss: z
    .enum(lossNames)
    .default("bpr")
    .describe(
      "bpr, max-margin, bce (binary cross-entropy), squared error, multinomial (softmax over all items), ssm (sampled softmax), bsl (bilateral softmax)",
    ),
  targets: z
    .enum(["ones", "ratings"])
    .meta(mattersWith({ loss: ["squared"] }))
    .default("ones")
    .describe("What the squared error asks of a positive's score: 1, or its rating"),
  margin: z
    .number()
    .min(0)
    .max(100)
    .meta({ ...searchRange(0.01, 2, { log: true }), ...mattersWith({ loss: ["max-margin"] }) })
    .default(1)
    .describe("Δ of the max-margin loss"),
  temperature: z
    .number()
    .positive()
    .max(100)
    .meta({ ...searchRange(0.05, 1, { log: true }), ...mattersWith({ loss: ["ssm", "bsl"] }) })
    .default(0.1)
    .describe("τ of ssm and bsl: scores are divided by it"),
  balance: z
    .number()
    .positive()
    .max(10)
    .meta({ ...searchRange(0.3, 3, { log: true }), ...mattersWith({ loss: ["bsl"] }) })
    .default(1)
    .describe(
      "Weight of bsl's negative side, τ1/τ2 of its paper; at 1 bsl is ssm without the positive below",
    ),
  positiveSide: z
    .enum(["pair", "user"])
    .meta(mattersWith({ loss: ["bsl"] }))
    .default("pair")
    .describe(
      "bsl's positive side: each pair's e^(s/τ) by itself, as its authors' LightGCN has it, or the mean over all positives that the user has in the batch, as the paper and its authors' MF have it, which favours those that score high already",
    ),
});

export type LossHyperparameters = z.infer<typeof lossSchema>;

/** How the score of two vectors is taken. */
export const similaritySchema = z.object({
  similarity: z
    .enum(["auto", "dot", "cosine"])
    .default("auto")
    .describe("Score inside the loss; auto = cosine for ssm and bsl, inner product otherwise"),
  ranking: z
    .enum(["dot", "cosine"])
    .default("dot")
    .describe("Score that ranks items once the model is trained; cosine brings items to length 1"),
});

/** How embeddings start. */
export const embeddingSchema = z.object({
  width: z
    .int()
    .min(1)
    .max(4096)
    .meta(searchChoices([16, 32, 64, 128]))
    .default(64)
    .describe("d: numbers in an embedding"),
  deviation: z
    .number()
    .positive()
    .max(10)
    .default(0.1)
    .describe("Standard deviation of the starting embeddings"),
});

/** How linear propagation stores what it gathers. */
export const messageSchema = z.object({
  messages: z
    .enum(messageTypes)
    .default("float32")
    .describe(
      "What a layer gathers while training: float32, or bfloat16 (half the bytes; each number off by at most 2⁻⁸ of itself at each layer; sums and the final embeddings stay float32)",
    ),
});

/** Everything that an embedding model trained on pairs has. */
export const pairEmbeddingSchema = trainingSchema
  .extend(samplingSchema.shape)
  .extend(lossSchema.shape)
  .extend(similaritySchema.shape)
  .extend(embeddingSchema.shape);

export type PairEmbeddingHyperparameters = z.infer<typeof pairEmbeddingSchema>;

/** The same field with a default of the model's own. */
export function withDefault<Field extends z.ZodType>(
  field: z.ZodDefault<Field>,
  value: z.core.util.NoUndefined<z.output<Field>>,
): z.ZodDefault<Field> {
  const changed = field.unwrap().default(value);
  return field.description === undefined ? changed : changed.describe(field.description);
}
