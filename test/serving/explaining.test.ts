import assert from "node:assert/strict";
import { it } from "node:test";
import type { RecommendationSource } from "../../src/artifact/recommendation-source.ts";
import { RoutedModel } from "../../src/artifact/routed-model.ts";
import { compressRows, Vocabulary } from "../../src/data/interactions.ts";
import { scoredRecommender } from "../../src/models/scored-recommender.ts";
import { explainList } from "../../src/serving/explaining.ts";

/** 80 items; item h of a history adds h + 1 to every score. */
const source: RecommendationSource = {
  recommender: scoredRecommender({
    userCount: 1,
    itemCount: 80,
    scoreUser: (_user, scores) => scores.fill(1),
    scoreHistory: (history, scores) =>
      scores.fill(history.reduce((sum, liked) => sum + liked + 1, 0)),
    explanation: {
      basis: "item-weights",
      parts: (history) => Float32Array.from(history, (liked) => liked + 1),
    },
    save: () => ({}),
  }),
  users: new Vocabulary(["someone"]),
  items: new Vocabulary(Array.from({ length: 80 }, (_, item) => `i${item}`)),
  itemFeatures: {},
  train: compressRows(Int32Array.of(0), Int32Array.of(79), 1),
  seen: compressRows(Int32Array.of(0), Int32Array.of(79), 1),
};

it("names fifty parts and sums the others up, whatever the history's length", async () => {
  const model = Object.assign(new RoutedModel(source), { bundle: source });
  const history = Int32Array.from({ length: 70 }, (_, item) => item);
  const services = {
    catalogue: { titleOf: (_model: unknown, id: string) => `Title ${id}` },
    store: { forgotten: () => new Set<string>() },
  };
  const [explanation] = await explainList(
    { items: Int32Array.of(79), scores: Float32Array.of(2485) },
    { listener: { kind: "fold-in", history }, history, user: undefined },
    model as never,
    services as never,
  );
  const { parts, others, remainder, basis, popularity } = explanation!;
  assert.equal(basis, "item-weights");
  assert.deepEqual(parts[0], { item: "i69", title: "Title i69", share: 70 });
  assert.equal(parts.length, 50);
  // 1 + 2 + … + 20, and 2485 = 1 + 2 + … + 70.
  assert.deepEqual(others, { items: 20, share: 210 });
  assert.equal(remainder, 0);
  assert.equal(popularity, 1);
});
