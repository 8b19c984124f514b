import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rowsByUser } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { readFloats } from "../../src/engine/device.ts";
import { Blend } from "../../src/models/blend.ts";
import { rank } from "../../src/models/rank.ts";
import type { Audience, Recommender } from "../../src/models/recommender.ts";
import { findCard, findModel } from "../../src/models/registry.ts";
import { scoredRecommender } from "../../src/models/scored-recommender.ts";
import { fitModel } from "../../src/training/fit.ts";
import { assertClose } from "../engine/numbers.ts";
import { quickSettings } from "./quick-settings.ts";
import { splitOf, tasteWorld, trainingContext } from "./small-world.ts";

/** The same three scores for everybody. */
function always(scores: readonly number[]): Recommender {
  const write = (_: unknown, out: Float32Array) => out.set(scores);
  const sizes = { userCount: 2, itemCount: 3, save: () => ({}) };
  return scoredRecommender({ ...sizes, scoreUser: write, scoreHistory: write });
}

const world = tasteWorld(40, 30, 6);
const split = splitOf(world);
const everyone: Audience = { users: Int32Array.from({ length: 40 }, (_, user) => user) };
const strangers: Audience = {
  histories: { indptr: Int32Array.of(0, 2, 2, 5), indices: Int32Array.of(3, 4, 1, 7, 11) },
};

async function fitted(name: string): Promise<Recommender> {
  const definition = findModel(name);
  const settings = definition.hyperparameters.parse(quickSettings[definition.name] ?? {});
  return (await fitModel(definition, settings, trainingContext(world, split))).recommender;
}

describe("blend", () => {
  it("ranks many strangers where a part folds them in on the device that ranks", async () => {
    const blend = new Blend([
      { recommender: await fitted("als"), weight: 1 },
      { recommender: await fitted("ease"), weight: 1 },
    ]);
    const histories = rowsByUser(world.interactions, 40);
    const lists = await rank(blend, { histories }, 5, histories);
    const scores = await blend.scoreHistories(histories);
    for (let person = 0; person < 40; person++) {
      const [first, score] = [lists.items[person * 5]!, lists.scores[person * 5]!];
      assertClose([scores[person * 30 + first]!], [score], 1e-4);
    }
  });

  it("adds up standardised scores, by hand", async () => {
    const blend = new Blend([
      { recommender: always([1, 2, 3]), weight: 1 },
      { recommender: always([10, 0, 5]), weight: 2 },
      { recommender: always([7, 7, 7]), weight: 5 },
    ]);
    // Around their means −1 0 1 with deviation √(2/3), and 5 −5 0 with √(50/3); the third says nothing.
    const x = Math.sqrt(3 / 2);
    const expected = [-x + 2 * x, -2 * x, x];
    assertClose(await blend.scoreUsers(Int32Array.of(1)), expected, 1e-6);
    const twice = { indptr: Int32Array.of(0, 0, 1), indices: Int32Array.of(2) };
    assertClose(await blend.scoreHistories(twice), [...expected, ...expected], 1e-6);
    assert.equal(blend.foldIn(), null);
    assert.equal(blend.explain(), null);
  });

  for (const threads of [1, 2]) {
    it(`scores blocks on a device as it scores one by one, ${threads} threads`, async () => {
      const names = ["gf-cf", "bpr", "ease", "bspm"];
      const parts = await Promise.all(names.map(fitted));
      const blend = new Blend(parts.map((recommender, at) => ({ recommender, weight: 1 + at })));
      const device = await createCpuDevice({ threads });
      const scorer = await blend.blockScorer!(device);
      assert.equal(scorer.blockSize, 64, "the smallest of its parts'");
      for (const audience of [everyone, strangers]) {
        const one =
          "users" in audience
            ? await blend.scoreUsers(audience.users)
            : await blend.scoreHistories(audience.histories);
        const out = device.allocate([one.length / 30, 30]);
        await scorer.score(out, audience);
        assertClose(await readFloats(device, out), one, 1e-4);
      }
      await device.close();
    });
  }

  it("ranks people with a network among its models, which cannot be laid out", async () => {
    const parts = await Promise.all(["neumf", "gf-cf"].map(fitted));
    const blend = new Blend(parts.map((recommender) => ({ recommender, weight: 1 })));
    assert.equal(blend.blockScorer, undefined);
    const seen = rowsByUser(world.interactions, 40);
    const lists = await rank(blend, everyone, 5, seen);
    const scores = await blend.scoreUsers(everyone.users);
    for (let user = 0; user < 40; user++) {
      const known = new Set(seen.indices.subarray(seen.indptr[user], seen.indptr[user + 1]));
      const row = scores.subarray(user * 30, (user + 1) * 30);
      const best = [...row.keys()]
        .filter((item) => !known.has(item))
        .sort((a, b) => row[b]! - row[a]! || a - b);
      assert.deepEqual([...lists.items.subarray(user * 5, user * 5 + 5)], best.slice(0, 5));
    }
  });

  it("comes back from its tensors and its parts' settings", async () => {
    const names = ["bpr", "gf-cf"];
    const parts = await Promise.all(names.map(fitted));
    const weights = [0.5, 2];
    const blend = new Blend(
      parts.map((recommender, at) => ({ recommender, weight: weights[at]! })),
    );
    const described = names.map((model, at) => {
      const definition = findModel(model);
      const hyperparameters = definition.hyperparameters.parse(
        quickSettings[definition.name] ?? {},
      );
      return { model, weight: weights[at], hyperparameters, seed: 1, validation: 0 };
    });
    const again = findCard("blend").load(
      blend.save(),
      { parts: described },
      { userCount: 40, itemCount: 30, seen: rowsByUser(split.train, 40) },
    );
    const { users } = everyone;
    assertClose(await again.scoreUsers(users), await blend.scoreUsers(users), 1e-6);
    assert.throws(() => findCard("blend").hyperparameters.parse({ parts: described.slice(1) }));
  });
});
