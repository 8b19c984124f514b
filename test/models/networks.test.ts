/** NGCF, GCN and GAT against their equations on five nodes, and against themselves. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import type { Device } from "../../src/engine/device.ts";
import { gat } from "../../src/models/gat.ts";
import { gcn } from "../../src/models/gcn.ts";
import type { PairDefinition } from "../../src/models/gradient.ts";
import { ngcf } from "../../src/models/ngcf.ts";
import type { Hyperparameters, Recommender } from "../../src/models/recommender.ts";
import { assertClose } from "../engine/numbers.ts";
import { randomGraph } from "../graph/random-graph.ts";
import {
  dataOf,
  each,
  finished,
  fiveNodes,
  lossOf,
  type Matrix,
  matrixOf,
  product,
  weightsOf,
} from "./network-world.ts";
import { checkGradients } from "./pair-gradients.ts";

/** Neighbours of each of the five nodes: users 0 and 1 are nodes 0 and 1, items are nodes 2 to 4. */
const neighbours = [[2, 3], [3, 4], [0], [0, 1], [1]];
const data = dataOf(fiveNodes);
const plain = { width: 2, layers: 2, hidden: 2, heads: 1, nodeDropout: 0, messageDropout: 0 };

const weighted = (weights: (v: number, u: number) => number): Matrix =>
  neighbours.map((_, v) =>
    neighbours.map((_, u) => (neighbours[v]!.includes(u) ? weights(v, u) : 0)),
  );

const degree = (v: number) => neighbours[v]!.length;
const leaky = (x: number) => (x > 0 ? x : 0.2 * x);
const sum = (a: number, b: number) => a + b;

/** Final vectors of all nodes. */
function vectorsOf({ embeddings }: Recommender): Matrix {
  const { users, items, width } = embeddings!;
  return [...matrixOf(users, width), ...matrixOf(items, width)];
}

function assertSame(found: Matrix, expected: Matrix): void {
  assertClose(found.flat(), expected.flat(), 1e-5, "vectors");
}

describe("NGCF", () => {
  for (const ablation of ["none", "f", "n", "fn"] as const) {
    it(`is equation 7 with normalised layers side by side, ablation ${ablation}`, async () => {
      const settings = ngcf.hyperparameters.parse({ ...plain, ablation, hidden: undefined });
      const weights = weightsOf(ngcf, settings, data);
      const laplacian = weighted((v, u) => 1 / Math.sqrt(degree(v) * degree(u)));
      let e = matrixOf(weights.embedding!, 2);
      const side = e.map((row) => [...row]);
      for (let k = 0; k < 2; k++) {
        const heard = product(laplacian, e);
        let own = each(sum, heard, e);
        let both = each((a, b) => a * b, heard, e);
        if (ablation === "none" || ablation === "n") {
          own = product(own, matrixOf(weights[`w1.${k}`]!, 2));
          both = product(both, matrixOf(weights[`w2.${k}`]!, 2));
        }
        e = each(sum, own, both);
        if (ablation === "none" || ablation === "f") e = each(leaky, e);
        e.forEach((row, v) => {
          const length = Math.hypot(...row);
          side[v]!.push(...row.map((value) => value / length));
        });
      }
      assertSame(vectorsOf(await finished(ngcf, settings, data, weights)), side);
    });
  }

  it("drops other nodes and numbers in every step, and the same in the same step", async () => {
    const device = await createCpuDevice({ threads: 1 });
    for (const dropped of [{ nodeDropout: 0.4 }, { messageDropout: 0.4 }]) {
      const settings = ngcf.hyperparameters.parse({ ...plain, width: 16, ...dropped });
      const weights = weightsOf(ngcf, settings, data);
      const at = async (draw: number) =>
        (await lossOf(device, ngcf, settings, data, weights, 3, draw)).loss;
      assert.equal(await at(1), await at(1));
      assert.equal(new Set([await at(1), await at(2), await at(3), await at(4)]).size > 1, true);
    }
    await device.close();
  });
});

