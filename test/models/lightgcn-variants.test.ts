/** The equivalences that the paper states between LightGCN and its relatives (section 3.2), in numbers. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { type BipartiteGraph, buildGraph } from "../../src/graph/bipartite.ts";
import { smoothnessCoefficient, smoothnessLoss } from "../../src/graph/smoothness.ts";
import type { PairDefinition } from "../../src/models/gradient.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import { appnp, sgcn } from "../../src/models/lightgcn-variants.ts";
import type { Recommender } from "../../src/models/recommender.ts";
import { withDevice } from "../engine/devices.ts";
import { randomGraph } from "../graph/random-graph.ts";

const width = 3;

/** The recommender that the given embeddings make. */
async function finish(
  model: PairDefinition,
  graph: BipartiteGraph,
  embedding: Float32Array,
  settings: Record<string, unknown>,
): Promise<Recommender> {
  return withDevice({ threads: 1 }, async (device) => {
    const hyperparameters = model.hyperparameters.parse({ width, ...settings });
    const context = { graph, itemFeatures: {}, userFeatures: {}, device, batchSize: 2, seed: 1 };
    const table = device.upload([graph.nodeCount, width], embedding);
    return model.build(hyperparameters, context).finish({ embedding: table });
  });
}

function randomTable(graph: BipartiteGraph): Float32Array {
  const random = new RandomStream(4, "table");
  return Float32Array.from({ length: graph.nodeCount * width }, () => random.normal());
}

function close(found: Recommender, expected: Recommender, tolerance = 1e-5): void {
  for (const side of ["users", "items"] as const) {
    found.embeddings![side].forEach((value, at) => {
      const difference = Math.abs(value - expected.embeddings![side][at]!);
      assert.ok(difference < tolerance, `${side} ${at} differ by ${difference}`);
    });
  }
}

/** Six users and six items in a circle: everybody has three neighbours. */
const regular = buildGraph(
  {
    users: Int32Array.from({ length: 18 }, (_, edge) => Math.floor(edge / 3)),
    items: Int32Array.from({ length: 18 }, (_, edge) => (Math.floor(edge / 3) + (edge % 3)) % 6),
    values: null,
    times: null,
  },
  6,
  6,
);
const irregular = randomGraph(9, 12, 0.3, 2);

describe("the LightGCN family", () => {
  it("SGCN is LightGCN with binomial weights: equation 10, on a regular graph with its normaliser", async () => {
    const table = randomTable(regular);
    const [d, layers] = [3, 3];
    // ((A + I)/(d + 1))ᴷ = Σ_k C(K, k)·dᵏ/(d + 1)ᴷ · (A/d)ᵏ
    const weights = [1, 3, 3, 1].map((ways, k) => (ways * d ** k) / (d + 1) ** layers);
    const expected = { layers, layerWeights: weights.join() };
    close(
      await finish(sgcn, regular, table, { layers }),
      await finish(lightgcn, regular, table, expected),
    );
  });

  it("APPNP is LightGCN with α_k = β(1−β)ᵏ: equation 12, from the recursion of equation 11", async () => {
    const table = randomTable(irregular);
    const beta = 0.3;
    let layer = await finish(lightgcn, irregular, table, { layers: 1, layerWeights: "1,0" });
    for (let k = 0; k < 3; k++) {
      const { users, items } = layer.embeddings!;
      const next = await finish(lightgcn, irregular, Float32Array.from([...users, ...items]), {
        layers: 1,
        layerWeights: "last",
      });
      const mix = (side: "users" | "items", offset: number) =>
        next.embeddings![side].map((v, at) => (1 - beta) * v + beta * table[offset + at]!);
      const embeddings = { users: mix("users", 0), items: mix("items", users.length), width };
      layer = { ...layer, embeddings };
    }
    const found = await finish(appnp, irregular, table, { layers: 3, teleport: beta });
    close(found, layer);
    close(
      await finish(lightgcn, irregular, table, { layers: 3, variant: "appnp", teleport: beta }),
      found,
    );
  });

  it("the single-layer variant is the last layer alone", async () => {
    const table = randomTable(irregular);
    close(
      await finish(lightgcn, irregular, table, { layers: 2, variant: "single" }),
      await finish(lightgcn, irregular, table, { layers: 2, layerWeights: "0,0,1" }),
      1e-9,
    );
  });

  for (const [model, settings] of [
    [sgcn, { layers: 3 }],
    [sgcn, { layers: 2, normalisation: "l1-left" }],
    [appnp, { layers: 3 }],
  ] as const) {
    it(`${model.name} folds a user without an own embedding in as training sees it: ${JSON.stringify(settings)}`, async () => {
      const table = randomTable(irregular);
      const user = 4;
      table.fill(0, user * width, (user + 1) * width);
      const recommender = await finish(model, irregular, table, settings);
      const { indptr, indices } = irregular.userItems;
      const history = indices.slice(indptr[user]!, indptr[user + 1]!);
      const folded = await recommender.foldIn({
        indptr: Int32Array.of(0, history.length),
        indices: history,
      });
      const own = recommender.embeddings!.users.subarray(user * width, (user + 1) * width);
      folded!.forEach((value, at) => {
        assert.ok(Math.abs(value - own[at]!) < 1e-6, `${value} against ${own[at]}`);
      });
      const scores = await recommender.scoreUsers(Int32Array.of(user));
      const parts = (await recommender.explain(history, 2))!;
      assert.ok(Math.abs(parts.reduce((a, b) => a + b, 0) - scores[2]!) < 1e-5);
    });
  }

  it("the smoothness coefficient is what two layers carry from user to user: equations 13 and 14", async () => {
    for (const v of [0, 3, 7]) {
      const table = new Float32Array(irregular.nodeCount * width);
      table[v * width] = 1;
      const { embeddings } = await finish(lightgcn, irregular, table, {
        layers: 2,
        variant: "single",
      });
      for (let u = 0; u < irregular.userCount; u++) {
        const carried = embeddings!.users[u * width]!;
        assert.ok(Math.abs(carried - smoothnessCoefficient(irregular, u, v)) < 1e-6);
      }
    }
  });

  it("the smoothness loss by hand", () => {
    // u0 likes i0 and i1, u1 likes i1: c_{0→1} = c_{1→0} = (1/2)/√2, c_{0→0} and c_{1→1} do not count.
    const graph = buildGraph(
      { users: Int32Array.of(0, 0, 1), items: Int32Array.of(0, 1, 1), values: null, times: null },
      2,
      2,
    );
    // e/‖e‖²: (2, 0)/4 = (½, 0), (0, 1)/1 = (0, 1); squared distance 1¼.
    const found = smoothnessLoss(graph, "users", Float32Array.of(2, 0, 0, 1));
    assert.ok(Math.abs(found - 2 * (0.5 / Math.SQRT2) * 1.25) < 1e-12);
    // Items: i0's only user is u0 with two items, so c = (1/2)/√2 here too.
    const items = smoothnessLoss(graph, "items", Float32Array.of(2, 0, 0, 1));
    assert.ok(Math.abs(items - 2 * (0.5 / Math.SQRT2) * 1.25) < 1e-12);
  });

  it("equal embeddings are perfectly smooth, and zero ones are left out", () => {
    const alike = new Float32Array(irregular.userCount * width).fill(0.5);
    assert.equal(smoothnessLoss(irregular, "users", alike), 0);
    alike.fill(0, 0, width);
    assert.equal(smoothnessLoss(irregular, "users", alike), 0);
  });
});
