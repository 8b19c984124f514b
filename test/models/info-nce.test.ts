/** The contrast and the penalty of SimGCL and XSimGCL, beside plain loops in double precision. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { Tape } from "../../src/engine/tape.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { ContrastGraph, contrastSchema } from "../../src/models/graph-contrast.ts";
import { simgcl } from "../../src/models/simgcl.ts";
import { xsimgcl } from "../../src/models/xsimgcl.ts";
import { deviceOptions, waiting, withDevice } from "../engine/devices.ts";
import { assertClose } from "../engine/numbers.ts";

/** What each of three users likes, of four items. */
const liked = [[0, 1], [1, 2, 3], [3]];
const userCount = liked.length;
const graph = buildGraph(
  {
    users: Int32Array.from(liked.flatMap((items, user) => items.map(() => user))),
    items: Int32Array.from(liked.flat()),
    values: null,
    times: null,
  },
  userCount,
  4,
);
const data = { graph, itemFeatures: {}, userFeatures: {} };
const embedding = [1, 2, -1, 0.5, 0.25, 3, 2, -2, 1, 1, -0.5, 1.5, 3, 0.5];

/** e^(1), e^(2), … of all nodes, users first: Ã has 1/√(|N_u|·|N_i|) at each liked pair. */
function layers(count: number): number[][][] {
  const pairs = liked.flatMap((items, user) => items.map((item) => [user, userCount + item]));
  const degree = (node: number) => pairs.filter((pair) => pair.includes(node)).length;
  const table = Array.from({ length: 7 }, (_, node) => embedding.slice(2 * node, 2 * node + 2));
  const found = [table];
  for (let k = 1; k <= count; k++) {
    const before = found[k - 1]!;
    const next = before.map(() => [0, 0]);
    for (const [user, item] of pairs as [number, number][]) {
      const weight = 1 / Math.sqrt(degree(user) * degree(item));
      for (const [to, from] of [
        [user, item],
        [item, user],
      ] as const) {
        next[to] = next[to]!.map((sum, c) => sum + weight * before[from]![c]!);
      }
    }
    found.push(next);
  }
  return found.slice(1);
}

const meanOf = (tables: readonly number[][][]) =>
  tables[0]!.map((row, node) =>
    row.map((_, c) => tables.reduce((sum, table) => sum + table[node]![c]!, 0) / tables.length),
  );

/** mean_i −ln( e^(a_i·b_i/τ) / Σ_j e^(a_i·b_j/τ) ) over the nodes, vectors of length 1 */
function infoNce(a: number[][], b: number[][], nodes: readonly number[], temperature: number) {
  const cosine = (i: number, j: number) => {
    const [x, y] = [a[i]!, b[j]!];
    return (x[0]! * y[0]! + x[1]! * y[1]!) / (Math.hypot(...x) * Math.hypot(...y));
  };
  const losses = nodes.map((i) => {
    const others = nodes.map((j) => Math.exp(cosine(i, j) / temperature));
    return Math.log(others.reduce((x, y) => x + y)) - cosine(i, i) / temperature;
  });
  return losses.reduce((x, y) => x + y) / nodes.length;
}

const [temperature, weight] = [0.7, 0.3];
const [first, second] = layers(2) as [number[][], number[][]];
const final = meanOf([first, second]);
const views = [
  [simgcl, {}, final, final],
  [xsimgcl, { contrastLayer: 1 }, final, first],
  [xsimgcl, { contrastLayer: 2 }, final, second],
] as const;

// One batch holds nodes twice and not all of them; the other draws more negatives than there are items.
const batches = [
  { users: [0, 1, 0, 1, 1], positives: [0, 1, 1, 3, 2], drawn: 1 },
  { users: [2, 1], positives: [3, 3], drawn: 3 },
];

