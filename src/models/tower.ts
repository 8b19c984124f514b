/**
 * The tower of MLP and NeuMF (He et al., WWW 2017, equation 10): a user's and an item's
 * vector side by side, then L layers of w·2^(L−1), …, 2w, w numbers with ReLU between.
 *
 *   z_1 = relu(W_1ᵀ·[p_u; q_i] + b_1),  z_l = relu(W_lᵀ·z_(l−1) + b_l)
 *
 * The first layer is two products, W_1ᵀ·[p; q] = U_1ᵀ·p + V_1ᵀ·q, so that a user's part is
 * computed once for all their items, and an item's once for all users. Without a layer (the
 * paper's MLP-0) that is so of hᵀ·[p_u; q_i]: nothing meets, and everybody is ranked the same.
 *
 * @module
 */

import { z } from "zod";
import type { Device } from "../engine/device.ts";
import {
  addBias,
  gatherRows,
  groupAdd,
  matmul,
  relu,
  reshape,
  rowsInPieces,
} from "../engine/operators/index.ts";
import type { Variable } from "../engine/tape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { PairBatch, Parameter, Parameters } from "./gradient.ts";
import type { AddScores, NetworkPart, PartOnTape } from "./network-part.ts";
import { outputStart } from "./output-layer.ts";
import type { SavedTensors } from "./recommender.ts";
import { searchChoices, searchRange } from "./search-range.ts";
import type { LossHyperparameters } from "./training-schema.ts";
import { batchItemRows } from "./vector-scores.ts";

export const towerSchema = z.object({
  width: z
    .int()
    .min(1)
    .max(1024)
    .meta(searchChoices([8, 16, 32, 64]))
    .default(16)
    .describe("w: predictive factors, the numbers in the last layer"),
  layers: z
    .int()
    .min(0)
    .max(8)
    .meta(searchRange(1, 4))
    .default(3)
    .describe(
      "L: hidden layers, each half as wide as the one before it; 0 = user and item never meet",
    ),
  embedding: z
    .int()
    .min(0)
    .max(4096)
    .default(0)
    .describe(
      "Numbers in a user's and in an item's embedding; 0 = half the first layer, as the paper describes (its code has all of it)",
    ),
  deviation: z
    .number()
    .positive()
    .max(10)
    .default(0.01)
    .describe("Standard deviation of the starting embeddings"),
});

type TowerHyperparameters = z.infer<typeof towerSchema> & Pick<LossHyperparameters, "loss">;

/** Pairs of which all layers are held at once, where every user meets every item. */
const pairsAtOnce = 1 << 15;

type TowerShape = Pick<TowerHyperparameters, "width" | "layers" | "embedding">;

/** Numbers in each layer: w·2^(L−1), …, w. */
function layerWidths({ width, layers }: Pick<TowerShape, "width" | "layers">): number[] {
  return Array.from({ length: layers }, (_, layer) => width * 2 ** (layers - 1 - layer));
}

/** Numbers in an embedding, by default so many that user and item together are as wide as the first layer, or as h. */
function embeddingWidth(shape: TowerShape): number {
  return shape.embedding || Math.ceil((layerWidths(shape)[0] ?? shape.width) / 2);
}

/** The tower of a network. */
export function tower(hyperparameters: TowerHyperparameters): NetworkPart {
  return {
    userTable: "tower.user",
    parameters: (userCount, itemCount) => towerParameters(userCount, itemCount, hyperparameters),
    onTape: (parameters, batch) => new TowerOnTape(parameters, hyperparameters, batch),
    place: (device, tensors) => placeTower(device, tensors, hyperparameters),
  };
}

/** Everything that a tower trains, with the start of the authors' code (normal, Glorot, LeCun). */
function towerParameters(
  userCount: number,
  itemCount: number,
  hyperparameters: TowerHyperparameters,
): Record<string, Parameter> {
  const embedding = embeddingWidth(hyperparameters);
  const normal = { kind: "normal", deviation: hyperparameters.deviation } as const;
  const zero = { kind: "constant", value: 0 } as const;
  const tables: Record<string, Parameter> = {
    "tower.user": { shape: [userCount, embedding], initial: normal, rows: "batch-users" },
    "tower.item": {
      shape: [itemCount, embedding],
      initial: normal,
      ...batchItemRows(hyperparameters),
    },
  };
  const [first, ...deeper] = layerWidths(hyperparameters);
  if (first === undefined) {
    const half = { shape: [embedding, 1], initial: outputStart(2 * embedding) };
    return { ...tables, "tower.weight1.user": half, "tower.weight1.item": half };
  }
  const glorot = (inputs: number, outputs: number) =>
    ({ kind: "uniform", bound: Math.sqrt(6 / (inputs + outputs)) }) as const;
  const half = { shape: [embedding, first], initial: glorot(2 * embedding, first) };
  const parameters: Record<string, Parameter> = {
    ...tables,
    "tower.weight1.user": half,
    "tower.weight1.item": half,
    "tower.bias1": { shape: [first], initial: zero },
  };
  deeper.forEach((width, at) => {
    const initial = glorot(2 * width, width);
    parameters[`tower.weight${at + 2}`] = { shape: [2 * width, width], initial };
    parameters[`tower.bias${at + 2}`] = { shape: [width], initial: zero };
  });
  const { width } = hyperparameters;
  return { ...parameters, "tower.h": { shape: [width, 1], initial: outputStart(width) } };
}

