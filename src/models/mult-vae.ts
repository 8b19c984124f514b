/**
 * Mult-VAE — Liang, Krishnan, Hoffman & Jebara, "Variational Autoencoders for
 * Collaborative Filtering", WWW 2018.
 *
 *   z_u ~ N(0, I),  π_u = softmax(f_θ(z_u)),  x_u ~ Mult(N_u, π_u)           (equation 1)
 *   q_φ(z_u|x_u) = N(μ_φ(x_u), diag σ²_φ(x_u))                               (equation 5)
 *   max  E_q[ln p_θ(x_u|z_u)] − β·KL(q_φ(z_u|x_u) ‖ N(0, I))                 (equation 8)
 *
 * The encoder sees x_u as a vector of length 1, half of it dropped; one sample
 * z = μ + σ ⊙ ε stands for the expectation. β grows with the updates t, as in the
 * authors' code: β = min(cap, t / annealUpdates). Scores are f_θ(μ_φ(x)), for
 * training users and strangers alike.
 *
 * Different from the paper: nothing, but for the stop by validation that every model
 * here has. ln σ² is what the encoder puts out.
 *
 * @module
 */

import { z } from "zod";
import { purposeKey } from "../base/random.ts";
import type { Device } from "../engine/device.ts";
import {
  add,
  addConstant,
  exp,
  multiply,
  scale,
  sliceColumns,
  squaredNorm,
  subtract,
  sum,
} from "../engine/operators/index.ts";
import type { Tape, Variable } from "../engine/tape.ts";
import {
  autoencoderParameters,
  autoencoderSchema,
  corrupted,
  decode,
  encode,
  penalties,
  reconstructionLoss,
} from "./autoencoder.ts";
import { type Autoencoder, finishAutoencoder, loadAutoencoder } from "./autoencoder-recommender.ts";
import type { GradientContext, Parameters, UserBatch, UserDefinition } from "./gradient.ts";
import { searchRange } from "./search-range.ts";

const schema = autoencoderSchema.extend({
  annealUpdates: z
    .int()
    .min(0)
    .max(100_000_000)
    .default(200_000)
    .describe("Updates over which β would grow from 0 to 1; it stops at the cap"),
  annealCap: z.number().min(0).max(10).meta(searchRange(0, 1)).default(0.2).describe("Largest β"),
});

type MultVaeHyperparameters = z.infer<typeof schema>;

export const multVae: UserDefinition = {
  kind: "gradient",
  batches: "users",
  name: "mult-vae",
  title: "Mult-VAE",
  paper:
    "Liang, Krishnan, Hoffman & Jebara. Variational Autoencoders for Collaborative Filtering. WWW 2018",
  summary: "A variational autoencoder whose output is a multinomial distribution over all items.",
  hyperparameters: schema,
  parameters(hyperparameters, { graph }) {
    return autoencoderParameters(graph.itemCount, widthsOf(schema.parse(hyperparameters)));
  },
  build(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return {
      loss: (tape, parameters, batch) => loss(tape, parameters, batch, settings, context),
      finish: (parameters) => finishAutoencoder(parameters, context, network(settings)),
    };
  },
  load(tensors, hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    const declared = autoencoderParameters(context.itemCount, widthsOf(settings));
    return loadAutoencoder(tensors, declared, context, network(settings));
  },
};

function widthsOf({ hidden, latent }: MultVaeHyperparameters) {
  return { hidden, latent, code: 2 * latent };
}

/** β at the update after `updates` others. */
export function annealed(
  updates: number,
  { annealUpdates, annealCap }: Pick<MultVaeHyperparameters, "annealUpdates" | "annealCap">,
): number {
  return annealUpdates === 0 ? annealCap : Math.min(annealCap, updates / annealUpdates);
}

function loss(
  tape: Tape,
  parameters: Parameters,
  batch: UserBatch,
  settings: MultVaeHyperparameters,
  { device, seed }: GradientContext,
): readonly Variable[] {
  const { hidden, latent, dropout, l2 } = settings;
  const keys = { key0: seed >>> 0, key1: purposeKey("autoencoder input") };
  const input = corrupted(device, batch, { dropout, normalise: true, ...keys });
  const { mu, logVariance } = moments(encode(parameters, input, hidden), latent);
  const sigma = exp(scale(logVariance, 0.5));
  const z = add(mu, multiply(sigma, noise(tape, mu, batch, device, seed)));
  const beta = annealed(batch.draw, settings);
  return [
    reconstructionLoss(parameters, decode(parameters, z, hidden), batch, settings),
    scale(divergence(mu, logVariance), beta),
    ...penalties(parameters, l2),
  ];
}

/** μ and ln σ² */
function moments(code: Variable, latent: number): { mu: Variable; logVariance: Variable } {
  return {
    mu: sliceColumns(code, 0, latent),
    logVariance: sliceColumns(code, latent, 2 * latent),
  };
}

/** Mean over the batch of KL(N(μ, σ²) ‖ N(0, I)) = ½·Σ (σ² + μ² − 1 − ln σ²). */
function divergence(mu: Variable, logVariance: Variable): Variable {
  const [rows, latent] = mu.value.shape as [number, number];
  const spread = sum(subtract(exp(logVariance), logVariance));
  return addConstant(scale(add(spread, squaredNorm(mu)), 0.5 / rows), -latent / 2);
}

/** ε ~ N(0, I) */
function noise(
  tape: Tape,
  mu: Variable,
  { draw }: UserBatch,
  device: Device,
  seed: number,
): Variable {
  const epsilon = device.allocate(mu.value.shape);
  device.kernels.fillNormal(epsilon, 1, seed >>> 0, purposeKey("latent noise"), draw);
  return tape.constant(epsilon);
}

function network({ hidden, latent }: MultVaeHyperparameters): Autoencoder {
  return {
    normalise: true,
    lastLayer: (parameters, input) =>
      decode(parameters, moments(encode(parameters, input, hidden), latent).mu, hidden),
  };
}