for (const options of deviceOptions) {
  describe(`the contrast of two views with ${JSON.stringify(options)}`, () => {
    for (const [model, more, a, b] of views) {
      for (const { users, positives, drawn } of batches) {
        const name = `${model.name} ${JSON.stringify(more)}: each of the nodes once, users ${users}`;
        const check = (deviceOf: (device: Device) => Device) => () =>
          withDevice(options, async (started) => {
            const device = deviceOf(started);
            const hyperparameters = model.hyperparameters.parse({
              ...{ width: 2, layers: 2, noise: 0, negativeCount: drawn },
              ...{ contrastWeight: weight, contrastTemperature: temperature, ...more },
              ...{ l2: 0.2, penalty: "norm" },
            });
            // A last batch may be smaller than the others.
            const context = { ...data, device, batchSize: 6, seed: 1 };
            const built = model.build(hyperparameters, context);
            const index = (numbers: readonly number[]) =>
              device.upload([numbers.length], Int32Array.from(numbers));
            const [, termsOfBatch] = [0, 1].map((draw) => {
              // The second step finds what the first one left.
              const tape = new Tape(device, {});
              const table = tape.constant(device.upload([7, 2], Float32Array.from(embedding)));
              const negatives = positives.flatMap(() => Array.from({ length: drawn }, () => 0));
              const batch = {
                users: index(draw === 0 ? [0, 1, 2] : users),
                positives: index(draw === 0 ? [2, 1, 0] : positives),
                negatives: {
                  ...index(draw === 0 ? Array.from({ length: 3 * drawn }, () => 1) : negatives),
                  shape: [draw === 0 ? 3 : users.length, drawn],
                },
                ...{ values: null, draw },
              };
              const terms = built.loss(
                tape,
                { embedding: table },
                batch,
                (scores) => scores.positives,
              );
              built.endStep?.();
              return terms;
            });
            const distinct = (nodes: readonly number[]) => [...new Set(nodes)];
            const ofUsers = infoNce(a, b, distinct(users), temperature);
            const items = distinct(positives).map((item) => userCount + item);
            const expected = weight * (ofUsers + infoNce(a, b, items, temperature));
            const [, contrast, penalty] = termsOfBatch!;
            assertClose(await readFloats(device, contrast!.value), [expected], 1e-5);
            const normOf = (nodes: readonly number[]) =>
              Math.hypot(...nodes.flatMap((node) => final[node]!));
            const norms = normOf(users) + normOf(positives.map((item) => userCount + item));
            assertClose(await readFloats(device, penalty!.value), [0.2 * norms], 1e-5);
          });
        it(
          name,
          check((device) => device),
        );
        it(`${name}, where counts are not known at once`, check(waiting));
      }
    }
  });
}

it("SimGCL's two views have noises of their own", async () => {
  await withDevice({ threads: 1 }, async (device) => {
    const settings = { width: 2, layers: 2, noise: 0.5, contrastWeight: weight };
    const context = { ...data, device, batchSize: 3, seed: 1 };
    const index = (numbers: readonly number[]) =>
      device.upload([numbers.length], Int32Array.from(numbers));
    const tape = new Tape(device, {});
    const table = tape.constant(device.upload([7, 2], Float32Array.from(embedding)));
    const batch = {
      ...{ users: index([0, 1, 0]), positives: index([0, 1, 1]) },
      ...{ negatives: { ...index([2, 2, 2]), shape: [3, 1] }, values: null, draw: 4 },
    };
    const model = simgcl.build(
      simgcl.hyperparameters.parse({ ...settings, contrastTemperature: temperature }),
      context,
    );
    const [, contrast] = model.loss(
      tape,
      { embedding: table },
      batch,
      (scores) => scores.positives,
    );
    // A loss over all items has no batch's rows: every row of a view is valid.
    const everyRow = contrastSchema.parse({ ...settings, loss: "multinomial" });
    const views = new ContrastGraph(everyRow, context);
    const viewOf = async (name: string) => {
      const { mean } = views.perturbed(views.firstLayer(table.value), name, batch.draw, null);
      const rows = [...(await readFloats(device, mean))];
      return Array.from({ length: 7 }, (_, node) => rows.slice(2 * node, 2 * node + 2));
    };
    const [a, b] = [await viewOf("first view"), await viewOf("second view")];
    assert.notDeepEqual(a, b);
    const sides = [
      [0, 1],
      [userCount, userCount + 1],
    ].map((nodes) => infoNce(a, b, nodes, temperature));
    assertClose(
      await readFloats(device, contrast!.value),
      [weight * (sides[0]! + sides[1]!)],
      1e-5,
    );
  });
});
