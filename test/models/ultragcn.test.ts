/** UltraGCN's loss: its weights by hand, the whole of it in plain loops of doubles, and its gradient. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { Tape } from "../../src/engine/tape.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import type { PairBatch } from "../../src/models/gradient.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { ultragcn } from "../../src/models/ultragcn.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { assertClose } from "../engine/numbers.ts";
import { built, dataOf, fiveNodes, lossOf, weightsOf } from "./network-world.ts";
import { checkGradients } from "./pair-gradients.ts";

/** Users 3, 1 and 2 items; items 3, 1, 2, and 0 users. */
const R = [
  [1, 1, 1, 0],
  [1, 0, 0, 0],
  [1, 0, 1, 0],
];
const pairs = R.flatMap((row, user) =>
  row.flatMap((liked, item) => (liked ? [{ user, item }] : [])),
);
const graph = buildGraph(
  {
    users: Int32Array.from(pairs, ({ user }) => user),
    items: Int32Array.from(pairs, ({ item }) => item),
    values: null,
    times: null,
  },
  3,
  4,
);
const data = dataOf(graph);

interface Triples {
  readonly users: readonly number[];
  readonly positives: readonly number[];
  /** The negatives of each pair. */
  readonly negatives: readonly (readonly number[])[];
}

