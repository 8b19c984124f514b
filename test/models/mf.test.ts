import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { Tape } from "../../src/engine/tape.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import type { PairBatch, PairDefinition } from "../../src/models/gradient.ts";
import { mf } from "../../src/models/mf.ts";
import { lossSchema, samplingSchema } from "../../src/models/training-schema.ts";
import { fitModel } from "../../src/training/fit.ts";
import { createCriterion } from "../../src/training/losses.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { datasetOf, splitOf, tasteWorld, trainingContext } from "./small-world.ts";

/** Two users, three items; ratings 5, 3 of user 0 and 1 of user 1: μ = 3. */
const pairs = [
  [0, 0],
  [0, 1],
  [1, 2],
] as const;
const interactions = { ...datasetOf(pairs).interactions, values: Float32Array.of(5, 3, 1) };
const graph = buildGraph(interactions, 2, 3);
const p = [
  [1, 2],
  [0.5, -1],
];
const q = [
  [0.5, 0.25],
  [-1, 1],
  [2, 1],
];
const userBias = [0.25, -0.5];
const itemBias = [0.1, 0.2, -0.3];
const score = (user: number, item: number, mean: number) =>
  mean +
  userBias[user]! +
  itemBias[item]! +
  p[user]![0]! * q[item]![0]! +
  p[user]![1]! * q[item]![1]!;

function parameters(device: Device) {
  const table = (shape: number[], values: number[]) =>
    device.upload(shape, Float32Array.from(values));
  return {
    user: table([2, 2], p.flat()),
    item: table([3, 2], q.flat()),
    userBias: table([2], userBias),
    itemBias: table([3], itemBias),
  };
}

/** Terms of the loss over the pairs of user 0 with item 1 and user 1 with item 2, beside items 2 and 0. */
async function terms(device: Device, settings: Record<string, unknown>, withNegatives: boolean) {
  const hyperparameters = mf.hyperparameters.parse({ width: 2, ...settings });
  const model = mf.build(hyperparameters, {
    ...{ device, graph, batchSize: 2, seed: 1 },
    ...{ itemFeatures: {}, userFeatures: {} },
  });
  const values = parameters(device);
  const tape = new Tape(device, {});
  const batch: PairBatch = {
    users: device.upload([2], Int32Array.of(0, 1)),
    positives: device.upload([2], Int32Array.of(1, 2)),
    negatives: withNegatives ? device.upload([2, 1], Int32Array.of(2, 0)) : null,
    values:
      hyperparameters.targets === "ratings" ? device.upload([2], Float32Array.of(3, 1)) : null,
    draw: 0,
  };
  const criterion = createCriterion(
    lossSchema.parse(hyperparameters),
    samplingSchema.parse(hyperparameters),
  );
  const variables = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, tape.constant(value)]),
  );
  const users = { index: batch.users, count: 2 };
  const losses = model.loss(tape, variables, batch, (scores) => criterion(scores, users));
  return Promise.all(losses.map(async ({ value }) => (await readFloats(device, value))[0]!));
}

const squares = (...numbers: readonly (readonly number[] | number)[]) =>
  numbers.flat().reduce((sum, x) => sum + x * x, 0);

function close(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-5 * (1 + Math.abs(expected)), `${found} ≠ ${expected}`);
}

