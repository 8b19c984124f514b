/** GMF, MLP and NeuMF beside their equations in plain loops. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { compressRows } from "../../src/data/interactions.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { Tape } from "../../src/engine/tape.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";
import { gmf } from "../../src/models/gmf.ts";
import type { PairDefinition } from "../../src/models/gradient.ts";
import { mlp } from "../../src/models/mlp.ts";
import { NeighbourFoldIn } from "../../src/models/neighbour-fold-in.ts";
import { neumf } from "../../src/models/neumf.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { lossSchema, samplingSchema } from "../../src/models/training-schema.ts";
import { UserNeighbours } from "../../src/models/user-neighbours.ts";
import { createCriterion } from "../../src/training/losses.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { checkGradients } from "./pair-gradients.ts";
import { tasteWorld } from "./small-world.ts";

const world = tasteWorld(7, 9, 3);
const graph: BipartiteGraph = buildGraph(world.interactions, 7, 9);

type Values = Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>;

/** Random values of all parameters. */
function valuesOf(model: PairDefinition, hyperparameters: Hyperparameters): Values {
  const declared = model.parameters(hyperparameters, { graph, itemFeatures: {}, userFeatures: {} });
  const random = new RandomStream(4, "values");
  return Object.fromEntries(
    Object.entries(declared).map(([name, { shape }]) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, () => random.normal()) }];
    }),
  );
}

const rowOf = ({ shape, data }: Values[string], row: number) =>
  Array.from(data.subarray(row * shape[1]!, (row + 1) * shape[1]!));
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, at) => sum + x * b[at]!, 0);

/** hᵀ·(p ⊙ q) */
function productScore(values: Values, user: number, item: number): number {
  const p = rowOf(values["product.user"]!, user);
  const q = rowOf(values["product.item"]!, item);
  return dot(
    Array.from(values["product.h"]!.data),
    p.map((x, at) => x * q[at]!),
  );
}

/** hᵀ·z_L over [p; q], layer by layer. */
function towerScore(values: Values, layers: number, user: number, item: number): number {
  const first = [values["tower.weight1.user"]!, values["tower.weight1.item"]!];
  const joined = first.flatMap((half) =>
    Array.from({ length: half.shape[0]! }, (_, r) => rowOf(half, r)),
  );
  let z = [...rowOf(values["tower.user"]!, user), ...rowOf(values["tower.item"]!, item)];
  if (layers === 0) return dot(z, joined.flat());
  for (let layer = 1; layer <= layers; layer++) {
    const weight = values[`tower.weight${layer}`];
    const rows = weight
      ? Array.from({ length: weight.shape[0]! }, (_, r) => rowOf(weight, r))
      : joined;
    assert.equal(rows.length, z.length);
    const bias = values[`tower.bias${layer}`]!.data;
    z = Array.from(bias, (b, column) =>
      Math.max(0, b + rows.reduce((sum, row, at) => sum + row[column]! * z[at]!, 0)),
    );
  }
  return dot(z, Array.from(values["tower.h"]!.data));
}

const network = { width: 3, layers: 3, negativeCount: 2, l2: 0.1 };
const cases = [
  {
    title: "GMF",
    model: gmf,
    hyperparameters: gmf.hyperparameters.parse({ width: 5, negativeCount: 2, l2: 0.1 }),
    score: productScore,
    tables: ["product.user", "product.item"],
  },
  {
    title: "MLP without a layer",
    model: mlp,
    hyperparameters: mlp.hyperparameters.parse({ ...network, layers: 0 }),
    score: (values: Values, user: number, item: number) => towerScore(values, 0, user, item),
    tables: ["tower.user", "tower.item"],
  },
  {
    title: "MLP",
    model: mlp,
    hyperparameters: mlp.hyperparameters.parse(network),
    score: (values: Values, user: number, item: number) => towerScore(values, 3, user, item),
    tables: ["tower.user", "tower.item"],
  },
  {
    title: "MLP with wider embeddings",
    model: mlp,
    hyperparameters: mlp.hyperparameters.parse({ ...network, layers: 1, embedding: 5 }),
    score: (values: Values, user: number, item: number) => towerScore(values, 1, user, item),
    tables: ["tower.user", "tower.item"],
  },
  {
    title: "NeuMF",
    model: neumf,
    hyperparameters: neumf.hyperparameters.parse(network),
    score: (values: Values, user: number, item: number) =>
      productScore(values, user, item) + towerScore(values, 3, user, item),
    tables: ["product.user", "product.item", "tower.user", "tower.item"],
  },
];

