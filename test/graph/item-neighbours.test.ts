import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silent } from "../../src/base/progress.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";
import { itemNeighbours } from "../../src/graph/item-neighbours.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { randomGraph } from "./random-graph.ts";

// u0: i0 i1, u1: i1 i2, u2: i1. G = (1 1 0; 1 3 1; 0 1 1), g = (2, 5, 2).
const graph = buildGraph(
  {
    users: Int32Array.of(0, 0, 1, 1, 2),
    items: Int32Array.of(0, 1, 1, 2, 1),
    values: null,
    times: null,
  },
  3,
  3,
);

const neighboursOf = (graph: BipartiteGraph, count: number, options = deviceOptions[0]!) =>
  withDevice(options, (device) => {
    const { signal } = new AbortController();
    return itemNeighbours({ device, progress: silent, signal }, graph, count);
  });

describe("item neighbours", () => {
  it("are those of the largest ω, by hand", async () => {
    const { items, weights } = await neighboursOf(graph, 2);
    const own = [Math.sqrt(3) / 2, Math.sqrt(6) / 5];
    // i0: itself 1·own/√3 = ½, i1 1·own/√6; i1: itself 3·own/√6 = 3/5, i0 and i2 own/√3 (the smaller index first).
    const expected = [0.5, own[0]! / Math.sqrt(6), 0.6, own[1]! / Math.sqrt(3), 0.5];
    assert.deepEqual([...items], [0, 1, 1, 0, 2, 1]);
    expected.forEach((weight, at) => {
      assert.ok(Math.abs(weights[at]! - weight) < 1e-6, `${at}: ${weights[at]} against ${weight}`);
    });
  });

  it("leave places without a neighbour at weight 0", async () => {
    const { weights } = await neighboursOf(graph, 3);
    assert.equal(weights[2], 0);
    assert.equal(weights[8], 0);
  });

  it("are the same on any number of threads", async () => {
    const random = randomGraph(60, 40, 0.1, 7);
    const one = await neighboursOf(random, 5);
    for (const options of deviceOptions) {
      assert.deepEqual(await neighboursOf(random, 5, options), one);
    }
  });
});
