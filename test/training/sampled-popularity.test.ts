import assert from "node:assert/strict";
import { test } from "node:test";
import { syntheticDataset } from "../../src/data/synthetic.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { popularityDeciles, sampledPopularity } from "../../src/training/sampled-popularity.ts";

const { interactions } = syntheticDataset({ users: 200, items: 105, interactions: 4000 });
const graph = buildGraph(interactions, 200, 105);
const deciles = popularityDeciles(graph);
const degree = (item: number) => graph.itemUsers.indptr[item + 1]! - graph.itemUsers.indptr[item]!;
const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

async function draw(positives: "interaction" | "user", exponent: number | null, most = 1e6) {
  const device = await createCpuDevice({ threads: 1 });
  try {
    const options = { seed: 3, positives, popularityExponent: exponent };
    return await sampledPopularity(device, graph, deciles, options, most);
  } finally {
    await device.close();
  }
}

test("deciles are tenths of the items, the most popular first", () => {
  const sizes = new Array<number>(10).fill(0);
  for (const decile of deciles) sizes[decile]!++;
  assert.deepEqual([...sizes].sort(), [10, 10, 10, 10, 10, 11, 11, 11, 11, 11]);
  for (let decile = 1; decile < 10; decile++) {
    const of = (wanted: number) =>
      [...deciles.keys()].filter((item) => deciles[item] === wanted).map(degree);
    assert.ok(Math.min(...of(decile - 1)) >= Math.max(...of(decile)));
  }
});

test("an epoch of interactions draws each once: the positives are the popularity itself", async () => {
  const { drawn, positives, negatives } = await draw("interaction", null);
  const expected = new Float64Array(10);
  for (let item = 0; item < 105; item++) expected[deciles[item]!]! += degree(item);
  assert.equal(drawn, graph.edgeCount);
  assert.deepEqual(positives, expected);
  assert.equal(sum(negatives), drawn);
});

test("uniform negatives fall where users have seen little; popular ones come the more, the larger α", async () => {
  const share = async (exponent: number | null) => {
    const { negatives } = await draw("interaction", exponent);
    return negatives[0]! / sum(negatives);
  };
  const [uniform, half, whole] = [await share(null), await share(0.5), await share(1)];
  // A uniform draw among what was not seen, interaction by interaction.
  let expected = 0;
  for (let user = 0; user < 200; user++) {
    const [from, to] = [graph.userItems.indptr[user]!, graph.userItems.indptr[user + 1]!];
    const row = graph.userItems.indices.subarray(from, to);
    const top = [...deciles.keys()].filter((item) => deciles[item] === 0 && !row.includes(item));
    expected += (row.length * top.length) / (105 - row.length);
  }
  expected /= graph.edgeCount;
  const deviation = Math.sqrt((expected * (1 - expected)) / graph.edgeCount);
  assert.ok(Math.abs(uniform - expected) < 4 * deviation, `${uniform} against ${expected}`);
  assert.ok(uniform < half && half < whole);
});

test("no more pairs are drawn than allowed, and the same seed draws the same", async () => {
  const first = await draw("user", 0.75, 500);
  assert.equal(first.drawn, 500);
  assert.equal(sum(first.positives), 500);
  assert.deepEqual(await draw("user", 0.75, 500), first);
});
