import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { compressRows, type Rows } from "../../src/data/interactions.ts";
import { EmbeddingRecommender } from "../../src/models/embedding-recommender.ts";
import { PrunedRanking } from "../../src/models/pruned-ranking.ts";
import { rank } from "../../src/models/rank.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";

const [items, users, width, k] = [9000, 6, 5, 20];

/** A recommender of vectors that fall in length, and what each user has seen. */
function world(value: (random: RandomStream) => number) {
  const random = new RandomStream(4, "pruned ranking test");
  const vectors = (rows: number, length: (row: number) => number) =>
    Float32Array.from({ length: rows * width }, (_, at) =>
      Math.fround(value(random) * length(Math.floor(at / width))),
    );
  const embeddings = {
    width,
    users: vectors(users, () => 1),
    items: vectors(items, (row) => (row % 7 === 3 ? 4 : 1)),
  };
  const foldIn = {
    explanationBasis: null,
    vectors: () => new Float32Array(width),
    contributions: () => null,
    save: () => ({}),
  };
  const pairs = Array.from({ length: 4000 }, () => [random.below(users - 1), random.below(items)]);
  // The last user has seen all but three items.
  for (let item = 3; item < items; item++) pairs.push([users - 1, item]);
  const masked = compressRows(
    Int32Array.from(pairs, ([user]) => user!),
    Int32Array.from(pairs, ([, item]) => item!),
    users,
  );
  return { recommender: new EmbeddingRecommender(embeddings, foldIn), masked };
}

const only = ({ indptr, indices }: Rows, user: number): Rows => {
  const row = indices.slice(indptr[user], indptr[user + 1]);
  return { indptr: Int32Array.of(0, row.length), indices: row };
};

for (const options of deviceOptions) {
  describe(`pruned ranking with ${JSON.stringify(options)}`, () => {
    for (const [name, value] of Object.entries({
      "small whole numbers, full of ties": (random: RandomStream) => random.below(5) - 2,
      "any numbers": (random: RandomStream) => random.normal(),
    })) {
      it(`gives the lists that scoring everything gives: ${name}`, async () => {
        const { recommender, masked } = world(value);
        await withDevice(options, async (device) => {
          const pruned = new PrunedRanking(recommender.embeddings);
          await pruned.prepare();
          for (let user = 0; user < users; user++) {
            const query = recommender.embeddings.users.subarray(user * width, (user + 1) * width);
            for (const hidden of [null, only(masked, user)]) {
              const found = await pruned.rank(query, k, hidden, device);
              const audience = { users: Int32Array.of(user) };
              const expected = await rank(recommender, audience, k, hidden, null, device);
              assert.deepEqual(found, expected);
            }
          }
        });
      });
    }
  });
}

describe("whether pruning pays", () => {
  it("not for many people, not for few items, not at once", async () => {
    const { recommender } = world((random) => random.normal());
    const pruned = new PrunedRanking(recommender.embeddings);
    assert.ok(!pruned.pays(1, k));
    for (let turn = 0; turn < 1000 && !pruned.pays(1, k); turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(pruned.pays(1, k));
    assert.ok(!pruned.pays(100, k));
    const few = new PrunedRanking({ width, items: recommender.embeddings.items.slice(0, 50) });
    for (let turn = 0; turn < 50; turn++) assert.ok(!few.pays(1, k));
  });

  it("not any more where searches looked at most items", async () => {
    const random = new RandomStream(5, "pruned ranking test");
    const same = Float32Array.from({ length: items * width }, () => (random.below(2) ? 1 : -1));
    const pruned = new PrunedRanking({ width, items: same });
    await pruned.prepare();
    assert.ok(pruned.pays(1, k));
    await withDevice({ threads: 1 }, (device) =>
      pruned.rank(Float32Array.of(1, 0.5, 0.25, 0.125, 1), k, null, device),
    );
    assert.ok(!pruned.pays(1, k));
  });
});