describe("GCN", () => {
  it("is the mean of the neighbours and the node itself, each transformed", async () => {
    const settings = gcn.hyperparameters.parse({ ...plain });
    const weights = weightsOf(gcn, settings, data);
    const mean = weighted((v) => 1 / degree(v));
    const layer = (h: Matrix, k: number) =>
      each(
        sum,
        product(mean, product(h, matrixOf(weights[`w.${k}`]!, 2))),
        product(h, matrixOf(weights[`b.${k}`]!, 2)),
      );
    const inner = each((x) => Math.max(0, x), layer(matrixOf(weights.input!, 2), 0));
    assertSame(vectorsOf(await finished(gcn, settings, data, weights)), layer(inner, 1));
  });

  it("starts from features: a user is the sum of the rows of their traits", async () => {
    const known = {
      ...data,
      userFeatures: { gender: ["F", "M"] },
      itemFeatures: { genres: [["Drama"], ["Drama", "War"], []] },
    };
    const settings = gcn.hyperparameters.parse({ ...plain, layers: 1 });
    const weights = weightsOf(gcn, settings, known);
    const [f, m, drama, war] = matrixOf(weights.input!, 2);
    assert.equal(weights.input!.length, 8);
    const h = [f!, m!, drama!, drama!.map((value, at) => value + war![at]!), [0, 0]];
    const expected = each(
      sum,
      product(
        weighted((v) => 1 / degree(v)),
        product(h, matrixOf(weights["w.0"]!, 2)),
      ),
      product(h, matrixOf(weights["b.0"]!, 2)),
    );
    assertSame(vectorsOf(await finished(gcn, settings, known, weights)), expected);
  });
});

describe("GAT", () => {
  it("is a softmax over the neighbours and the node itself, for each head", async () => {
    const settings = gat.hyperparameters.parse({ ...plain, width: 4, hidden: 4, heads: 2 });
    const weights = weightsOf(gat, settings, data);
    let h = matrixOf(weights.input!, 4);
    for (let k = 0; k < 2; k++) {
      const said = product(h, matrixOf(weights[`w.${k}`]!, 4));
      const a = weights[`a.${k}`]!;
      h = said.map((own, v) => {
        const out = [0, 0, 0, 0];
        for (const head of [0, 1]) {
          const columns = [2 * head, 2 * head + 1];
          const near = [v, ...neighbours[v]!];
          const powers = near.map((u) =>
            Math.exp(
              leaky(columns.reduce((e, c) => e + a[c]! * said[u]![c]! + a[4 + c]! * own[c]!, 0)),
            ),
          );
          const total = powers.reduce(sum);
          near.forEach((u, n) => {
            for (const c of columns) out[c]! += (powers[n]! / total) * said[u]![c]!;
          });
        }
        return k === 0 ? out.map((x) => Math.max(0, x)) : out;
      });
    }
    assertSame(vectorsOf(await finished(gat, settings, data, weights)), h);
  });

  it("refuses heads that do not divide a width", () => {
    const settings = gat.hyperparameters.parse({ heads: 3 });
    assert.throws(() => gat.parameters(settings, data), {
      code: "heads",
      message: /3 heads do not divide hidden=128/,
    });
  });
});

const networks: readonly (readonly [PairDefinition, Hyperparameters])[] = [
  [ngcf, { width: 4, layers: 2, nodeDropout: 0, messageDropout: 0, l2: 0.1 }],
  [gcn, { width: 4, layers: 2, hidden: 8, negativeCount: 1, l2: 0.1 }],
  [gat, { width: 4, layers: 2, hidden: 8, heads: 2, negativeCount: 1, l2: 0.1 }],
];

for (const [definition, raw] of networks) {
  const settings = definition.hyperparameters.parse(raw);
  describe(`${definition.title} on a larger graph`, () => {
    const larger = dataOf(randomGraph(13, 17, 0.25, 3));
    let device: Device;
    before(async () => {
      device = await createCpuDevice({ threads: 2 });
    });
    after(() => device.close());

    it("has the gradients that finite differences show", async () => {
      const start = (name: string, size: number) => {
        const random = new RandomStream(3, name);
        return Array.from({ length: size }, () => random.normal());
      };
      await checkGradients(device, definition, settings, start, 1 / 256);
    });

    it("gives the same loss and gradients from the batch's rows alone as from all", async () => {
      const weights = weightsOf(definition, settings, larger);
      const run = (batchSize: number) =>
        lossOf(device, definition, settings, larger, weights, batchSize);
      const [part, whole] = [await run(3), await run(100)];
      assertClose([part.loss], [whole.loss], 1e-5, "loss");
      for (const [name, gradient] of Object.entries(whole.gradients)) {
        assert.ok(gradient.some((slope) => slope !== 0));
        assertClose(part.gradients[name]!, gradient, 2e-4, name);
      }
    });

    it("folds a user in as it has them, where a stranger's start is the user's own", async () => {
      const weights = weightsOf(definition, settings, larger);
      const { graph } = larger;
      // NGCF's strangers start from zero, the others' from the users' mean.
      const start = weights.embedding ?? weights.input!;
      const width = start.length / graph.nodeCount;
      for (let user = 0; user < graph.userCount; user++) {
        for (let c = 0; c < width; c++) start[user * width + c] = weights.embedding ? 0 : 0.3 * c;
      }
      const fitted = await finished(definition, settings, larger, weights);
      const folded = await fitted.foldIn(graph.userItems);
      assertClose(folded!, fitted.embeddings!.users, 2e-5, "users");
    });
  });
}
