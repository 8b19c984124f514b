/** What every model must do, whatever its mathematics. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  compressRows,
  type Dataset,
  type Rows,
  rowsByUser,
  selectInteractions,
} from "../../src/data/interactions.ts";
import type { ModelDefinition } from "../../src/models/gradient.ts";
import { rank } from "../../src/models/rank.ts";
import type { Hyperparameters, Recommender } from "../../src/models/recommender.ts";
import { findModel, models } from "../../src/models/registry.ts";
import { fitModel } from "../../src/training/fit.ts";
import { quickSettings } from "./quick-settings.ts";
import {
  type Checkerboard,
  checkerboard,
  splitOf,
  tasteWorld,
  trainingContext,
  withRatingsAndFeatures,
} from "./small-world.ts";

/** Models without a taste cannot learn a checkerboard. */
const tasteless = ["popularity", "random"];

async function fit(
  model: ModelDefinition,
  settings: Hyperparameters,
  dataset: Dataset,
  threads = 1,
): Promise<Recommender> {
  const context = trainingContext(dataset, splitOf(dataset), { threads });
  return (await fitModel(model, settings, context)).recommender;
}

function histories(dataset: Dataset, users: readonly number[]) {
  const rows = rowsByUser(dataset.interactions, dataset.users.size);
  const items = users.map((user) =>
    rows.indices.subarray(rows.indptr[user]!, rows.indptr[user + 1]!),
  );
  return compressRows(
    Int32Array.from(items.flatMap((row, at) => [...row].map(() => at))),
    Int32Array.from(items.flatMap((row) => [...row])),
    users.length,
  );
}

function close(found: Float32Array, expected: Float32Array, tolerance: number): void {
  assert.equal(found.length, expected.length);
  found.forEach((value, at) => {
    const bound = tolerance * (1 + Math.abs(expected[at]!));
    assert.ok(Math.abs(value - expected[at]!) <= bound, `${value} against ${expected[at]}`);
  });
}

/** Histories name what people like: of ratings, the good ones. */
function liked({ interactions, users }: Dataset): Rows {
  const positions = Int32Array.from(interactions.users.keys());
  const isLiked = (at: number) => !interactions.values || interactions.values[at]! > 3;
  return rowsByUser(selectInteractions(interactions, positions.filter(isLiked)), users.size);
}

interface Case {
  readonly name: string;
  readonly model: ModelDefinition;
  /** What differs from the quick settings. */
  readonly settings: Hyperparameters;
  readonly world: Dataset;
  readonly board: Checkerboard;
}

const plainWorld = tasteWorld(60, 48, 9);
const describedWorld = withRatingsAndFeatures(plainWorld, 4);

function described({ dataset, missing }: Checkerboard): Checkerboard {
  return { dataset: withRatingsAndFeatures(dataset, 2), missing };
}

/** To a model of ratings good and bad are different; to the others every pair is a like. */
const ratedBoard = described(checkerboard(16, true));
const likedBoard = described(checkerboard(16));

/** Models that do something else where there are ratings or features, as MovieLens has them. */
const special: readonly Omit<Case, "world">[] = [
  {
    name: "mf of ratings",
    model: findModel("mf"),
    settings: { targets: "ratings", negativeCount: 0, l2: 0.2 },
    board: ratedBoard,
  },
  {
    name: "als of ratings",
    model: findModel("als"),
    // With a light penalty two factors can fit this board's ratings in a way that misses the colours.
    settings: { feedback: "explicit", regularisation: 0.2 },
    board: ratedBoard,
  },
  { name: "gcn with features", model: findModel("gcn"), settings: {}, board: likedBoard },
  { name: "gat with features", model: findModel("gat"), settings: {}, board: likedBoard },
];

/** Ratings and features, as MovieLens has them, for all; those that read them train without, too. */
const worldOf = (model: ModelDefinition) =>
  special.some((one) => one.model === model) ? plainWorld : describedWorld;

const cases: readonly Case[] = [
  ...models.map((model) => ({
    ...{ name: model.name, model, settings: {} },
    ...{ world: worldOf(model), board: checkerboard(16) },
  })),
  ...special.map((one) => ({ ...one, world: describedWorld })),
];

const users = Int32Array.from([3, 0, 59, 17]);

