/** Settings of the tests that run over all models. */

import type { Hyperparameters } from "../../src/models/recommender.ts";

const graphSettings = { epochs: 60, batchSize: 64, learningRate: 0.02, width: 16, layers: 2 };

/** Settings with which a model learns these small worlds in a moment, by its name. */
export const quickSettings: Readonly<Record<string, Hyperparameters>> = {
  lightgcn: graphSettings,
  sgcn: graphSettings,
  appnp: graphSettings,
  // To the graph, all users of a colour are nearly one node: a strong contrast would tear them apart.
  simgcl: { ...graphSettings, contrastWeight: 0.001 },
  xsimgcl: { ...graphSettings, contrastWeight: 0.001, noise: 0.01 },
  ultragcn: {
    ...{ epochs: 150, batchSize: 64, learningRate: 0.02, width: 16, deviation: 0.1 },
    ...{ negativeCount: 8, negativeWeight: 8 },
  },
  ngcf: { ...graphSettings, epochs: 40, l2: 1e-5 },
  gcn: { ...graphSettings, epochs: 40, hidden: 16, negativeCount: 2 },
  gat: { ...graphSettings, epochs: 40, hidden: 16, negativeCount: 2 },
  grmf: { epochs: 150, batchSize: 64, learningRate: 0.02, width: 16, l2: 1e-4 },
  mf: {
    ...{ epochs: 80, batchSize: 64, learningRate: 0.02, width: 3, l2: 1e-3 },
    ...{ targets: "ones", negativeCount: 2 },
  },
  gmf: { epochs: 60, batchSize: 64, learningRate: 0.02, width: 4, deviation: 0.1 },
  mlp: {
    ...{ epochs: 40, batchSize: 64, learningRate: 0.02, width: 4, layers: 2, deviation: 0.1 },
    ...{ negativeCount: 2, temperature: 1 },
  },
  neumf: {
    ...{ epochs: 30, batchSize: 64, learningRate: 0.02, width: 3, layers: 2, deviation: 0.1 },
    ...{ pretrain: true, pretrainEpochs: 10, pretrainLearningRate: 0.02, temperature: 1 },
  },
  ease: { regularisation: 2 },
  slim: { alpha: 0.002 },
  "item-knn": { neighbours: 20 },
  "user-knn": { neighbours: 20 },
  // A heavy penalty leaves nothing of embeddings that a margin has ceased to pull at (NGCF, GRMF, BPR-MF).
  bpr: { epochs: 80, batchSize: 64, learningRate: 0.02, width: 4, l2: 1e-4 },
  "mult-vae": {
    ...{ epochs: 40, batchSize: 16, learningRate: 0.01, hidden: 16, latent: 8, dropout: 0.3 },
    ...{ annealUpdates: 1000 },
  },
  "mult-dae": { epochs: 40, batchSize: 16, learningRate: 0.01, latent: 16, dropout: 0.3 },
  cdae: { epochs: 40, batchSize: 16, learningRate: 0.02, width: 16 },
  // A checkerboard has two directions that matter: the colours.
  als: { width: 2 },
  svd: { width: 2 },
  "gf-cf": { width: 2 },
  bspm: { width: 2 },
  chebycf: { width: 2 },
};
