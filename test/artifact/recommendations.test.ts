import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RecommendationSource } from "../../src/artifact/recommendation-source.ts";
import {
  type RankedBlock,
  recommendFromHistory,
  recommendToAll,
  recommendToUser,
  routingOfHistory,
  routingOfUser,
} from "../../src/artifact/recommendations.ts";
import { findItem, similarItems } from "../../src/artifact/similar.ts";
import { BadInputError, StoppedError } from "../../src/base/errors.ts";
import { compressRows, type Rows, Vocabulary } from "../../src/data/interactions.ts";
import { scoredRecommender } from "../../src/models/scored-recommender.ts";

const rows = (pairs: readonly (readonly [number, number])[], count: number) =>
  compressRows(
    Int32Array.from(pairs, ([row]) => row),
    Int32Array.from(pairs, ([, column]) => column),
    count,
  );

/**
 * Four users, five items. Known user u scores item i with 10·u + i; a history scores item i with
 * its own length × i, and history item h carries 3 − |h − i| of it.
 */
function smallSource(): RecommendationSource {
  const trained: [number, number][] = [
    [0, 4],
    [0, 3],
    [1, 4],
    [2, 0],
    [2, 1],
    [2, 2],
    [2, 3],
  ];
  return {
    recommender: scoredRecommender({
      userCount: 4,
      itemCount: 5,
      scoreUser: (user, scores) =>
        scores.forEach((_, item) => {
          scores[item] = 10 * user + item;
        }),
      scoreHistory: (history, scores) =>
        scores.forEach((_, item) => {
          scores[item] = history.length * item;
        }),
      explanation: {
        basis: "item-weights",
        parts: (history, item) => Float32Array.from(history, (liked) => 3 - Math.abs(liked - item)),
      },
      save: () => ({}),
    }),
    users: new Vocabulary(["anna", "bert", "cleo", "dora"]),
    items: new Vocabulary(["1", "2", "3", "4", "5"]),
    itemFeatures: {
      titles: ["Toy Story (1995)", "Heat (1995)", "Toy Story 2 (1999)", null, "Alien"],
    },
    train: rows(trained, 4),
    // Dora was held out: her history (items 0 and 1) is seen, and not trained.
    seen: rows([...trained, [1, 3], [3, 0], [3, 1]], 4),
  };
}

