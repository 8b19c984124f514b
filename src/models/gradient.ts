/**
 * The contract of models that are fitted by gradients: parameters, and a loss
 * over a batch. What is asked of the scores of pairs (BPR, softmax, …) is a
 * criterion that the trainer hands in: it takes scores, not embeddings, so that
 * it is the same for every model, and so that a reduction can stand between.
 *
 * @module
 */

import type { ItemFeatures, UserFeatures } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import type { SparseRows } from "../engine/kernels.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { BipartiteGraph } from "../graph/bipartite.ts";
import type { WorkContext } from "../graph/weighted-rows.ts";
import type {
  ClosedFormDefinition,
  Hyperparameters,
  ModelCard,
  Recommender,
  SavedTensors,
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
  /**
   * Where a step on pairs reads only the rows of the batch's users, or of its items: then no others
   * have a gradient, which is neither zeroed nor read there, and rules without moments leave them alone.
   */
  readonly rows?: "batch-users" | "batch-items";
  /**
   * The row at each place of the table on the device, where another order than the parameter's own
   * is faster; values go in and out in its own order. Default: its own.
   */
  readonly order?: Int32Array | null;
}

/** B users, each with an item they like and n items beside it; dense indices. */
export interface PairBatch {
  /** [B] */
  readonly users: Tensor;
  /** [B] */
  readonly positives: Tensor;
  /** [B, n]: not seen by the user; null where none are drawn */
  readonly negatives: Tensor | null;
  /** [B]: rating of each pair; null where every interaction counts 1 */
  readonly values: Tensor | null;
  /** Differs from batch to batch of a run, for dropout and noise. */
  readonly draw: number;
}

/** B users with all they like, for models that read whole rows. */
export interface UserBatch {
  /** [B] */
  readonly users: Tensor;
  /** Everybody's items; row u belongs to user u. */
  readonly rows: SparseRows;
  /** Updates before this one: differs from batch to batch of a run, for dropout, noise and annealing. */
  readonly draw: number;
}

/** Scores of a batch of pairs. */
export interface PairScores {
  /** [B] */
  readonly positives: Variable;
  /** [B, m]: scores of the items beside each positive; null where there are none */
  readonly others: Variable | null;
  /** [B]: what the positives' scores should be, where that is known; null = 1 */
  readonly values: Tensor | null;
}

/** From the scores of a batch to a scalar; made of the hyperparameters by `training/losses.ts`. */
export type Criterion = (scores: PairScores) => Variable;

/** Variables of a tape by the names of the model's parameters. */
export type Parameters = Readonly<Record<string, Variable>>;

/** A model on a device, ready to be trained. */
interface TrainableModel {
  /** Called when a step is over, to leave nothing of the batch behind. */
  endStep?(): void;
  /** The recommender that the current values make. */
  finish(parameters: Readonly<Record<string, Tensor>>): Promise<Recommender>;
}

export interface PairModel extends TrainableModel {
  /** Scalars whose sum is minimised. */
  loss(
    tape: Tape,
    parameters: Parameters,
    batch: PairBatch,
    criterion: Criterion,
  ): readonly Variable[];
}

export interface UserModel extends TrainableModel {
  /** Scalars whose sum is minimised. */
  loss(tape: Tape, parameters: Parameters, batch: UserBatch): readonly Variable[];
}

/** What a gradient model learns from. */
export interface TrainingData {
  readonly graph: BipartiteGraph;
  readonly itemFeatures: ItemFeatures;
  readonly userFeatures: UserFeatures;
}

/** What a gradient model is built from. */
export interface GradientContext extends TrainingData {
  readonly device: Device;
  /** Users in the largest batch. */
  readonly batchSize: number;
  /** Of the run; a model splits it by purpose for its own random numbers. */
  readonly seed: number;
  /** What the definition's `prepare` made of the data; needed where it has one. */
  readonly prepared?: SavedTensors;
}

/** Values of parameters by name, row-major. */
export type TrainedValues = Readonly<Record<string, Float32Array>>;

/** Models that are trained first, and what becomes of them. */
export interface WarmStart {
  /** By names that their checkpoints and progress go by. */
  readonly models: Readonly<
    Record<
      string,
      { readonly definition: GradientDefinition; readonly hyperparameters: Hyperparameters }
    >
  >;
  /** Starting values for parameters of the model itself, from those of the trained models by name. */
  fuse(trained: Readonly<Record<string, TrainedValues>>): TrainedValues;
}

interface GradientCard extends ModelCard {
  readonly kind: "gradient";
  /** Where the hyperparameters ask for it: other models to start from instead of random values. */
  warmStart?(hyperparameters: Hyperparameters): WarmStart | null;
  /**
   * Arrays, by names of the model's own, that `build` needs and that take long to work out of the data:
   * made once, for the memory estimate of a run as for the run. Throws StoppedError on abort.
   */
  prepare?(
    hyperparameters: Hyperparameters,
    data: TrainingData,
    work: WorkContext,
  ): Promise<SavedTensors>;
  parameters(
    hyperparameters: Hyperparameters,
    data: TrainingData,
  ): Readonly<Record<string, Parameter>>;
}

/** Trained on pairs; its schema holds `trainingSchema`, `samplingSchema` and, where it uses the criterion, `lossSchema`. */
export interface PairDefinition extends GradientCard {
  readonly batches: "pairs";
  /** Whether its loss reads drawn items even where the criterion compares with the batch's, or with all. */
  readonly alwaysDraws?: boolean;
  build(hyperparameters: Hyperparameters, context: GradientContext): PairModel;
}

/** Trained on users' rows; its schema holds `trainingSchema`. */
export interface UserDefinition extends GradientCard {
  readonly batches: "users";
  build(hyperparameters: Hyperparameters, context: GradientContext): UserModel;
}

export type GradientDefinition = PairDefinition | UserDefinition;

export type ModelDefinition = ClosedFormDefinition | GradientDefinition;
