/**
 * The relatives of LightGCN that its paper sets beside it (section 3.2), as models
 * of their own name: `lightgcn.ts` with the variant fixed.
 *
 * @module
 */

import { z } from "zod";
import type { PairDefinition } from "./gradient.ts";
import { lightgcn, lightgcnSchema } from "./lightgcn.ts";

export const sgcn: PairDefinition = {
  ...lightgcn,
  name: "sgcn",
  title: "SGCN",
  paper:
    "Wu, Souza, Zhang, Fifty, Yu & Weinberger. Simplifying Graph Convolutional Networks. ICML 2019",
  summary: "The last layer of linear propagation over a graph with self-connections.",
  hyperparameters: lightgcnSchema.omit({ layerWeights: true, teleport: true }).extend({
    variant: z.literal("sgcn").default("sgcn").describe("Self-connections, last layer alone"),
  }),
};

export const appnp: PairDefinition = {
  ...lightgcn,
  name: "appnp",
  title: "APPNP",
  paper:
    "Klicpera, Bojchevski & Günnemann. Predict then Propagate: Graph Neural Networks meet Personalized PageRank. ICLR 2019",
  summary:
    "Propagation by personalised PageRank: every layer keeps some of a node's own embedding.",
  hyperparameters: lightgcnSchema.omit({ layerWeights: true }).extend({
    variant: z.literal("appnp").default("appnp").describe("Personalised PageRank"),
  }),
};
