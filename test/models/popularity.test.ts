import assert from "node:assert/strict";
import { test } from "node:test";
import { compressRows } from "../../src/data/interactions.ts";
import { popularity } from "../../src/models/popularity.ts";
import { rank } from "../../src/models/rank.ts";
import { fitContext } from "./fit.ts";

// Item 0 has 1 interaction, item 1 has 3, item 2 has 2, item 3 none.
const train = {
  users: Int32Array.of(0, 0, 1, 1, 2, 2),
  items: Int32Array.of(1, 2, 1, 2, 1, 0),
  values: null,
  times: null,
};
const context = fitContext(3, 4, train);
const strangers = compressRows(Int32Array.of(0), Int32Array.of(3), 2);

test("scores are numbers of training interactions, for users and strangers alike", async () => {
  const model = await popularity.fit({}, context);
  assert.deepEqual([...(await model.scoreUsers(Int32Array.of(2, 0)))], [1, 3, 2, 0, 1, 3, 2, 0]);
  assert.deepEqual([...(await model.scoreHistories(strangers))], [1, 3, 2, 0, 1, 3, 2, 0]);
  assert.equal(model.embeddings, null);
  assert.equal(model.foldIn(strangers), null);
  assert.equal(model.explain(Int32Array.of(1), 2), null);
});

test("the most popular unseen items are recommended", async () => {
  const model = await popularity.fit({}, context);
  const masked = compressRows(Int32Array.of(0, 0), Int32Array.of(1, 2), 1);
  const { items, scores } = await rank(model, { users: Int32Array.of(0) }, 3, masked);
  assert.deepEqual([...items], [0, 3, -1]);
  assert.deepEqual([...scores], [1, 0, -Infinity]);
});

test("a saved model comes back the same, and a damaged one is refused", async () => {
  const model = await popularity.fit({}, context);
  const seen = compressRows(train.users, train.items, 3);
  const load = (itemCount: number, tensors = model.save()) =>
    popularity.load(tensors, {}, { userCount: 3, itemCount, seen });
  const users = Int32Array.of(0, 1, 2);
  assert.deepEqual(await load(4).scoreUsers(users), await model.scoreUsers(users));
  assert.throws(() => load(5), { code: "bundle-tensor", message: /\[4\].*expected \[5\]/ });
  assert.throws(() => load(4, {}), { code: "bundle-tensor", message: /"counts".*missing/ });
  assert.throws(() => load(4, { counts: { shape: [4], data: new Int32Array(4) } }), {
    code: "bundle-tensor",
    message: /expected 32-bit floats/,
  });
});

test("unknown users and items are refused", async () => {
  const model = await popularity.fit({}, context);
  await assert.rejects(model.scoreUsers(Int32Array.of(3)), { code: "index" });
  await assert.rejects(model.scoreUsers(Int32Array.of(-1)), { code: "index" });
  const unknown = compressRows(Int32Array.of(0), Int32Array.of(4), 1);
  await assert.rejects(model.scoreHistories(unknown), { code: "index", message: /item 4/ });
});

test("it has nothing to set", () => {
  assert.deepEqual(popularity.hyperparameters.parse({}), {});
  assert.throws(() => popularity.hyperparameters.parse({ factors: 3 }));
});
