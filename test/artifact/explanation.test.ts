import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { explainScores } from "../../src/artifact/explanation.ts";
import type { RecommendationSource } from "../../src/artifact/recommendation-source.ts";
import { RandomStream } from "../../src/base/random.ts";
import { Vocabulary } from "../../src/data/interactions.ts";
import { lightgcn } from "../../src/models/lightgcn.ts";
import type { Recommender } from "../../src/models/recommender.ts";
import { withDevice } from "../engine/devices.ts";
import { denseAdjacency, multiply, randomGraph } from "../graph/random-graph.ts";

const [users, items, width, layers] = [12, 9, 3, 3];
const graph = randomGraph(users, items, 0.4, 5);
const random = new RandomStream(7, "explanation test");
const start = Array.from({ length: users + items }, () =>
  Array.from({ length: width }, () => random.normal()),
);

/** E^(0), E^(1), … by dense matrices, and final embeddings: their mean. */
function denseLayers() {
  const a = denseAdjacency(graph);
  const degree = a.map((row) => row.reduce((sum, value) => sum + value, 0));
  const normalised = a.map((row, n) =>
    row.map((value, m) => (value === 0 ? 0 : value / Math.sqrt(degree[n]! * degree[m]!))),
  );
  const all = [start];
  for (let k = 0; k < layers; k++) all.push(multiply(normalised, all[k]!));
  const sum = (upTo: number) =>
    start.map((row, n) =>
      row.map((_, c) => all.slice(0, upTo).reduce((total, layer) => total + layer[n]![c]!, 0)),
    );
  const scale = (rows: number[][]) => rows.map((row) => row.map((value) => value / (layers + 1)));
  return { degree, final: scale(sum(layers + 1)), told: scale(sum(layers)) };
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0);

const near = (found: number, expected: number, tolerance = 1e-5) =>
  assert.ok(Math.abs(found - expected) < tolerance, `${found} against ${expected}`);

function sourceOf(recommender: Recommender): RecommendationSource {
  return {
    recommender,
    users: new Vocabulary(Array.from({ length: users }, (_, at) => `u${at}`)),
    items: new Vocabulary(Array.from({ length: items }, (_, at) => `i${at}`)),
    itemFeatures: { titles: Array.from({ length: items }, (_, at) => `Title ${at}`) },
    train: graph.userItems,
    seen: graph.userItems,
  };
}

async function fitted(): Promise<RecommendationSource> {
  return withDevice({ threads: 1 }, async (device) => {
    const hyperparameters = lightgcn.hyperparameters.parse({ width, layers });
    const context = { device, graph, batchSize: 3, seed: 1 } as never;
    const model = lightgcn.build(hyperparameters, context);
    const embedding = device.upload([users + items, width], Float32Array.from(start.flat()));
    return sourceOf(await model.finish({ embedding }));
  });
}

const historyOf = (user: number) =>
  graph.userItems.indices.subarray(graph.userItems.indptr[user], graph.userItems.indptr[user + 1]);
const everyItem = Array.from({ length: items }, (_, item) => item);

describe("explanations of LightGCN", () => {
  it("a trained user's score is the messages of the items and the user's own layer 0, exactly", async () => {
    const source = await fitted();
    const { degree, final, told } = denseLayers();
    for (const user of [0, 4, 11]) {
      const history = historyOf(user);
      const scores = await source.recommender.scoreUsers(Int32Array.of(user));
      const found = await explainScores(source, { user, history }, everyItem, scores);
      found.forEach(({ basis, parts, remainder }, item) => {
        const target = final[users + item]!;
        near(scores[item]!, dot(final[user]!, target));
        assert.equal(basis, "messages");
        assert.equal(parts.length, history.length);
        for (const { item: id, share } of parts) {
          const liked = users + Number(id.slice(1));
          const message = dot(told[liked]!, target) / Math.sqrt(degree[user]! * degree[liked]!);
          near(share, message);
        }
        near(remainder, dot(start[user]!, target) / (layers + 1));
        const sum = parts.reduce((total, { share }) => total + share, 0);
        near(sum + remainder, scores[item]!);
      });
    }
  });

  it("for somebody folded in the parts are all of the score", async () => {
    const source = await fitted();
    const history = Int32Array.of(1, 3, 8);
    const scores = await source.recommender.scoreHistories({
      indptr: Int32Array.of(0, 3),
      indices: history,
    });
    const found = await explainScores(source, { user: null, history }, everyItem, scores);
    found.forEach(({ parts, remainder }, item) => {
      near(remainder, 0);
      const sum = parts.reduce((total, { share }) => total + share, 0);
      near(sum, scores[item]!);
      assert.deepEqual(
        parts.map(({ share }) => share),
        parts.map(({ share }) => share).toSorted((a, b) => b - a),
      );
    });
  });

  it("the popularity share is what the items' means over users predict of the lead", async () => {
    const source = await fitted();
    const all = Int32Array.from({ length: users }, (_, user) => user);
    const table = await source.recommender.scoreUsers(all);
    const mean = (values: readonly number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const row = (user: number) => [...table.subarray(user * items, (user + 1) * items)];
    const overall = mean([...table]);
    const user = 4;
    const found = await explainScores(
      source,
      { user, history: historyOf(user) },
      everyItem,
      row(user),
    );
    const appeal = everyItem.map(
      (item) => mean([...all].map((other) => row(other)[item]!)) - overall,
    );
    const leads = row(user).map((score) => score - mean(row(user)));
    const slope = dot(appeal, leads) / dot(appeal, appeal);
    found.forEach(({ popularityShare }, item) => {
      near(popularityShare! * leads[item]!, slope * appeal[item]!);
    });
  });

  it("paths lead over the person's items and other people, and through nobody hidden", async () => {
    const source = await fitted();
    const person = { user: 4, history: historyOf(4) };
    const target = everyItem.find((item) => !person.history.includes(item))!;
    const [{ paths }] = (await explainScores(source, person, [target], [1])) as [
      Awaited<ReturnType<typeof explainScores>>[number],
    ];
    assert.ok(paths.length > 0 && paths.length <= 3);
    for (const { by, user } of paths) {
      assert.ok(person.history.includes(Number(by.item.slice(1))));
      const theirs = historyOf(Number(user.slice(1)));
      assert.ok(theirs.includes(target) && theirs.includes(Number(by.item.slice(1))));
      assert.notEqual(user, "u4");
    }
    const hidden = paths[0]!.user;
    const [without] = await explainScores(source, person, [target], [1], {
      isHidden: (user) => user === hidden,
    });
    assert.ok(without!.paths.every(({ user }) => user !== hidden));
  });
});
