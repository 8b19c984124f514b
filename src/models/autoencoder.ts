/**
 * What the autoencoders share: a first layer over sparse rows, an output layer over
 * all items, and what is asked of the output.
 *
 *   multinomial  ln p(x|f) = Σ_i x_i·ln softmax(f)_i        (Liang et al., WWW 2018, equation 2)
 *   gaussian     ln p(x|f) = −½·Σ_i c_i·(x_i − f_i)²        (equation 3)
 *   logistic     ln p(x|f) = Σ_i x_i·ln σ(f_i) + (1 − x_i)·ln(1 − σ(f_i))   (equation 4)
 *
 * x are the zeros and ones of one user, c_i a confidence above 1 at the ones. The
 * encoder and the decoder of Mult-VAE and Mult-DAE may have one hidden layer each,
 * with tanh after every layer but the last; weights start as Glorot's, biases as
 * N(0, 0.001).
 *
 * @module
 */

import { z } from "zod";
import type { Device } from "../engine/device.ts";
import type { SparseRows } from "../engine/kernels.ts";
import type { Likelihood } from "../engine/likelihood-kernels.ts";
import {
  addBias,
  affine,
  logLikelihoodRows,
  mean,
  multiplySparse,
  type SparseBatch,
  scale,
  squaredNorm,
  takeRows,
  tanh,
} from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Parameter, Parameters, UserBatch } from "./gradient.ts";
import { mattersWith, searchChoices, searchRange } from "./search-range.ts";
import { trainingSchema, withDefault } from "./training-schema.ts";

const training = trainingSchema.shape;

/** Hyperparameters of Mult-VAE and Mult-DAE. */
export const autoencoderSchema = trainingSchema.extend({
  epochs: withDefault(training.epochs, 200),
  batchSize: z.int().min(1).max(1_048_576).default(500).describe("Users in a batch"),
  stopMetric: withDefault(training.stopMetric, "ndcg@100"),
  l2: z
    .number()
    .min(0)
    .max(10)
    .meta(searchRange(1e-7, 0.1, { log: true }))
    .default(0)
    .describe("λ of λ·Σ‖W‖² over the weight matrices, beside a user's mean loss"),
  latent: z
    .int()
    .min(1)
    .max(4096)
    .meta(searchChoices([50, 100, 200, 400]))
    .default(200)
    .describe("K: numbers in the code of a user"),
  hidden: z
    .int()
    .min(0)
    .max(8192)
    .meta(searchChoices([0, 300, 600]))
    .default(600)
    .describe("Numbers in the layers before and after the code; 0 = no such layers"),
  dropout: z
    .number()
    .min(0)
    .max(0.99)
    .meta(searchRange(0, 0.8))
    .default(0.5)
    .describe("Share of a user's items that a step does not show to the encoder"),
  likelihood: z
    .enum(["multinomial", "gaussian", "logistic"])
    .default("multinomial")
    .describe("What the output says of a user's items, equations 2 to 4 of the paper"),
  confidence: z
    .number()
    .min(1)
    .max(10_000)
    .meta(mattersWith({ likelihood: ["gaussian"] }))
    .default(10)
    .describe("c of a user's items in the gaussian likelihood; all other items have 1"),
});

/** The numbers of layers that differ between models. */
export interface LayerWidths {
  readonly hidden: number;
  /** What the encoder ends in. */
  readonly code: number;
  /** What the decoder begins with. */
  readonly latent: number;
}

/** Glorot's uniform start of a layer (2010), and a small normal one of its bias. */
export function layerParameters(
  name: string,
  inputs: number,
  outputs: number,
  shape: readonly [number, number] = [inputs, outputs],
): Record<string, Parameter> {
  const bound = Math.sqrt(6 / (inputs + outputs));
  return {
    [`${name}.weights`]: { shape, initial: { kind: "uniform", bound } },
    [`${name}.bias`]: { shape: [outputs], initial: { kind: "normal", deviation: 0.001 } },
  };
}

/** All layers of an encoder and a decoder. The output layer lies by items, like the input's. */
export function autoencoderParameters(
  itemCount: number,
  { hidden, code, latent }: LayerWidths,
): Record<string, Parameter> {
  const last = hidden || latent;
  return {
    ...(hidden > 0 && layerParameters("encoder", itemCount, hidden)),
    ...layerParameters("code", hidden || itemCount, code),
    ...(hidden > 0 && layerParameters("decoder", latent, hidden)),
    ...layerParameters("output", last, itemCount, [itemCount, last]),
  };
}

/** The code of a batch of rows, before any function of it. */
export function encode(parameters: Parameters, input: SparseBatch, hidden: number): Variable {
  if (hidden === 0) return sparseLayer(parameters, "code", input);
  return layer(parameters, "code", tanh(sparseLayer(parameters, "encoder", input)));
}

/** The last layer below the output. */
export function decode(parameters: Parameters, latent: Variable, hidden: number): Variable {
  return hidden === 0 ? latent : tanh(layer(parameters, "decoder", latent));
}

function layer(parameters: Parameters, name: string, x: Variable): Variable {
  return affine(x, parameters[`${name}.weights`]!, parameters[`${name}.bias`]!);
}

/** X·W + b for sparse rows X. */
export function sparseLayer(parameters: Parameters, name: string, input: SparseBatch): Variable {
  const product = multiplySparse(input, parameters[`${name}.weights`]!);
  return addBias(product, parameters[`${name}.bias`]!);
}

/** What a step shows of the batch's rows. */
export interface Corruption {
  readonly dropout: number;
  /** Rows of length 1 before anything is left out. */
  readonly normalise: boolean;
  readonly key0: number;
  readonly key1: number;
}

/** The rows of a batch as the encoder sees them. */
export function corrupted(
  device: Device,
  { rows, users, draw }: UserBatch,
  { dropout, ...rest }: Corruption,
): SparseBatch {
  return takeRows(device, rows, longestRow(rows), users, { rate: dropout, draw, ...rest });
}

/** Whole rows, for scores. */
export function wholeRows(device: Device, rows: SparseRows, normalise: boolean): SparseBatch {
  const options = { rate: 0, normalise, ...{ key0: 0, key1: 0, draw: 0 } };
  return takeRows(device, rows, longestRow(rows), null, options);
}

/** Entries of the longest row. */
export function longestRow({ scratch }: SparseRows): number {
  return scratch.shape[1]!;
}

/** Mean over the batch of −ln p(x_u | output(hidden_u)). */
export function reconstructionLoss(
  parameters: Parameters,
  hidden: Variable,
  { rows, users: index }: { readonly rows: SparseRows; readonly users: Tensor },
  { likelihood, confidence }: { readonly likelihood: Likelihood; readonly confidence: number },
): Variable {
  const { "output.weights": weights, "output.bias": bias } = parameters;
  const scores = affine(hidden, weights!, bias!, { transpose: true });
  const likelihoods = logLikelihoodRows(scores, { likelihood, confidence, rows, index });
  return scale(mean(likelihoods), -1);
}

/** λ·Σ‖W‖² over the parameters that are chosen by name; no terms for λ = 0. */
export function penalties(
  parameters: Parameters,
  l2: number,
  counts: (name: string) => boolean = (name) => name.endsWith(".weights"),
): Variable[] {
  if (l2 === 0) return [];
  return Object.entries(parameters).flatMap(([name, parameter]) =>
    counts(name) ? [scale(squaredNorm(parameter), l2)] : [],
  );
}
