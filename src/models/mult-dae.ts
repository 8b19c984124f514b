/**
 * Mult-DAE — Liang, Krishnan, Hoffman & Jebara, "Variational Autoencoders for
 * Collaborative Filtering", WWW 2018, section 2.2.3.
 *
 *   max  ln p_θ(x_u | g_φ(x̃_u))                                              (equation 9)
 *
 * A denoising autoencoder: x̃_u is x_u as a vector of length 1 with half of it
 * dropped, the code z = tanh(g_φ(x̃_u)) is a point and no distribution, and weight decay
 * is all that holds it back. By default I–200–I, as in the paper's experiments.
 *
 * Different from the paper: λ counts beside a user's mean loss, so that it does not
 * depend on the batch; the default is the authors' 0.01 over their batch of 500.
 *
 * @module
 */

import type { z } from "zod";
import { purposeKey } from "../base/random.ts";
import { tanh } from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
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
import { withDefault } from "./training-schema.ts";

const fields = autoencoderSchema.shape;

const schema = autoencoderSchema.extend({
  hidden: withDefault(fields.hidden, 0),
  l2: withDefault(fields.l2, 2e-5),
});

type MultDaeHyperparameters = z.infer<typeof schema>;

export const multDae: UserDefinition = {
  kind: "gradient",
  batches: "users",
  name: "mult-dae",
  title: "Mult-DAE",
  paper:
    "Liang, Krishnan, Hoffman & Jebara. Variational Autoencoders for Collaborative Filtering. WWW 2018",
  summary: "A denoising autoencoder whose output is a multinomial distribution over all items.",
  hyperparameters: schema,
  parameters(hyperparameters, { graph }) {
    return autoencoderParameters(graph.itemCount, widthsOf(schema.parse(hyperparameters)));
  },
  build(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return {
      loss: (_tape, parameters, batch) => loss(parameters, batch, settings, context),
      finish: (parameters) => finishAutoencoder(parameters, context, network(settings)),
    };
  },
  load(tensors, hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    const declared = autoencoderParameters(context.itemCount, widthsOf(settings));
    return loadAutoencoder(tensors, declared, context, network(settings));
  },
};

function widthsOf({ hidden, latent }: MultDaeHyperparameters) {
  return { hidden, latent, code: latent };
}

function loss(
  parameters: Parameters,
  batch: UserBatch,
  settings: MultDaeHyperparameters,
  { device, seed }: GradientContext,
): readonly Variable[] {
  const { dropout, l2 } = settings;
  const keys = { key0: seed >>> 0, key1: purposeKey("autoencoder input") };
  const input = corrupted(device, batch, { dropout, normalise: true, ...keys });
  const last = network(settings).lastLayer(parameters, input, batch.users);
  return [reconstructionLoss(parameters, last, batch, settings), ...penalties(parameters, l2)];
}

function network({ hidden }: MultDaeHyperparameters): Autoencoder {
  return {
    normalise: true,
    lastLayer: (parameters, input) =>
      decode(parameters, tanh(encode(parameters, input, hidden)), hidden),
  };
}