for (const { name, model, settings: given, world, board } of cases) {
  describe(`model ${name}`, () => {
    const settings = model.hyperparameters.parse({ ...quickSettings[model.name], ...given });
    let fitted: Promise<Recommender> | null = null;
    const recommender = () => {
      fitted ??= fit(model, settings, world);
      return fitted;
    };

    it("describes itself and every hyperparameter, all with defaults", () => {
      assert.match(model.name, /^[a-z][a-z0-9-]*$/);
      assert.ok(model.title && model.summary);
      model.hyperparameters.parse({});
      for (const [name, field] of Object.entries(model.hyperparameters.shape)) {
        assert.ok(field.description, `${model.name}.${name} has no description`);
      }
    });

    it("scores all items finitely for known users and for histories", async () => {
      const fitted = await recommender();
      for (const scores of [
        await fitted.scoreUsers(users),
        await fitted.scoreHistories(histories(world, [...users])),
      ]) {
        assert.equal(scores.length, users.length * world.items.size);
        assert.ok(scores.every(Number.isFinite));
      }
    });

    it("never ranks a seen item, and ranks each other item at most once", async () => {
      const seen = rowsByUser(world.interactions, world.users.size);
      const everyone = Int32Array.from({ length: world.users.size }, (_, user) => user);
      const k = world.items.size;
      const lists = await rank(await recommender(), { users: everyone }, k, seen);
      for (const user of everyone) {
        const row = [...lists.items.subarray(user * k, (user + 1) * k)].filter((item) => item >= 0);
        const hidden = seen.indices.subarray(seen.indptr[user]!, seen.indptr[user + 1]!);
        assert.equal(new Set([...row, ...hidden]).size, row.length + hidden.length);
        assert.equal(row.length + hidden.length, k);
      }
    });

    it("ranks in the order of its own scores", async () => {
      const fitted = await recommender();
      const lists = await rank(fitted, { users }, 10, null);
      const scores = await fitted.scoreUsers(users);
      users.forEach((_, row) => {
        const line = scores.subarray(row * world.items.size, (row + 1) * world.items.size);
        const tenth = Float32Array.from(line).sort().at(-10)!;
        for (let at = 0; at < 10; at++) {
          const item = lists.items[row * 10 + at]!;
          assert.ok(line[item]! >= tenth - 1e-4 * (1 + Math.abs(tenth)));
        }
      });
    });

    it("answers a batch as it answers one by one", async () => {
      const fitted = await recommender();
      const batch = await fitted.scoreUsers(users);
      const folded = await fitted.scoreHistories(histories(world, [...users]));
      for (const [row, user] of users.entries()) {
        const place = [row * world.items.size, (row + 1) * world.items.size] as const;
        close(await fitted.scoreUsers(Int32Array.of(user)), batch.subarray(...place), 0);
        const alone = await fitted.scoreHistories(histories(world, [user]));
        close(alone, folded.subarray(...place), 0);
      }
    });

    it("refuses users and items that it does not know", async () => {
      const fitted = await recommender();
      await assert.rejects(fitted.scoreUsers(Int32Array.of(world.users.size)), /outside/);
      await assert.rejects(fitted.scoreUsers(Int32Array.of(-1)), /outside/);
      const stranger = {
        indptr: Int32Array.of(0, 1),
        indices: Int32Array.of(world.items.size),
      };
      await assert.rejects(fitted.scoreHistories(stranger), /outside/);
    });

    it("folds in with vectors that make the same scores", async () => {
      const fitted = await recommender();
      const rows = histories(world, [5, 6]);
      const vectors = await fitted.foldIn(rows);
      assert.equal(vectors === null, fitted.embeddings === null);
      if (!vectors || !fitted.embeddings) return;
      const { width, items } = fitted.embeddings;
      const scores = await fitted.scoreHistories(rows);
      for (const at of [0, 11, world.items.size + 7]) {
        const row = Math.floor(at / world.items.size);
        const item = at % world.items.size;
        let expected = 0;
        for (let c = 0; c < width; c++)
          expected += vectors[row * width + c]! * items[item * width + c]!;
        assert.ok(Math.abs(scores[at]! - expected) < 1e-4);
      }
    });

    it("explains a folded-in score by parts that sum to it", async () => {
      const fitted = await recommender();
      const rows = histories(world, [8]);
      const scores = await fitted.scoreHistories(rows);
      for (const item of [0, 20, 47]) {
        const parts = await fitted.explain(rows.indices, item);
        assert.equal(parts === null, fitted.explanationBasis === null);
        if (parts === null) return;
        assert.equal(parts.length, rows.indices.length);
        const sum = parts.reduce((total, part) => total + part, 0);
        assert.ok(Math.abs(sum - scores[item]!) < 1e-4 * (1 + Math.abs(sum)));
      }
    });

    it("explains a trained user by summands where it says so", async () => {
      const fitted = await recommender();
      if (fitted.explanationBasis !== "item-weights") return;
      const scores = await fitted.scoreUsers(Int32Array.of(8));
      const nothing = { indptr: Int32Array.of(0, 0), indices: new Int32Array(0) };
      const bias = await fitted.scoreHistories(nothing);
      for (const item of [0, 20, 47]) {
        const parts = (await fitted.explain(histories(world, [8]).indices, item))!;
        const sum = parts.reduce((total, part) => total + part, bias[item]!);
        assert.ok(Math.abs(sum - scores[item]!) < 1e-4 * (1 + Math.abs(sum)));
      }
    });

    it("comes back from what it saves, bit for bit", async () => {
      const fitted = await recommender();
      const loaded = model.load(structuredClone(fitted.save()), settings, {
        userCount: world.users.size,
        itemCount: world.items.size,
        seen: rowsByUser(world.interactions, world.users.size),
      });
      assert.deepEqual(await loaded.scoreUsers(users), await fitted.scoreUsers(users));
      const rows = histories(world, [...users]);
      assert.deepEqual(await loaded.scoreHistories(rows), await fitted.scoreHistories(rows));
    });

    it("is the same for the same seed, on 1, 2 and 3 threads", async () => {
      const expected = (await recommender()).save();
      for (const threads of [1, 2, 3]) {
        assert.deepEqual((await fit(model, settings, world, threads)).save(), expected);
      }
    });

    if (!tasteless.includes(model.name)) {
      it("learns a checkerboard: the missing square is found for users and for strangers", async () => {
        const { dataset, missing } = board;
        const fitted = await fit(model, settings, dataset);
        const seen = rowsByUser(dataset.interactions, dataset.users.size);
        const everyone = Int32Array.from(missing.keys());
        for (const audience of [{ users: everyone }, { histories: liked(dataset) }]) {
          const lists = await rank(fitted, audience, 1, seen);
          assert.deepEqual([...lists.items], [...missing]);
        }
      });
    }
  });
}