describe("recommendations", () => {
  it("leaves out what was seen and says why", async () => {
    const list = await recommendToUser(smallSource(), "anna", 2);
    assert.deepEqual(list, [
      {
        rank: 1,
        item: "3",
        title: "Toy Story 2 (1999)",
        score: 2,
        // History 3 and 4 carry 3 − 1 and 3 − 2 of item 2.
        because: [
          { item: "4", title: null },
          { item: "5", title: "Alien" },
        ],
      },
      // Item 1: history item 3 carries 1; item 4 carries 0, which is no reason.
      { rank: 2, item: "2", title: "Heat (1995)", score: 1, because: [{ item: "4", title: null }] },
    ]);
  });

  it("names the items of the history most like it, where there are embeddings", async () => {
    const source = smallSource();
    // Anna's history is items 3 and 4. Item 2 points where item 4 points, and away from item 3.
    const items = Float32Array.of(0, 1, 1, 1, 2, 0, -1, 0.5, 4, 0);
    const embeddings = { width: 2, users: Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0), items };
    const recommender = { ...source.recommender, embeddings };
    const [first] = await recommendToUser({ ...source, recommender }, "anna", 1);
    assert.equal(first?.item, "3");
    assert.deepEqual(first?.because, [{ item: "5", title: "Alien" }]);
  });

  it("ends early where everything else was seen", async () => {
    const list = await recommendToUser(smallSource(), "cleo", 10);
    assert.deepEqual(
      list.map(({ item }) => item),
      ["5"],
    );
  });

  it("hides validation items, which are seen and not trained", async () => {
    const list = await recommendToUser(smallSource(), "bert", 10);
    assert.deepEqual(
      list.map(({ item }) => item),
      ["3", "2", "1"],
    );
  });

  it("gives the most popular items to a user of whom training knows nothing", async () => {
    const small = smallSource();
    const more = (rows: Rows): Rows => ({
      ...rows,
      indptr: Int32Array.of(...rows.indptr, rows.indices.length),
    });
    const source = {
      ...small,
      users: new Vocabulary([...small.users.ids, "emil"]),
      train: more(small.train),
      seen: more(small.seen),
    };
    // Items 3 and 4 have two training users, the others one; the model would say 40 … 44.
    const expected = [
      ["4", 2],
      ["5", 2],
      ["1", 1],
      ["2", 1],
      ["3", 1],
    ];
    const list = await recommendToUser(source, "emil", 9, { explain: true });
    assert.deepEqual(
      list.map(({ item, score }) => [item, score]),
      expected,
    );
    assert.ok(
      list.every(
        ({ because, explanation }) => because.length === 0 && explanation?.parts.length === 0,
      ),
    );
    const blocks: RankedBlock[] = [];
    for await (const block of recommendToAll(source, 9)) blocks.push(block);
    assert.deepEqual(
      blocks.map(({ users, routing }) => [[...users], routing]),
      [
        [[0, 1, 2], "trained"],
        [[3], "fold-in"],
        [[4], "popularity"],
      ],
    );
    assert.deepEqual([...blocks[2]!.lists.items.subarray(0, 5)], [3, 4, 0, 1, 2]);
    assert.deepEqual(
      ["anna", "dora", "emil"].map((id) => routingOfUser(source, id)),
      ["trained", "fold-in", "popularity"],
    );
  });

  it("takes items that nobody had in training for no history", async () => {
    const small = smallSource();
    const source = { ...small, items: new Vocabulary([...small.items.ids, "new"]) };
    assert.equal(routingOfHistory(source, ["new"]), "popularity");
    assert.equal(routingOfHistory(source, ["new", "1"]), "fold-in");
  });

  it("folds a held-out user in from the history", async () => {
    const list = await recommendToUser(smallSource(), "dora", 10);
    assert.deepEqual(
      list.map(({ item, score }) => [item, score]),
      [
        ["5", 8],
        ["4", 6],
        ["3", 4],
      ],
    );
  });

  it("folds a stranger in, in any order and with repeats", async () => {
    const list = await recommendFromHistory(smallSource(), ["5", "1", "5"], 10);
    assert.deepEqual(
      list.map(({ item, score }) => [item, score]),
      [
        ["4", 6],
        ["3", 4],
        ["2", 2],
      ],
    );
  });

  it("gives all users' lists as one by one", async () => {
    const source = smallSource();
    for (const blockUsers of [1, 3, 100]) {
      const all = new Map<string, (string | undefined)[]>();
      for await (const { users, lists } of recommendToAll(source, 3, { blockUsers })) {
        users.forEach((user, row) => {
          const items = [...lists.items.subarray(row * 3, row * 3 + 3)].filter((item) => item >= 0);
          all.set(
            source.users.idOf(user),
            items.map((item) => source.items.idOf(item)),
          );
        });
      }
      assert.deepEqual([...all.keys()], source.users.ids);
      for (const id of source.users.ids) {
        const alone = await recommendToUser(source, id, 3);
        assert.deepEqual(
          all.get(id),
          alone.map(({ item }) => item),
        );
      }
    }
  });

  it("stops between blocks", async () => {
    const lists = recommendToAll(smallSource(), 3, { signal: AbortSignal.abort() });
    await assert.rejects(lists.next(), StoppedError);
  });

  it("names the nearest ids of an unknown user or item", async () => {
    await assert.rejects(recommendToUser(smallSource(), "ana", 3), (error) => {
      assert.ok(error instanceof BadInputError);
      assert.equal(error.code, "unknown-user");
      assert.match(
        error.message,
        /user "ana".*4 that the model knows; nearest: "anna", .*--history/,
      );
      return true;
    });
    await assert.rejects(recommendFromHistory(smallSource(), ["1", "77"], 3), /item "77".*nearest/);
    await assert.rejects(recommendFromHistory(smallSource(), [], 3), /history is empty/);
  });
});

describe("similar items", () => {
  it("finds an item by id, title or part of a title", () => {
    const source = smallSource();
    assert.equal(findItem(source, "2"), 1);
    assert.equal(findItem(source, "toy story (1995)"), 0);
    assert.equal(findItem(source, "alie"), 4);
    assert.throws(
      () => findItem(source, "story"),
      /fits 2 titles: "Toy Story \(1995\)" \(id 1\), "Toy Story 2/,
    );
    assert.throws(() => findItem(source, "Heet"), /nearest: "Heat \(1995\)"/);
    assert.throws(() => findItem(source, " "), /no item has the id or title/);
  });

  it("compares columns of users where there are no embeddings", () => {
    const source = {
      ...smallSource(),
      train: rows(
        [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
          [1, 2],
          [2, 0],
          [3, 3],
        ],
        4,
      ),
    };
    const { of, measure, items } = similarItems(source, 0, 10);
    assert.deepEqual(of, { item: "1", title: "Toy Story (1995)" });
    assert.equal(measure, "co-occurrence");
    // N_0 = {0, 1, 2}, N_1 = {0, 1}, N_2 = {1}: 2/√6 and 1/√3; item 3 shares nobody.
    assert.deepEqual(items, [
      { rank: 1, item: "2", title: "Heat (1995)", similarity: 2 / Math.sqrt(6) },
      { rank: 2, item: "3", title: "Toy Story 2 (1999)", similarity: 1 / Math.sqrt(3) },
    ]);
  });

  it("takes the cosine of embeddings where there are some; a zero vector is like nothing", () => {
    const source = smallSource();
    const items = Float32Array.of(3, 4, 6, 8, 4, -3, 0, 0, -3, -4);
    const embeddings = { width: 2, users: new Float32Array(8), items };
    const { measure, items: similar } = similarItems(
      { ...source, recommender: { ...source.recommender, embeddings } },
      0,
      10,
    );
    assert.equal(measure, "embeddings");
    assert.deepEqual(
      similar.map(({ item, similarity }) => [item, similarity]),
      [
        ["2", 1],
        ["3", 0],
        ["4", 0],
        ["5", -1],
      ],
    );
  });
});