/** hᵀ·z_L of a batch. */
class TowerOnTape implements PartOnTape {
  readonly rows: Variable[];
  readonly #parameters: Parameters;
  readonly #layers: number;
  /** U_1ᵀ·p + b_1 of the batch's users; without a layer, their part of hᵀ·[p; q] */
  readonly #ofUsers: Variable;
  /** V_1ᵀ·q of items that have been scored. */
  readonly #ofItems = new Map<Tensor, Variable>();

  constructor(parameters: Parameters, { layers }: TowerShape, { users }: PairBatch) {
    const p = gatherRows(parameters["tower.user"]!, users);
    this.rows = [p];
    this.#parameters = parameters;
    this.#layers = layers;
    const product = matmul(p, parameters["tower.weight1.user"]!);
    this.#ofUsers = layers === 0 ? product : addBias(product, parameters["tower.bias1"]!);
  }

  scores(items: Tensor): Variable {
    const q = gatherRows(this.#parameters["tower.item"]!, items);
    this.rows.push(q);
    const ofItems = matmul(q, this.#parameters["tower.weight1.item"]!);
    this.#ofItems.set(items, ofItems);
    return above(groupAdd(this.#ofUsers, ofItems), this.#deeper());
  }

  /** A pair costs a whole tower, so that this goes by pieces of `pairsAtOnce`. */
  allPairs(items: Tensor | null): Variable {
    const { "tower.item": table, "tower.weight1.item": weight } = this.#parameters;
    const ofItems = items ? this.#ofItems.get(items)! : matmul(table!, weight!);
    const [users, count] = [this.#ofUsers.value.shape[0]!, ofItems.value.shape[0]!];
    const { device } = ofItems.tape;
    const atOnce = Math.min(users, Math.max(1, Math.floor(pairsAtOnce / count)));
    const every = device.upload(
      [atOnce * count],
      Int32Array.from({ length: atOnce * count }, (_, pair) => pair % count),
    );
    const inputs = { ...this.#deeper(), ofUsers: this.#ofUsers, ofItems };
    return rowsInPieces([users, count], atOnce, inputs, (parts, rows) => {
      const own = gatherRows(parts.ofUsers!, rows);
      const pairs = rows.size * count;
      const beside = gatherRows(parts.ofItems!, { ...every, shape: [pairs], size: pairs });
      return reshape(above(groupAdd(own, beside), parts), [rows.size, count]);
    });
  }

  /** The layers above the first, and h. */
  #deeper(): Parameters {
    const names = this.#layers === 0 ? [] : ["tower.h"];
    for (let layer = 2; layer <= this.#layers; layer++) {
      names.push(`tower.weight${layer}`, `tower.bias${layer}`);
    }
    return Object.fromEntries(names.map((name) => [name, this.#parameters[name]!]));
  }
}

/** hᵀ·z_L from what comes into the first layer's ReLU, n × w·2^(L−1); without a layer that is hᵀ·[p; q] itself, n × 1. */
function above(first: Variable, parameters: Parameters): Variable {
  const pairs = first.value.shape[0]!;
  if (!parameters["tower.h"]) return reshape(first, [pairs]);
  let z = relu(first);
  for (let layer = 2; parameters[`tower.weight${layer}`]; layer++) {
    const product = matmul(z, parameters[`tower.weight${layer}`]!);
    z = relu(addBias(product, parameters[`tower.bias${layer}`]!));
  }
  return reshape(matmul(z, parameters["tower.h"]), [pairs]);
}

/** A fitted tower on a device. */
function placeTower(device: Device, tensors: SavedTensors, { layers }: TowerShape): AddScores {
  const { kernels } = device;
  const place = (name: string) => {
    const { shape, data } = tensors[name]!;
    return device.upload(shape, data);
  };
  const items = place("tower.item");
  const itemCount = items.shape[0]!;
  const first = place("tower.weight1.item");
  const ofItems = device.allocate([itemCount, first.shape[1]!]);
  kernels.matmul(ofItems, items, first, false, false, 1, 0);
  const userWeight = place("tower.weight1.user");
  const ofUser = device.allocate([1, first.shape[1]!]);
  const z1 = device.allocate(ofItems.shape);
  if (layers === 0) {
    return (user, out) => {
      kernels.matmul(ofUser, user, userWeight, false, false, 1, 0);
      kernels.addBias(z1, ofItems, { ...ofUser, shape: [1] });
      kernels.scaleAdd(out, z1, 1, 1);
    };
  }
  const userBias = place("tower.bias1");
  const deeper = Array.from({ length: layers - 1 }, (_, at) => {
    const weight = place(`tower.weight${at + 2}`);
    const z = device.allocate([itemCount, weight.shape[1]!]);
    return { weight, bias: place(`tower.bias${at + 2}`), z };
  });
  const h = place("tower.h");
  return (user, out) => {
    kernels.matmul(ofUser, user, userWeight, false, false, 1, 0);
    kernels.addBias(ofUser, ofUser, userBias);
    kernels.addBias(z1, ofItems, { ...ofUser, shape: [ofUser.size] });
    kernels.unary("relu", z1, z1);
    let below = z1;
    for (const { weight, bias, z } of deeper) {
      kernels.matmul(z, below, weight, false, false, 1, 0);
      kernels.addBias(z, z, bias);
      kernels.unary("relu", z, z);
      below = z;
    }
    kernels.matmul(out, below, h, false, false, 1, 1);
  };
}
