/**
 * NeuMF — He, Liao, Zhang, Nie, Hu & Chua, "Neural Collaborative Filtering", WWW 2017.
 *
 *   φ_GMF = p_u^G ⊙ q_i^G,  φ_MLP = z_L over [p_u^M; q_i^M]       (equation 12, `tower.ts`)
 *   ŷ_ui = σ(hᵀ·[φ_GMF; φ_MLP] + b)
 *
 * The two have embeddings of their own, both end in w predictive factors. With `pretrain`,
 * GMF and MLP are trained first and NeuMF starts from them, with
 * h ← [α·h_GMF; (1−α)·h_MLP] (equation 13) and b likewise. The two are trained with Adam;
 * the paper then goes on with plain gradient descent, because Adam would start without its
 * moments: `optimiser=sgd`, with a rate of its own.
 *
 * Batches, losses and strangers as in `mlp.ts`.
 *
 * @module
 */

import { z } from "zod";
import type { Device } from "../engine/device.ts";
import { gatherRows, groupDot, matmul, reshape, scaleColumns } from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { gmf } from "./gmf.ts";
import type { PairBatch, PairDefinition, Parameters, TrainedValues } from "./gradient.ts";
import { mlp } from "./mlp.ts";
import type { AddScores, NetworkPart, PartOnTape } from "./network-part.ts";
import { outputStart } from "./output-layer.ts";
import {
  networkParameters,
  networkRecommender,
  PairNetwork,
  pairNetworkSchema,
} from "./pair-network.ts";
import type { SavedTensors } from "./recommender.ts";
import { mattersWith, searchRange } from "./search-range.ts";
import { tower, towerSchema } from "./tower.ts";
import { batchItemRows } from "./vector-scores.ts";

const schema = pairNetworkSchema.extend({
  ...towerSchema.shape,
  pretrain: z.boolean().default(false).describe("Train GMF and MLP first, and start from them"),
  pretrainEpochs: z
    .int()
    .min(1)
    .max(1_000_000)
    .meta(mattersWith({ pretrain: [true] }))
    .default(20)
    .describe("Most epochs of GMF, and of MLP, with pretrain"),
  pretrainLearningRate: z
    .number()
    .positive()
    .max(10)
    .meta(mattersWith({ pretrain: [true] }))
    .default(0.001)
    .describe("Step size of Adam while GMF and MLP are trained first"),
  tradeOff: z
    .number()
    .min(0)
    .max(1)
    .meta({ ...searchRange(0.1, 0.9), ...mattersWith({ pretrain: [true] }) })
    .default(0.5)
    .describe("α: weight of GMF beside MLP where NeuMF starts from both"),
});

type NeuMfHyperparameters = z.infer<typeof schema>;

export const neumf: PairDefinition = {
  kind: "gradient",
  batches: "pairs",
  name: "neumf",
  title: "NeuMF",
  paper: "He, Liao, Zhang, Nie, Hu & Chua. Neural Collaborative Filtering. WWW 2017",
  summary: "GMF and MLP side by side under one output layer, each with vectors of its own.",
  hyperparameters: schema,
  parameters(hyperparameters, { graph }) {
    return networkParameters(partsOf(schema.parse(hyperparameters)), graph);
  },
  warmStart(hyperparameters) {
    const settings = schema.parse(hyperparameters);
    if (!settings.pretrain) return null;
    const shared = {
      ...settings,
      epochs: settings.pretrainEpochs,
      optimiser: "adam",
      learningRate: settings.pretrainLearningRate,
      decayEpochs: 0,
      // NeuMF scores by an inner product whatever the loss, so what it starts from is trained for one.
      similarity: "dot",
    };
    return {
      models: {
        gmf: { definition: gmf, hyperparameters: gmf.hyperparameters.parse(shared) },
        mlp: { definition: mlp, hyperparameters: mlp.hyperparameters.parse(shared) },
      },
      fuse: (trained) => fuse(trained.gmf!, trained.mlp!, settings.tradeOff),
    };
  },
  build(hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return new PairNetwork(partsOf(settings), settings, context);
  },
  load(tensors, hyperparameters, context) {
    const settings = schema.parse(hyperparameters);
    return networkRecommender(partsOf(settings), tensors, settings, context);
  },
};

function partsOf(hyperparameters: NeuMfHyperparameters): readonly NetworkPart[] {
  return [product(hyperparameters), tower(hyperparameters)];
}

/** h_GMFᵀ·φ_GMF, with parameters of the same names as GMF's own. */
function product({ width, deviation, loss }: NeuMfHyperparameters): NetworkPart {
  const initial = { kind: "normal", deviation } as const;
  return {
    userTable: "product.user",
    parameters: (userCount, itemCount) => ({
      "product.user": { shape: [userCount, width], initial, rows: "batch-users" },
      "product.item": { shape: [itemCount, width], initial, ...batchItemRows({ loss }) },
      "product.h": { shape: [width], initial: outputStart(width) },
    }),
    onTape: (parameters, batch) => new ProductOnTape(parameters, batch),
    place: placeProduct,
  };
}

class ProductOnTape implements PartOnTape {
  readonly rows: Variable[];
  readonly #items: Variable;
  /** q of items that have been scored. */
  readonly #q = new Map<Tensor, Variable>();
  /** h ⊙ p of the batch's users */
  readonly #weighted: Variable;

  constructor(parameters: Parameters, { users }: PairBatch) {
    const p = gatherRows(parameters["product.user"]!, users);
    this.rows = [p];
    this.#items = parameters["product.item"]!;
    this.#weighted = scaleColumns(p, parameters["product.h"]!);
  }

  scores(items: Tensor): Variable {
    const q = gatherRows(this.#items, items);
    this.#q.set(items, q);
    this.rows.push(q);
    return reshape(groupDot(this.#weighted, q), [items.size]);
  }

  allPairs(items: Tensor | null): Variable {
    const q = items ? this.#q.get(items)! : this.#items;
    return matmul(this.#weighted, q, { transposeB: true });
  }
}

function placeProduct(device: Device, tensors: SavedTensors): AddScores {
  const { kernels } = device;
  const place = (name: string) => device.upload(tensors[name]!.shape, tensors[name]!.data);
  const items = place("product.item");
  const h = place("product.h");
  const weighted = device.allocate(h.shape);
  return (user, out) => {
    kernels.binary("multiply", weighted, { ...user, shape: h.shape }, h);
    const column = { ...weighted, shape: [h.size, 1] };
    kernels.matmul(out, items, column, false, false, 1, 1);
  };
}

/** Equation 13. */
function fuse(ofGmf: TrainedValues, ofMlp: TrainedValues, alpha: number): TrainedValues {
  const times = (values: Float32Array, factor: number) => values.map((value) => factor * value);
  const bias = alpha * ofGmf.bias![0]! + (1 - alpha) * ofMlp.bias![0]!;
  return {
    ...ofGmf,
    ...ofMlp,
    "product.h": times(ofGmf["product.h"]!, alpha),
    "tower.h": times(ofMlp["tower.h"]!, 1 - alpha),
    bias: Float32Array.of(bias),
  };
}