describe("MF with biases", () => {
  it("has the squared error of ratings and its penalty, by hand", () =>
    withDevice(deviceOptions[0]!, async (device) => {
      const [error, penalty] = await terms(device, { l2: 0.1 }, false);
      close(error!, ((score(0, 1, 3) - 3) ** 2 + (score(1, 2, 3) - 1) ** 2) / 2);
      const rows = squares(p[0]!, p[1]!, q[1]!, q[2]!, userBias, itemBias[1]!, itemBias[2]!);
      close(penalty!, (0.1 / 2 / 2) * rows);
    }));

  it("has the log loss with a negative, whose pair counts in the penalty too, by hand", () =>
    withDevice(deviceOptions[0]!, async (device) => {
      const settings = { loss: "bce", targets: "ones", negativeCount: 1, l2: 0.1 };
      const [error, penalty] = await terms(device, settings, true);
      // μ = −ln 1 = 0 with one negative a positive.
      const softplus = (x: number) => Math.log1p(Math.exp(x));
      const positives = softplus(-score(0, 1, 0)) + softplus(-score(1, 2, 0));
      const negatives = softplus(score(0, 2, 0)) + softplus(score(1, 0, 0));
      close(error!, (positives + negatives) / 2);
      const users = 2 * squares(p[0]!, p[1]!, userBias);
      const items = squares(q[1]!, q[2]!, q[2]!, q[0]!, itemBias[1]!, itemBias[2]!, itemBias[2]!);
      close(penalty!, (0.1 / 2 / 2) * (users + items + squares(itemBias[0]!)));
    }));

  it("compares with the whole catalogue, and with the batch, biases included", () =>
    withDevice(deviceOptions[0]!, async (device) => {
      const softmax = (own: number, others: number[]) =>
        Math.log([own, ...others].reduce((sum, s) => sum + Math.exp(s), 0)) - own;
      const [all] = await terms(device, { loss: "multinomial", targets: "ones" }, false);
      const user0 = softmax(score(0, 1, 0), [score(0, 0, 0), score(0, 2, 0)]);
      const user1 = softmax(score(1, 2, 0), [score(1, 0, 0), score(1, 1, 0)]);
      close(all!, (user0 + user1) / 2);
      const inBatch = { loss: "ssm", negatives: "in-batch", temperature: 1, similarity: "dot" };
      const [batch] = await terms(device, inBatch, false);
      const other0 = softmax(score(0, 1, 0), [score(0, 2, 0)]);
      close(batch!, (other0 + softmax(score(1, 2, 0), [score(1, 1, 0)])) / 2);
    }));

  it("ends as vectors whose inner products are the scores", () =>
    withDevice(deviceOptions[0]!, async (device) => {
      const model = mf.build(mf.hyperparameters.parse({ width: 2 }), {
        ...{ device, graph, batchSize: 2, seed: 1 },
        ...{ itemFeatures: {}, userFeatures: {} },
      });
      const recommender = await model.finish(parameters(device));
      const scores = await recommender.scoreUsers(Int32Array.of(1, 0));
      scores.forEach((found, at) => {
        close(found, score(at < 3 ? 1 : 0, at % 3, 3));
      });
    }));

  it("refuses ratings where there are none, and says what to do", async () => {
    const world = tasteWorld(20, 16, 4);
    const context = trainingContext(world, splitOf(world));
    await assert.rejects(fitModel(mf, mf.hyperparameters.parse({}), context), /targets=ones/);
  });
});

describe("updates of the batch's rows alone", () => {
  /** The same model, every row of its tables visited. */
  const dense: PairDefinition = {
    ...mf,
    parameters: (hyperparameters, data) =>
      Object.fromEntries(
        Object.entries(mf.parameters(hyperparameters, data)).map(([name, { shape, initial }]) => [
          name,
          { shape, initial },
        ]),
      ),
  };
  const world = tasteWorld(60, 48, 9);
  for (const optimiser of ["sgd", "adagrad"]) {
    it(`equal updates of all rows, bit for bit: ${optimiser}`, async () => {
      const hyperparameters = mf.hyperparameters.parse({
        ...{ targets: "ones", negativeCount: 2, loss: "bce", width: 6 },
        ...{ epochs: 3, batchSize: 16, learningRate: 0.5, optimiser },
      });
      const run = async (model: PairDefinition) => {
        const { recommender } = await fitModel(
          model,
          hyperparameters,
          trainingContext(world, splitOf(world), { threads: 2 }),
        );
        return recommender.save();
      };
      assert.deepEqual(await run(mf), await run(dense));
    });
  }
});