function build(device: Device, { model, hyperparameters }: (typeof cases)[number]) {
  const context = { device, graph, batchSize: 3, seed: 1, itemFeatures: {}, userFeatures: {} };
  const values = valuesOf(model, hyperparameters);
  const tensors = Object.fromEntries(
    Object.entries(values).map(([name, { shape, data }]) => [name, device.upload(shape, data)]),
  );
  return { model: model.build(hyperparameters, context), values, tensors };
}

function close(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 2e-4 * (1 + Math.abs(expected)), `${found} ≠ ${expected}`);
}

for (const one of cases) {
  describe(one.title, () => {
    it("has the log loss of its equation, and its penalty", () =>
      withDevice(deviceOptions[0]!, async (device) => {
        const { model, values, tensors } = build(device, one);
        const users = [2, 0, 6];
        const positives = [8, 1, 1];
        const negatives = [3, 5, 5, 0, 7, 2];
        const tape = new Tape(device, {});
        const variables = Object.fromEntries(
          Object.entries(tensors).map(([name, tensor]) => [name, tape.constant(tensor)]),
        );
        const batch = {
          users: device.upload([3], Int32Array.from(users)),
          positives: device.upload([3], Int32Array.from(positives)),
          negatives: device.upload([3, 2], Int32Array.from(negatives)),
          ...{ values: null, draw: 0 },
        };
        const criterion = createCriterion(
          lossSchema.parse(one.hyperparameters),
          samplingSchema.parse(one.hyperparameters),
        );
        const terms = model.loss(tape, variables, batch, (scores) =>
          criterion(scores, { index: batch.users, count: graph.userCount }),
        );
        const [loss, penalty] = await Promise.all(
          terms.map(async ({ value }) => (await readFloats(device, value))[0]!),
        );
        const [b] = values.bias!.data;
        const score = (user: number, item: number) => b! + one.score(values, user, item);
        const expected = users.map((user, row) => {
          const beside = negatives.slice(2 * row, 2 * row + 2);
          const others = beside.reduce((sum, item) => sum + softplus(score(user, item)), 0);
          return softplus(-score(user, positives[row]!)) + others;
        });
        close(loss!, (expected[0]! + expected[1]! + expected[2]!) / 3);
        const rows = one.tables.flatMap((name) => {
          const index = name.endsWith("user") ? users : [...positives, ...negatives];
          return index.flatMap((row) => rowOf(values[name]!, row));
        });
        close(penalty!, (0.1 / 2 / 3) * dot(rows, rows));
      }));

    it("scores all items as its equation does, up to a constant", () =>
      withDevice(deviceOptions[0]!, async (device) => {
        const { model, values, tensors } = build(device, one);
        const recommender = await model.finish(tensors);
        const users = Int32Array.of(5, 1);
        const scores = await recommender.scoreUsers(users);
        const rest = Array.from(
          scores,
          (found, at) => found - one.score(values, users[Math.floor(at / 9)]!, at % 9),
        );
        for (const value of rest) close(value, rest[0]!);
      }));
  });
}

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const average = (numbers: readonly number[]) =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const logSumExp = (numbers: readonly number[]) =>
  Math.log(numbers.reduce((sum, x) => sum + Math.exp(x), 0));
/** The softmax's part of one positive, scores divided by the temperature. */
const softmax = (own: number, beside: readonly number[]) => logSumExp([own, ...beside]) - own;
const bounded = (x: number) => 2 / (1 + Math.exp(-x)) - 1;