async function lossOn(
  device: Device,
  hyperparameters: Hyperparameters,
  tables: Readonly<Record<string, Float32Array>>,
  { users, positives, negatives }: Triples,
): Promise<number> {
  const context = { ...data, device, batchSize: 4, seed: 1 };
  const model = await built(ultragcn, hyperparameters, context);
  const shapes = ultragcn.parameters(hyperparameters, data);
  const parameters = Object.fromEntries(
    Object.entries(tables).map(([name, numbers]) => {
      const { shape } = shapes[name]!;
      return [name, { value: device.upload(shape, numbers), gradient: device.allocate(shape) }];
    }),
  );
  const index = (numbers: readonly number[]) =>
    device.upload([numbers.length], Int32Array.from(numbers));
  const batch: PairBatch = {
    users: index(users),
    positives: index(positives),
    negatives: { ...index(negatives.flat()), shape: [users.length, negatives[0]!.length] },
    values: null,
    draw: 0,
  };
  const tape = new Tape(device, parameters);
  const notCalled = () => assert.fail("the log loss is the model's own");
  let loss = 0;
  for (const { value } of model.loss(tape, tape.parameters, batch, notCalled)) {
    loss += (await readFloats(device, value))[0]!;
  }
  return loss;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const softplus = (x: number) => Math.log1p(Math.exp(x));

const settings = {
  ...{ width: 3, neighbours: 2, negativeWeight: 2.5, itemWeight: 0.7, regularisation: 0.2 },
  ...{ positiveBase: 0.3, positiveScale: 1.7, negativeBase: 0.4, negativeScale: 1.2 },
};

/** The equations at the head of the model's file, over the batch. */
function plainLoss(
  tables: Readonly<Record<string, Float32Array>>,
  { users, positives, negatives }: Triples,
): number {
  const { positiveBase: w1, positiveScale: w2, negativeBase: w3, negativeScale: w4 } = settings;
  const { negativeWeight: W, itemWeight: lambda, regularisation: gamma } = settings;
  const userDegrees = R.map(sum);
  const itemDegrees = R[0]!.map((_, item) => sum(R.map((row) => row[item]!)));
  const beta = (u: number, i: number) =>
    (1 / userDegrees[u]!) * Math.sqrt((userDegrees[u]! + 1) / (itemDegrees[i]! + 1));
  const G = R[0]!.map((_, i) => R[0]!.map((_, j) => sum(R.map((row) => row[i]! * row[j]!))));
  const g = G.map(sum);
  const omega = (i: number, j: number) =>
    (G[i]![j]! / g[i]!) * Math.sqrt((g[i]! + 1) / (g[j]! + 1));
  const e = (name: string, row: number) => [...tables[name]!.subarray(3 * row, 3 * row + 3)];
  const score = (u: number, i: number) =>
    sum(e("user", u).map((value, at) => value * e("item", i)[at]!));
  const ofPairs = users.map((u, row) => {
    const i = positives[row]!;
    const ofPositive = (w1 + w2 * beta(u, i)) * softplus(-score(u, i));
    const ofNegatives = negatives[row]!.map((j) => (w3 + w4 * beta(u, j)) * softplus(score(u, j)));
    const near = [0, 1, 2, 3].sort((a, b) => omega(i, b) - omega(i, a)).slice(0, 2);
    const ofItems = sum(near.map((j) => omega(i, j) * softplus(-score(u, j))));
    return ofPositive + (W * sum(ofNegatives)) / ofNegatives.length + lambda * ofItems;
  });
  const norm = sum([...tables.user!, ...tables.item!].map((value) => value * value));
  return (sum(ofPairs) + (gamma / 2) * norm) / users.length;
}

const numbers = [1, 2, -1, 0.5, 0.25, 3, 2, -2, 4, 4];
const few = { negativeCount: 1, negativeWeight: 2, neighbours: 2, itemWeight: 0.7 };
const gradientCases = [
  { regularisation: 0.2, positiveBase: 0.5, negativeBase: 0.25 },
  { loss: "bpr", mainWeight: 0.6 },
  { loss: "ssm", negatives: "in-batch", temperature: 1 },
  { loss: "multinomial" },
];

for (const options of deviceOptions) {
  describe(`UltraGCN's loss with ${JSON.stringify(options)}`, () => {
    it("weighs a pair by its degrees, and the negatives together by W, by hand", () =>
      withDevice(options, async (device) => {
        const tables = { user: new Float32Array(9), item: new Float32Array(12) };
        const one = { users: [0], positives: [0], negatives: [[3, 0]] };
        // d_u0 = d_i0 = 3 and d_i3 = 0: β_00 = √4/3·1/√4 = 1/3, β_03 = √4/3·1/√1 = 2/3, and every
        // ln σ(0) is −ln 2. W times the mean of 2/3 and 1/3, W = 5, is 5/2.
        const parts = [
          [{ positiveScale: 6 }, 2],
          [{ positiveBase: 4 }, 4],
          [{ negativeScale: 1 }, 5 / 2],
          [{ negativeBase: 1 }, 5],
        ] as const;
        const none = { positiveBase: 0, positiveScale: 0, negativeBase: 0, negativeScale: 0 };
        const rest = { width: 3, negativeWeight: 5, itemWeight: 0, regularisation: 1 };
        for (const [part, weight] of parts) {
          const hyperparameters = ultragcn.hyperparameters.parse({ ...none, ...rest, ...part });
          const found = await lossOn(device, hyperparameters, tables, one);
          assertClose([found], [weight * Math.LN2], 1e-6, JSON.stringify(part));
        }
      }));

    it("equals its equations: both weighted sums, the item graph and the norm", () =>
      withDevice(options, async (device) => {
        const hyperparameters = ultragcn.hyperparameters.parse(settings);
        const tables = weightsOf(ultragcn, hyperparameters, data);
        const triples = {
          users: [0, 1, 2, 0],
          positives: [2, 0, 2, 1],
          negatives: [
            [3, 3],
            [1, 2],
            [3, 1],
            [3, 3],
          ],
        };
        const found = await lossOn(device, hyperparameters, tables, triples);
        assertClose([found], [plainLoss(tables, triples)], 1e-5, "loss");
      }));

    for (const more of gradientCases) {
      it(`has the gradient that finite differences show: ${JSON.stringify(more)}`, () =>
        withDevice(options, (device) =>
          checkGradients(
            device,
            ultragcn,
            { ...few, width: 2, ...more },
            (name, size) => numbers.slice(name === "item" ? 4 : 0).slice(0, size),
            1 / 256,
          ),
        ));
    }
  });
}

describe("UltraGCN with another main loss", () => {
  it("is its constraint, its item graph, and mainWeight of that loss", () =>
    withDevice(deviceOptions[0]!, async (device) => {
      const five = dataOf(fiveNodes);
      const settings = (more: object) =>
        ultragcn.hyperparameters.parse({ ...few, width: 2, ...more });
      const weights = weightsOf(ultragcn, settings({}), five);
      const total = async (more: object) =>
        (await lossOf(device, ultragcn, settings(more), five, weights, 3)).loss;
      // w₁ and w₃ have no part in it.
      const other = { loss: "bpr", mainWeight: 0.6, positiveBase: 3, negativeBase: 4 };
      const constraint = await total({ positiveBase: 0, negativeBase: 0 });
      const vector = (table: Float32Array, row: number) => table.subarray(2 * row, 2 * row + 2);
      const score = (user: number, item: number) => {
        const [p, q] = [vector(weights.user!, user), vector(weights.item!, item)];
        return p[0]! * q[0]! + p[1]! * q[1]!;
      };
      // The triples of `lossOf`, and its criterion: the sum of softplus(s⁻ − s⁺).
      const triples = [
        [0, 1, 2],
        [1, 2, 0],
        [1, 1, 2],
      ] as const;
      const main = triples.reduce(
        (sum, [user, liked, beside]) =>
          sum + Math.log1p(Math.exp(score(user, beside) - score(user, liked))),
        0,
      );
      const found = (await total(other)) - constraint;
      assert.ok(Math.abs(found - 0.6 * main) < 1e-4 * (1 + main), `${found} ≠ ${0.6 * main}`);
    }));

  it("refuses the hardest of the negatives that bce weighs together", () =>
    withDevice(deviceOptions[0]!, async (device) => {
      const settings = ultragcn.hyperparameters.parse({ negatives: "hard", neighbours: 2 });
      const context = { ...dataOf(fiveNodes), device, batchSize: 3, seed: 1 };
      const refusal = { code: "loss", message: /loss=bce/ };
      assert.throws(() => ultragcn.build(settings, context), refusal);
      await assert.rejects(built(ultragcn, settings, context), refusal);
    }));
});
