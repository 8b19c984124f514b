import assert from "node:assert/strict";
import { test } from "node:test";
import { compressRows, type Interactions } from "../../src/data/interactions.ts";
import { random } from "../../src/models/random.ts";
import { fitContext } from "./fit.ts";

const nothing: Interactions = {
  users: new Int32Array(0),
  items: new Int32Array(0),
  values: null,
  times: null,
};
const itemCount = 1001;
const fit = (seed: number) => random.fit({}, fitContext(50, itemCount, nothing, seed));
const everybody = Int32Array.from({ length: 50 }, (_, user) => user);

test("a user's scores do not depend on who else is asked for", async () => {
  const model = await fit(1);
  const together = await model.scoreUsers(Int32Array.of(7, 3, 9));
  assert.deepEqual(
    await model.scoreUsers(Int32Array.of(3)),
    together.slice(itemCount, 2 * itemCount),
  );
});

test("same seed, same scores; another seed or user, others", async () => {
  const users = Int32Array.of(0, 1);
  const scores = await (await fit(1)).scoreUsers(users);
  assert.deepEqual(await (await fit(1)).scoreUsers(users), scores);
  assert.notDeepEqual(await (await fit(2)).scoreUsers(users), scores);
  assert.notDeepEqual(scores.slice(0, itemCount), scores.slice(itemCount));
});

test("scores are uniform on [0, 1) and differ from item to item", async () => {
  const scores = await (await fit(3)).scoreUsers(everybody);
  const bins = new Int32Array(20);
  for (const score of scores) {
    assert.ok(score >= 0 && score < 1);
    bins[Math.floor(score * 20)]!++;
  }
  const expected = scores.length / 20;
  const chiSquared = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 19 degrees of freedom: above 50 in one of 7000 cases.
  assert.ok(chiSquared < 50, `${chiSquared}`);
  assert.ok(new Set(scores).size > 0.99 * scores.length);
});

test("items next to each other are not correlated, nor are users", async () => {
  const scores = await (await fit(4)).scoreUsers(everybody);
  for (const lag of [1, 2, 4, itemCount]) {
    let product = 0;
    for (let at = lag; at < scores.length; at++) {
      product += (scores[at]! - 0.5) * (scores[at - lag]! - 0.5);
    }
    const correlation = (12 * product) / (scores.length - lag);
    assert.ok(Math.abs(correlation) < 4 / Math.sqrt(scores.length), `lag ${lag}: ${correlation}`);
  }
});

test("strangers are told apart by their history, and are not users", async () => {
  const model = await fit(1);
  const histories = compressRows(Int32Array.of(0, 1, 2, 2), Int32Array.of(5, 6, 5, 6), 4);
  const scores = await model.scoreHistories(histories);
  const rows = [0, 1, 2, 3].map((row) => scores.slice(row * itemCount, (row + 1) * itemCount));
  assert.equal(new Set(rows.map(String)).size, 4);
  const alone = compressRows(Int32Array.of(0, 0), Int32Array.of(6, 5), 1);
  assert.deepEqual(await model.scoreHistories(alone), rows[2]);
  const users = await model.scoreUsers(everybody);
  for (const row of rows) {
    for (const user of everybody) assert.notEqual(users[user * itemCount], row[0]);
  }
});

test("a saved model comes back the same, whatever the seed", async () => {
  for (const seed of [0, 1, 4_000_000_000]) {
    const model = await fit(seed);
    const seen = compressRows(nothing.users, nothing.items, 50);
    const back = random.load(model.save(), {}, { userCount: 50, itemCount, seen });
    assert.deepEqual(await back.scoreUsers(everybody), await model.scoreUsers(everybody));
  }
  const tensors = { seed: { shape: [1], data: new Float32Array(1) } };
  const seen = compressRows(nothing.users, nothing.items, 50);
  assert.throws(() => random.load(tensors, {}, { userCount: 50, itemCount, seen }), {
    code: "bundle-tensor",
    message: /expected 32-bit integers/,
  });
});
