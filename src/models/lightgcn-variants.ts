/**
 * The relatives of LightGCN that its paper sets beside it (section 3.2), as models
 * of their own name: `lightgcn.ts` with the variant fixed. With A the adjacency and Ã its symmetric normalisation,
 *
 *   SGCN    E^(k+1) = (D + I)^−½ (A + I) (D + I)^−½ E^(k),  E = E^(K)         (equation 9)
 *   APPNP   E^(k+1) = β·E^(0) + (1 − β)·Ã·E^(k),  E = E^(K)                    (equation 11)
 *
 * so that APPNP is Σ_k α_k Ãᵏ E^(0) with α_k = β(1 − β)ᵏ below K and α_K = (1 − β)ᴷ (equation 12).
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