/** A positive's part of the loss from its score and those of the items that it is compared with. */
const criteria: readonly (readonly [
  settings: Hyperparameters,
  of: (own: number, beside: readonly number[]) => number,
])[] = [
  [{ loss: "multinomial" }, softmax],
  [
    { loss: "ssm", negatives: "in-batch", temperature: 0.5 },
    (own, beside) =>
      softmax(
        own / 0.5,
        beside.map((s) => s / 0.5),
      ),
  ],
  // Means over the batch's matrix: the places of the same item have no part in the sum.
  [
    { loss: "bpr", negatives: "in-batch" },
    (own, beside) => beside.reduce((sum, s) => sum + softplus(s - own), 0) / 3,
  ],
  [
    { loss: "max-margin", negatives: "in-batch", margin: 0.6 },
    (own, beside) => beside.reduce((sum, s) => sum + Math.max(0, 0.6 + s - own), 0) / 3,
  ],
  ...["in-batch", "uniform"].map(
    (negatives) =>
      [
        { loss: "bsl", negatives, temperature: 0.4, balance: 0.8 },
        (own: number, beside: readonly number[]) =>
          0.8 * logSumExp(beside.map((s) => bounded(s) / 0.4)) - bounded(own) / 0.4,
      ] as const,
  ),
];

for (const one of cases.slice(1)) {
  describe(`${one.title} beside all items, or the batch's`, () => {
    for (const [settings, expectedOf] of criteria) {
      it(`is its formula in plain loops: ${Object.values(settings).join(", ")}`, () =>
        withDevice(deviceOptions[0]!, async (device) => {
          const hyperparameters = one.model.hyperparameters.parse({
            ...one.hyperparameters,
            l2: 0,
            ...settings,
          });
          const { model, values, tensors } = build(device, { ...one, hyperparameters });
          // Items 1 and 8 are positives, 1 of two users.
          const [users, positives, negatives] = [
            [2, 0, 6],
            [8, 1, 1],
            [3, 5, 5, 0, 7, 2],
          ];
          const tape = new Tape(device, {});
          const variables = Object.fromEntries(
            Object.entries(tensors).map(([name, tensor]) => [name, tape.constant(tensor)]),
          );
          const drawn = settings.negatives === "uniform";
          const batch = {
            users: device.upload([3], Int32Array.from(users!)),
            positives: device.upload([3], Int32Array.from(positives!)),
            negatives: drawn ? device.upload([3, 2], Int32Array.from(negatives!)) : null,
            ...{ values: null, draw: 0 },
          };
          const criterion = createCriterion(
            lossSchema.parse(hyperparameters),
            samplingSchema.parse(hyperparameters),
          );
          const [loss] = model.loss(tape, variables, batch, (scores) =>
            criterion(scores, { index: batch.users, count: graph.userCount }),
          );
          const everything = Array.from({ length: 9 }, (_, item) => item);
          const expected = users!.map((user, row) => {
            const beside = drawn
              ? negatives!.slice(2 * row, 2 * row + 2)
              : (settings.negatives ? positives! : everything).filter((i) => i !== positives![row]);
            return expectedOf(
              one.score(values, user, positives![row]!),
              beside.map((item) => one.score(values, user, item)),
            );
          });
          close((await readFloats(device, loss!.value))[0]!, average(expected));
        }));

      it(`has the gradients that finite differences show: ${Object.values(settings).join(", ")}`, () =>
        withDevice(deviceOptions[0]!, (device) => {
          const start = (name: string, size: number) => {
            const random = new RandomStream(5, name);
            return Array.from({ length: size }, () => 0.5 * random.normal());
          };
          const layers = one.title === "MLP without a layer" ? 0 : 2;
          const small = { width: 2, layers, negativeCount: 1, l2: 0.1, margin: 3 };
          return checkGradients(device, one.model, { ...small, ...settings }, start, 1 / 256);
        }));
    }
  });
}

