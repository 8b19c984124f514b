/** Pairs drawn from the rows of an adjacency matrix are those drawn from rows of the sampler's own. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { readFloats, readIntegers } from "../../src/engine/device.ts";
import { PlanningDevice } from "../../src/engine/planning.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";
import { tableOrder } from "../../src/graph/node-order.ts";
import { Propagation } from "../../src/graph/propagation.ts";
import { bpr } from "../../src/models/bpr.ts";
import { gat } from "../../src/models/gat.ts";
import { gcn } from "../../src/models/gcn.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { ngcf } from "../../src/models/ngcf.ts";
import { simgcl } from "../../src/models/simgcl.ts";
import { xsimgcl } from "../../src/models/xsimgcl.ts";
import { negativeCandidates } from "../../src/training/negative-candidates.ts";
import { PairSampler, type SamplerOptions } from "../../src/training/sampling.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { withDevice } from "../engine/devices.ts";

const [userCount, itemCount] = [70, 90];
const random = new RandomStream(1, "shared rows");

/** Users of every activity: one with no item, one with all, one with a run of neighbouring items. */
function mixedGraph(): BipartiteGraph {
  const pairs: [number, number][] = [];
  for (let user = 0; user < userCount; user++) {
    const share = user === 3 ? 0 : user === 7 ? 1 : random.uniform() ** 2;
    for (let item = 0; item < itemCount; item++) {
      if (user === 11 ? item >= 40 && item < 57 : random.uniform() < share)
        pairs.push([user, item]);
    }
  }
  const values = Float32Array.from(pairs, ([user, item]) => user + item / 128);
  const [users, items] = [0, 1].map((side) => Int32Array.from(pairs, (pair) => pair[side]!));
  return buildGraph({ users: users!, items: items!, values, times: null }, userCount, itemCount);
}

const graph = mixedGraph();
const node = Int32Array.from({ length: userCount + itemCount }, (_, at) => at);
const shuffled = Int32Array.from([
  ...random.shuffle(node.slice(0, userCount)),
  ...random.shuffle(node.slice(userCount)),
]);
const orders = { "the graph's own order": null, "another order": shuffled };

const plain: SamplerOptions = {
  ...{ seed: 5, positives: "interaction", negativeCount: 2, ratings: true },
  ...{ popularityExponent: null, candidates: null },
};
const waysToDraw: readonly SamplerOptions[] = [
  plain,
  { ...plain, popularityExponent: 0.75 },
  { ...plain, positives: "user", ratings: false },
  { ...plain, candidates: negativeCandidates(graph), candidateShare: 0.5 },
];

for (const [name, order] of Object.entries(orders)) {
  for (const selfConnections of [false, true]) {
    it(`the rows of A${selfConnections ? " + I" : ""} in ${name} give the same pairs`, async () => {
      for (const threads of [1, 3]) {
        await withDevice({ threads }, async (device) => {
          const options = { order, selfConnections };
          const { userItems } = new Propagation(device, graph, "symmetric", 4, options);
          const read = async (sampler: PairSampler) => {
            const drawn = sampler.batch(2, 0, sampler.epochLength);
            const indices = [drawn.users, drawn.positives, drawn.negatives!];
            return {
              indices: await Promise.all(indices.map((index) => readIntegers(device, index))),
              values: drawn.values && (await readFloats(device, drawn.values)),
            };
          };
          for (const way of waysToDraw) {
            const shared = await read(new PairSampler(device, graph, way, userItems));
            assert.deepEqual(shared, await read(new PairSampler(device, graph, way)));
            const [users, positives] = shared.indices;
            assert.ok(users!.length > 1000 && !users!.includes(7) && !users!.includes(3));
            shared.values?.forEach((value, at) => {
              assert.equal(value, users![at]! + positives![at]! / 128);
            });
          }
        });
      }
    });
  }
}

describe("memory of an interaction while training", () => {
  /** A graph of as many nodes, with n items for each of 2,000 users; scratch grows with the longest row. */
  const regular = (degree: number) => {
    const users = Int32Array.from({ length: 2000 * degree }, (_, at) => Math.floor(at / degree));
    const items = users.map((user, at) => (user * 7 + (at % degree)) % 2000);
    return buildGraph({ users, items, values: null, times: null }, 2000, 2000);
  };
  const [few, many] = [regular(20), regular(60)];
  const width = 128;
  // LightGCN's adjacency matrix is then in another order.
  assert.ok(tableOrder(many, width));

  for (const definition of [lightgcn, simgcl, xsimgcl, ngcf, gcn, gat, bpr]) {
    // Rows of its own where there is no adjacency matrix to draw from.
    const expected = definition === bpr ? 4 : 8;
    it(`of ${definition.name} is that of one matrix: ${expected} bytes`, () => {
      const bytes = (graph: BipartiteGraph) => {
        const device = new PlanningDevice(2, false);
        const settings = definition.hyperparameters.parse({ width, batchSize: 256 });
        const data = { graph, itemFeatures: {}, userFeatures: {} };
        new Trainer(definition, settings, data, device, 1).step(1, 0);
        return device.peakBytes;
      };
      const anInteraction = (bytes(many) - bytes(few)) / (many.edgeCount - few.edgeCount);
      assert.ok(Math.abs(anInteraction - expected) < 0.1, `${anInteraction} bytes`);
    });
  }
});
