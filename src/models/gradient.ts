/**
 * The contract of models that are fitted by gradients: parameters, and scores
 * of a batch. The loss takes scores, not embeddings, so that it is the same for
 * every model, and so that a reduction can stand between the two.
 *
 * @module
 */

import { z } from "zod";
import type { Device } from "../engine/device.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { BipartiteGraph } from "../graph/bipartite.ts";
import type {
  ClosedFormDefinition,
  Hyperparameters,
  ModelCard,
  Recommender,
} from "./recommender.ts";

/** How a trainable table starts. */
export type InitialValues =
  | { readonly kind: "normal"; readonly deviation: number }
  | { readonly kind: "uniform"; readonly bound: number }
  | { readonly kind: "constant"; readonly value: number };

/** A trainable table. */
export interface Parameter {
  readonly shape: readonly number[];
  readonly initial: InitialValues;
}

/** A batch of (user, positive item, negative item), dense indices, one each per row. */
export interface TripleBatch {
  readonly users: Tensor;
  readonly positives: Tensor;
  readonly negatives: Tensor;
}

/** Scores of a batch, each [rows], and what the loss adds for the size of the parameters. */
export interface BatchScores {
  readonly positives: Variable;
  readonly negatives: Variable;
  /** Scalar, already weighted. */
  readonly penalty: Variable;
}

/** A model on a device, ready to be trained. */
export interface GradientModel {
  /** Scores of a batch; `parameters` are the tape's variables by name. */
  score(
    tape: Tape,
    parameters: Readonly<Record<string, Variable>>,
    batch: TripleBatch,
  ): BatchScores;
  /** Called when a step is over, to leave nothing of the batch behind. */
  endStep(): void;
  /** The recommender that the current values make. */
  finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender>;
}

/** What a gradient model is built from. */
export interface GradientContext {
  readonly device: Device;
  readonly graph: BipartiteGraph;
  /** Rows of the largest batch. */
  readonly batchSize: number;
}

export interface GradientDefinition extends ModelCard {
  readonly kind: "gradient";
  parameters(
    hyperparameters: Hyperparameters,
    graph: BipartiteGraph,
  ): Readonly<Record<string, Parameter>>;
  build(hyperparameters: Hyperparameters, context: GradientContext): GradientModel;
}

export type ModelDefinition = ClosedFormDefinition | GradientDefinition;

/** How a gradient model is trained: the part of the schema that all of them share. */
export const trainingSchema = z.object({
  epochs: z.int().min(1).max(1_000_000).default(400).describe("Most passes over the interactions"),
  batchSize: z.int().min(1).max(1_048_576).default(2048).describe("Triples in a batch"),
  learningRate: z.number().positive().max(10).default(0.001).describe("Step size of the optimiser"),
  l2: z
    .number()
    .min(0)
    .max(10)
    .default(1e-4)
    .describe("λ of λ·½(‖e_u‖²+‖e_i‖²+‖e_j‖²)/B over the batch's own rows"),
  optimiser: z.enum(["adam", "sgd", "adagrad"]).default("adam").describe("Update rule"),
  positives: z
    .enum(["interaction", "user"])
    .default("interaction")
    .describe("Visit every interaction once an epoch, or draw a user, then one of their items"),
  negatives: z
    .enum(["uniform", "popularity"])
    .default("uniform")
    .describe("How items that the user has not seen are drawn"),
  popularityExponent: z
    .number()
    .min(0)
    .max(2)
    .default(0.75)
    .describe("Popularity negatives are drawn in proportion to popularity to this power"),
  evaluateEvery: z.int().min(1).default(5).describe("Epochs between validations"),
  patience: z
    .int()
    .min(0)
    .default(10)
    .describe("Validations without improvement before training stops; 0 = never"),
  stopMetric: z
    .string()
    .regex(/^(recall|precision|ndcg|hr|mrr|map)@[1-9]\d*$/)
    .default("ndcg@20")
    .describe("Validation metric that picks the epoch"),
  refit: z
    .boolean()
    .default(false)
    .describe(
      "Once validation has picked the epoch, train again for as many epochs on training and validation together",
    ),
});

export type TrainingHyperparameters = z.infer<typeof trainingSchema>;
