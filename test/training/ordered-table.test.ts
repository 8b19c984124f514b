/** A table large enough to be kept in another order on the device: nobody outside may notice. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { readIntegers } from "../../src/engine/device.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { tableOrder } from "../../src/graph/node-order.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { PairSampler } from "../../src/training/sampling.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { withDevice } from "../engine/devices.ts";

const [userCount, itemCount, width, batchSize, seed] = [2600, 2000, 64, 512, 3];
const random = new RandomStream(1, "ordered table");
const users = Int32Array.from({ length: 6 * userCount }, (_, at) => Math.floor(at / 6));
const items = users.map(() => Math.floor(itemCount * random.uniform() ** 2));
const graph = buildGraph({ users, items, values: null, times: null }, userCount, itemCount);
const data = { graph, itemFeatures: {}, userFeatures: {} };
const hyperparameters = lightgcn.hyperparameters.parse({
  ...{ width, batchSize, l2: 0, layers: 2, normalisation: "left", learningRate: 0.01 },
});

/** ⅓·(E + ÃE + Ã²E) with Ã = D^−½·A, in the graph's own order and double precision. */
function propagatedByHand(embedding: Float32Array): Float64Array {
  const { userItems, itemUsers } = graph;
  const mean = Float64Array.from(embedding);
  let layer = Float64Array.from(embedding);
  for (let k = 0; k < 2; k++) {
    const next = new Float64Array(layer.length);
    for (let node = 0; node < graph.nodeCount; node++) {
      const isUser = node < userCount;
      const { indptr, indices } = isUser ? userItems : itemUsers;
      const row = isUser ? node : node - userCount;
      const neighbours = indices.subarray(indptr[row]!, indptr[row + 1]!);
      for (const neighbour of neighbours) {
        const from = (isUser ? neighbour + userCount : neighbour) * width;
        for (let c = 0; c < width; c++) {
          next[node * width + c]! += layer[from + c]! / Math.sqrt(neighbours.length);
        }
      }
    }
    next.forEach((value, at) => {
      mean[at]! += value;
    });
    layer = next;
  }
  return mean.map((value) => value / 3);
}

function inner(table: Float64Array, a: number, b: number): number {
  let sum = 0;
  for (let c = 0; c < width; c++) sum += table[a * width + c]! * table[b * width + c]!;
  return sum;
}

describe("a table in another order", () => {
  it("gives the loss that its values have by hand, and hands them out in their own order", async () => {
    assert.ok(tableOrder(graph, width));
    await withDevice({ threads: 2 }, async (device) => {
      const trainer = new Trainer(lightgcn, hyperparameters, data, device, seed);
      for (let batch = 0; batch < 8; batch++) trainer.step(0, batch);
      await trainer.takeEpochLoss();
      const values = await trainer.values();
      const final = propagatedByHand(values.embedding!);
      const sampler = new PairSampler(device, graph, {
        ...{ seed, positives: "interaction", negativeCount: 1, ratings: false },
        ...{ popularityExponent: null, candidates: null },
      });
      const drawn = sampler.batch(1, 0, batchSize);
      const [u, i, j] = await Promise.all(
        [drawn.users, drawn.positives, drawn.negatives!].map((index) =>
          readIntegers(device, index),
        ),
      );
      let expected = 0;
      for (let n = 0; n < batchSize; n++) {
        const liked = inner(final, u![n]!, userCount + i![n]!);
        const other = inner(final, u![n]!, userCount + j![n]!);
        expected += Math.log1p(Math.exp(other - liked)) / batchSize;
      }
      trainer.step(1, 0);
      const found = ((await trainer.takeEpochLoss()) * sampler.epochLength) / batchSize;
      assert.ok(Math.abs(found - expected) < 1e-5, `${found} by the trainer, ${expected} by hand`);

      trainer.startFrom(values);
      assert.deepEqual(await trainer.values(), values);
      await trainer.keepBest();
      trainer.step(1, 1);
      assert.notDeepEqual(await trainer.values(), values);
      trainer.restoreBest();
      const { embeddings } = await trainer.recommender();
      // A checkpoint is in the parameter's own order too.
      const state = await trainer.state();
      assert.deepEqual(state["parameter/embedding"]!.data, values.embedding);
      const moments = Float32Array.from(values.embedding!, (_, at) => at);
      const other = { shape: [graph.nodeCount, width], data: moments };
      trainer.restore({ ...state, "optimiser/embedding.mean": other }, 9);
      assert.deepEqual((await trainer.state())["optimiser/embedding.mean"]!.data, moments);
      embeddings!.users.forEach((value, at) => {
        assert.ok(Math.abs(value - final[at]!) < 1e-5);
      });
      embeddings!.items.forEach((value, at) => {
        assert.ok(Math.abs(value - final[userCount * width + at]!) < 1e-5);
      });
    });
  });

  it("starts from the same numbers as in its own order, and gives the same bits on 1 and 3 threads", async () => {
    const run = (threads: number) =>
      withDevice({ threads }, async (device) => {
        const trainer = new Trainer(lightgcn, hyperparameters, data, device, seed);
        const initial = await trainer.values();
        for (let batch = 0; batch < 4; batch++) trainer.step(0, batch);
        return { initial, values: await trainer.values(), state: await trainer.state() };
      });
    const [one, three] = [await run(1), await run(3)];
    assert.deepEqual(one, three);
    // Element n of the initial values depends on n alone, so a narrower model of the graph's first nodes has them too.
    const few = { users: users.subarray(0, 60), items: items.subarray(0, 60).map((i) => i % 50) };
    const small = buildGraph({ ...few, values: null, times: null }, 10, 50);
    await withDevice({ threads: 1 }, async (device) => {
      const trainer = new Trainer(
        lightgcn,
        hyperparameters,
        { ...data, graph: small },
        device,
        seed,
      );
      const { embedding } = await trainer.values();
      assert.deepEqual(embedding, one.initial.embedding!.subarray(0, 60 * width));
    });
  });
});
