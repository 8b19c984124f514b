import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { PowerRows } from "../../src/graph/power-rows.ts";
import { layersUnknownBecause, layerVectors } from "../../src/models/layer-vectors.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { xsimgcl } from "../../src/models/xsimgcl.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";
import { denseAdjacency, multiply, randomGraph } from "../graph/random-graph.ts";

const width = 3;
const graph = randomGraph(7, 9, 0.4, 3);

/** Ã = D^−½AD^−½ as a dense matrix. */
function normalised(): number[][] {
  const a = denseAdjacency(graph);
  const degree = a.map((row) => row.reduce((sum, value) => sum + value, 0));
  return a.map((row, i) =>
    row.map((value, j) => value && value / Math.sqrt(degree[i]! * degree[j]!)),
  );
}

describe("a user's layers from what a bundle keeps", () => {
  for (const layerWeights of ["uniform", "0.5,0.3,0.1,0.1", "0.4,0.2,0,0.4", "0.6,0.4"]) {
    it(`are those of dense matrices, α = ${layerWeights}`, async () => {
      const layers = layerWeights === "uniform" ? 3 : layerWeights.split(",").length - 1;
      const random = new RandomStream(1, "layers");
      const start = Array.from({ length: graph.nodeCount }, () =>
        Array.from({ length: width }, () => random.uniform() - 0.5),
      );
      await withDevice(deviceOptions[0]!, async (device) => {
        const settings = lightgcn.hyperparameters.parse({ width, layers, layerWeights });
        const model = lightgcn.build(settings, {
          graph,
          device,
          batchSize: 2,
          seed: 1,
          itemFeatures: {},
          userFeatures: {},
        });
        const embedding = device.upload([graph.nodeCount, width], Float32Array.from(start.flat()));
        const recommender = await model.finish({ embedding });
        const mixture = lightgcn.mixture!(settings);
        assert.equal(layersUnknownBecause(mixture), null);
        const rows = new PowerRows(graph, "symmetric");
        const expected = [start];
        for (let k = 1; k <= layers; k++) expected.push(multiply(normalised(), expected[k - 1]!));
        for (let user = 0; user < graph.userCount; user++) {
          const found = layerVectors(recommender, rows, mixture.alpha!, user);
          for (const [k, vector] of found.entries()) {
            for (const [at, value] of vector.entries()) {
              const right = expected[k]![user]![at]!;
              assert.ok(Math.abs(value - right) < 1e-5, `layer ${k}: ${value} against ${right}`);
            }
          }
        }
      });
    });
  }

  it("are not guessed where the bundle does not hold them", () => {
    const because = (settings: object) =>
      layersUnknownBecause(lightgcn.mixture!(lightgcn.hyperparameters.parse(settings)));
    assert.match(because({ layerWeights: "learned" })!, /learned/);
    assert.match(because({ variant: "sgcn" })!, /self-connections/);
    assert.match(because({ variant: "single" })!, /no weight/);
    assert.match(because({ normalisation: "l1" })!, /l1/);
    assert.equal(because({ variant: "appnp" }), null);
    assert.match(
      layersUnknownBecause(xsimgcl.mixture!(xsimgcl.hyperparameters.parse({})))!,
      /no weight/,
    );
  });
});
