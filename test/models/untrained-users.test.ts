/** Users without training interactions, as held-out users are, count in no sum and in no mean. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  compressRows,
  type Dataset,
  trainedUsers,
  Vocabulary,
} from "../../src/data/interactions.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { cdae } from "../../src/models/cdae.ts";
import { gat } from "../../src/models/gat.ts";
import { gcn } from "../../src/models/gcn.ts";
import type { Hyperparameters } from "../../src/models/recommender.ts";
import { findModel, models } from "../../src/models/registry.ts";
import { UserNeighbours } from "../../src/models/user-neighbours.ts";
import { fitModel } from "../../src/training/fit.ts";
import { withDevice } from "../engine/devices.ts";
import { dataOf, finished, weightsOf } from "./network-world.ts";
import { quickSettings } from "./quick-settings.ts";
import { splitOf, tasteWorld, trainingContext } from "./small-world.ts";

const [userCount, itemCount] = [40, 24];
const world = tasteWorld(userCount, itemCount, 6);
const rated: Dataset = {
  ...world,
  interactions: {
    ...world.interactions,
    values: Float32Array.from(world.interactions.users.keys(), (at) => 1 + (at % 5)),
  },
};

/** The same interactions, and as many users again who have none. */
const withOthers = (dataset: Dataset): Dataset => ({
  ...dataset,
  users: new Vocabulary([...dataset.users.ids, ...dataset.users.ids.map((id) => `other ${id}`)]),
});

/** One with an item that many like, one with a rare one, one with nothing. */
const strangers = compressRows(Int32Array.of(0, 0, 0, 1, 1), Int32Array.of(0, 1, 5, 23, 22), 3);
const everyone = Int32Array.from({ length: userCount }, (_, user) => user);

async function scoresOf(name: string, settings: Hyperparameters, dataset: Dataset) {
  const model = findModel(name);
  const context = trainingContext(dataset, splitOf(dataset));
  const { recommender } = await fitModel(model, model.hyperparameters.parse(settings), context);
  return [
    ...(await recommender.scoreUsers(everyone)),
    ...(await recommender.scoreHistories(strangers)),
  ];
}

/** Beside every model's quick settings, those whose formulas count users. */
const cases: readonly (readonly [string, Hyperparameters, Dataset?])[] = [
  ...models
    .filter(({ kind, name }) => kind === "closed-form" && name !== "random")
    .map(({ name }) => [name, quickSettings[name] ?? {}] as const),
  ["slim", { alpha: 0.02, l1Ratio: 0.5, nonNegative: false }],
  ["item-knn", { neighbours: 5, similarity: "pearson" }],
  ["item-knn", { neighbours: 5, means: true, normalise: true }],
  ["user-knn", { neighbours: 5, weighting: "tf-idf" }],
  // Without shrinkage the lengths of cosines cancel bm25's factor, and the mean length with it.
  ["user-knn", { neighbours: 5, similarity: "pearson", weighting: "bm25", shrinkage: 3 }],
  ["als", { width: 4, iterations: 1, unobservedWeight: 1, regularisationExponent: 0 }],
  ["als", { width: 4, solver: "cg", regularisationExponent: 0.5 }],
  ["als", { width: 4, feedback: "explicit" }, rated],
];

describe("users without training interactions", () => {
  it("are those whose row is empty", () => {
    const rows = compressRows(Int32Array.of(3, 1, 1), Int32Array.of(0, 2, 0), 5);
    assert.deepEqual([...trainedUsers(rows)], [1, 3]);
  });

  for (const [name, settings, dataset = world] of cases) {
    it(`change nothing for the others: ${name} ${JSON.stringify(settings)}`, async () => {
      const alone = await scoresOf(name, settings, dataset);
      const among = await scoresOf(name, settings, withOthers(dataset));
      assert.equal(among.length, alone.length);
      // Kernels may cut longer tables at other places, and sums end in other last bits.
      alone.forEach((score, at) => {
        assert.ok(Math.abs(among[at]! - score) <= 1e-5 * (1 + Math.abs(score)));
      });
    });
  }

  // User 1 of three has nothing.
  const graph = buildGraph(
    { users: Int32Array.of(0, 2, 2), items: Int32Array.of(0, 0, 1), values: null, times: null },
    3,
    3,
  );
  const data = dataOf(graph);
  const table = [1, 2, 90, 90, 3, 4];

  for (const model of [gcn, gat]) {
    it(`are not in the mean from which a stranger of ${model.title} starts`, async () => {
      const settings = model.hyperparameters.parse({
        ...{ inputs: "ids", hidden: 2, width: 2, layers: 1, heads: 1 },
      });
      const weights = weightsOf(model, settings, data);
      weights.input!.set(table);
      const { "user.mean": mean } = (await finished(model, settings, data, weights)).save();
      assert.deepEqual([...mean!.data], [2, 3]);
    });
  }

  it("are not in the mean that a stranger of CDAE has for a node", () =>
    withDevice({ threads: 1 }, async (device) => {
      const settings = cdae.hyperparameters.parse({ width: 2 });
      const model = cdae.build(settings, { ...data, device, batchSize: 3, seed: 1 });
      const tensors = Object.fromEntries(
        Object.entries(cdae.parameters(settings, data)).map(([name, { shape }]) => [
          name,
          device.allocate(shape),
        ]),
      );
      device.write(tensors["user.nodes"]!, Float32Array.from(table));
      const { "stranger.node": node } = (await model.finish(tensors)).save();
      assert.deepEqual([...node!.data], [2, 3]);
    }));

  it("are no neighbours of somebody like nobody", () => {
    const { users, weights, overlaps } = new UserNeighbours(graph.userItems, 3, 2).of(
      Int32Array.of(2),
    );
    assert.deepEqual(
      [[...users], [...weights], [...overlaps]],
      [
        [0, 2],
        [0.5, 0.5],
        [0, 0],
      ],
    );
  });
});