describe("MLP", () => {
  it("takes all pairs of many items piece by piece", () =>
    withDevice(deviceOptions[0]!, async (device) => {
      const itemCount = 12_000;
      const wide = buildGraph(world.interactions, 7, itemCount);
      const data = { graph: wide, itemFeatures: {}, userFeatures: {} };
      const hyperparameters = mlp.hyperparameters.parse({
        ...{ width: 1, layers: 2, loss: "multinomial", l2: 0 },
      });
      const random = new RandomStream(6, "values");
      const values = Object.fromEntries(
        Object.entries(mlp.parameters(hyperparameters, data)).map(([name, { shape }]) => {
          const size = shape.reduce((product, length) => product * length, 1);
          const numbers = Float32Array.from({ length: size }, () => random.normal());
          return [name, { shape, data: numbers }];
        }),
      );
      const tape = new Tape(device, {});
      const variables = Object.fromEntries(
        Object.entries(values).map(([name, { shape, data: numbers }]) => [
          name,
          tape.constant(device.upload(shape, numbers)),
        ]),
      );
      const model = mlp.build(hyperparameters, { ...data, device, batchSize: 3, seed: 1 });
      const [users, positives] = [Int32Array.of(2, 0, 6), Int32Array.of(8, 11_999, 1)];
      const batch = {
        users: device.upload([3], users),
        positives: device.upload([3], positives),
        ...{ negatives: null, values: null, draw: 0 },
      };
      const criterion = createCriterion(
        lossSchema.parse(hyperparameters),
        samplingSchema.parse(hyperparameters),
      );
      const [loss] = model.loss(tape, variables, batch, (scores) =>
        criterion(scores, { index: batch.users, count: data.graph.userCount }),
      );
      const parts = Array.from(users, (user, row) => {
        const all = Array.from({ length: itemCount }, (_, item) =>
          towerScore(values, 2, user, item),
        );
        return logSumExp(all) - all[positives[row]!]!;
      });
      close((await readFloats(device, loss!.value))[0]!, average(parts));
    }));
});

describe("user neighbours", () => {
  // Users like {0, 1}, {1, 2, 3}, {3}, {4}.
  const userItems = compressRows(
    Int32Array.of(0, 0, 1, 1, 1, 2, 3),
    Int32Array.of(0, 1, 1, 2, 3, 3, 4),
    4,
  );

  it("weighs them by the square of the cosine", () => {
    // History {1, 3}: |S ∩ N|²/(|S|·|N|) = 1/4, 4/6, 1/2, 0; two nearest: 4/7 and 3/7.
    const { users, weights } = new UserNeighbours(userItems, 5, 2).of(Int32Array.of(1, 3, 3));
    assert.deepEqual([...users], [1, 2]);
    close(weights[0]!, 4 / 7);
    close(weights[1]!, 3 / 7);
  });

  it("shares a neighbour's part of a score among the items that led to them", () => {
    const embeddings = {
      width: 1,
      users: Float32Array.of(1, 2, 5, 7),
      items: Float32Array.of(1, 1, 1, 1, 3, 1),
    };
    const foldIn = new NeighbourFoldIn(embeddings, userItems, 2);
    const history = Int32Array.of(1, 3, 3);
    // Vector 4/7·2 + 3/7·5; user 1 came by items 1 and 3, user 2 by item 3 alone.
    const one = { indptr: Int32Array.of(0, 3), indices: history };
    close(foldIn.vectors(one)[0]!, 23 / 7);
    const parts = foldIn.contributions(history, 4);
    close(parts[0]!, (3 * 4) / 7);
    close(parts[1]!, (3 * (4 + 15)) / 7);
    assert.equal(parts[2], 0);
    // Where nobody shares an item, the mean of everybody.
    close(foldIn.contributions(Int32Array.of(5), 0)[0]!, 15 / 4);
  });

  it("takes everybody where nobody is like the stranger", () => {
    const { users, weights } = new UserNeighbours(userItems, 6, 2).of(Int32Array.of(5));
    assert.deepEqual([...users], [0, 1, 2, 3]);
    assert.deepEqual([...weights], [0.25, 0.25, 0.25, 0.25]);
  });
});
