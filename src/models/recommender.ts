/**
 * The contracts that every model meets. A gradient model declares parameters
 * and a loss over a batch; a closed-form model fits itself. Both end as a
 * `Recommender`.
 *
 * @module
 */

import type { z } from "zod";
import type { ProgressReporter } from "../base/progress.ts";
import type { Dataset, Interactions, Rows } from "../data/interactions.ts";
import type { Device } from "../engine/device.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Normalisation } from "../graph/normalisation.ts";

/** A named array of a saved model; row-major. */
export interface SavedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Everything a model needs to come back from disk. */
export type SavedTensors = Readonly<Record<string, SavedTensor>>;

/**
 * What people who were not in training liked: a row of dense item indices each. The numbers are what
 * they rated, one per item, which ALS on ratings heeds.
 */
export interface Histories extends Rows {
  readonly values?: Float32Array;
}

/** Final embeddings whose inner product is the score; row-major, `width` floats a row. */
export interface Embeddings {
  readonly width: number;
  /** users × width */
  readonly users: Float32Array;
  /** items × width */
  readonly items: Float32Array;
}

/** Whom to score or rank for: known users, or people folded in from their histories. */
export type Audience = { readonly users: Int32Array } | { readonly histories: Histories };

/** A model laid out on a device, scoring blocks of people where they are ranked. */
export interface BlockScorer {
  /** Most people a block; null = as many as fit. */
  readonly blockSize: number | null;
  /**
   * Overwrites out with the scores of all items.
   * @param out as many rows as the audience has people × itemCount
   */
  score(out: Tensor, audience: Audience): void | Promise<void>;
}

/**
 * What the parts of an explained score are. For people who are folded in they always sum to the
 * score; for trained users
 * - "messages": what the items told the user in the graph; the rest is what the user's own
 *   embedding added, exactly (LightGCN and its relatives)
 * - "item-weights": the summands of the score, which but for a bias are all of it (EASE, SLIM,
 *   item neighbours, graph filters, PureSVD)
 * - "least-squares": as if the user were folded in by least squares on the history; the rest is
 *   what training placed elsewhere (BPR, MF, ALS and their like)
 * - "neighbours": each similar user's vote, shared by the items that made them similar; the rest
 *   is what the neighbours of training say otherwise
 */
export type ExplanationBasis = "messages" | "item-weights" | "least-squares" | "neighbours";

/** A fitted model: scores for known users, scores from a bare history. Dense indices throughout. */
export interface Recommender {
  readonly userCount: number;
  readonly itemCount: number;
  /** Where the score is an inner product: the vectors, for fast ranking, retrieval and `similar`. */
  readonly embeddings: Embeddings | null;
  /**
   * Scores of all items for a block of training users.
   * @param users dense user indices, length n
   * @returns n × itemCount, row-major
   */
  scoreUsers(users: Int32Array): Promise<Float32Array>;
  /**
   * Scores of all items for people who were not in training, from what they liked.
   * @param histories n rows of dense item indices
   * @returns n × itemCount, row-major
   */
  scoreHistories(histories: Histories): Promise<Float32Array>;
  /**
   * Vectors of people folded in from their histories, n × width; null where the model has no embeddings.
   * The inner products with `embeddings.items` equal `scoreHistories`.
   * @param device where to work it out, which the caller has alone; default: the process's shared device, in turn
   */
  foldIn(histories: Histories, device?: Device): Promise<Float32Array> | null;
  /** What the parts of `explain` are; null where the model cannot tell. */
  readonly explanationBasis: ExplanationBasis | null;
  /**
   * How much each item of a history carried the score of `item`: one number per history item.
   * Null where `explanationBasis` is.
   */
  explain(history: Int32Array, item: number): Promise<Float32Array> | Float32Array | null;
  /**
   * Lays the model out on a device, in memory that the caller marks and releases. Only models
   * whose scores are heavy work and no inner products have it; the scores equal those of
   * `scoreUsers` and `scoreHistories` up to rounding.
   */
  readonly blockScorer?: (device: Device) => Promise<BlockScorer>;
  /** Named arrays that `load` of its definition turns back into this recommender. */
  save(): SavedTensors;
}

/** What a model may see while it is fitted. */
export interface FitContext {
  /** Dataset for vocabulary sizes and side features; its interactions are not for fitting. */
  readonly dataset: Dataset;
  /** The training interactions, and nothing held out. */
  readonly train: Interactions;
  readonly device: Device;
  readonly seed: number;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

/** What a model may see when it comes back from disk. */
export interface LoadContext {
  readonly userCount: number;
  readonly itemCount: number;
  /** Training items of each user. */
  readonly seen: Rows;
}

/** Any model's hyperparameters after its schema has filled in the defaults. */
export type Hyperparameters = Readonly<Record<string, unknown>>;

/** Linear propagation, E = Σ_k α_k·Ãᵏ·E^(0). */
export interface LayerMixture {
  /** α_0 … α_K; null where they were learned, which a bundle does not keep. */
  readonly alpha: readonly number[] | null;
  /** K */
  readonly layers: number;
  readonly normalisation: Normalisation;
  readonly selfConnections: boolean;
}

export interface ModelCard {
  /** Name on the command line: "lightgcn". */
  readonly name: string;
  /** Name in the literature: "LightGCN". */
  readonly title: string;
  /** Authors, title, venue and year; null for baselines without a paper. */
  readonly paper: string | null;
  /** One sentence. */
  readonly summary: string;
  /** The one schema: defaults, bounds and a `.describe()` line for every field. */
  readonly hyperparameters: z.ZodObject;
  load(tensors: SavedTensors, hyperparameters: Hyperparameters, context: LoadContext): Recommender;
  /** How layers make up the final embeddings; only models that are linear in E^(0) have it. */
  mixture?(hyperparameters: Hyperparameters): LayerMixture;
}

/** A model that fits itself (popularity, ALS, EASE, graph filters, …). */
export interface ClosedFormDefinition extends ModelCard {
  readonly kind: "closed-form";
  fit(hyperparameters: Hyperparameters, context: FitContext): Promise<Recommender>;
}
