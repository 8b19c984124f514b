/** What an interaction takes of the engine's memory while a model is trained. */

import assert from "node:assert/strict";
import { it } from "node:test";
import { PlanningDevice } from "../../src/engine/planning.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";
import { tableOrder } from "../../src/graph/node-order.ts";
import { bpr } from "../../src/models/bpr.ts";
import { gat } from "../../src/models/gat.ts";
import { gcn } from "../../src/models/gcn.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { ngcf } from "../../src/models/ngcf.ts";
import { simgcl } from "../../src/models/simgcl.ts";
import { xsimgcl } from "../../src/models/xsimgcl.ts";
import { Trainer } from "../../src/training/trainer.ts";

/** A graph of as many nodes, with n items for each of 2,000 users; scratch grows with the longest row. */
function regular(degree: number): BipartiteGraph {
  const users = Int32Array.from({ length: 2000 * degree }, (_, at) => Math.floor(at / degree));
  const items = users.map((user, at) => (user * 7 + (at % degree)) % 2000);
  return buildGraph({ users, items, values: null, times: null }, 2000, 2000);
}

const [few, many] = [regular(20), regular(60)];
const width = 128;
// LightGCN's adjacency matrix is then in another order.
assert.ok(tableOrder(many, width));

for (const definition of [lightgcn, simgcl, xsimgcl, ngcf, gcn, gat, bpr]) {
  // Each user's items to draw from, and each pair twice in an adjacency matrix.
  const expected = definition === bpr ? 4 : 12;
  it(`${definition.name} holds ${expected} bytes an interaction`, () => {
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
