import assert from "node:assert/strict";
import { test } from "node:test";
import type { ItemFeatures, UserFeatures } from "../../src/data/interactions.ts";
import { buildGraph } from "../../src/graph/bipartite.ts";
import { type InputKind, nodeInputs } from "../../src/models/node-features.ts";

function inputs(
  users: number,
  items: number,
  userFeatures: UserFeatures,
  itemFeatures: ItemFeatures,
  kind: InputKind,
) {
  const none = { users: new Int32Array(), items: new Int32Array(), values: null, times: null };
  const found = nodeInputs(
    { graph: buildGraph(none, users, items), userFeatures, itemFeatures },
    kind,
  );
  if (!found) return null;
  const { indptr, indices } = found.rows;
  const rows = Array.from({ length: users + items }, (_, node) => [
    ...indices.subarray(indptr[node], indptr[node + 1]),
  ]);
  return { rows, columnCount: found.columnCount };
}

const genres = { genres: [["War", "Drama"], [], ["Drama"]] };

test("traits and genres become columns in order of appearance, unknown ones none", () => {
  const found = inputs(2, 3, { gender: ["F", "M"], job: ["artist", null] }, genres, "features");
  // "job" has one known value, which tells nobody apart.
  assert.deepEqual(found!.rows, [[0], [1], [2, 3], [], [3]]);
  assert.equal(found!.columnCount, 4);
});

test("nodes have columns of their own where asked for, and where their side knows nothing", () => {
  assert.deepEqual(inputs(2, 3, {}, genres, "features")!.rows, [[0], [1], [2, 3], [], [3]]);
  const both = inputs(1, 3, {}, genres, "both")!;
  assert.deepEqual(both, { rows: [[0], [1, 2, 3], [4], [2, 5]], columnCount: 6 });
  assert.equal(inputs(2, 3, {}, genres, "ids"), null);
  assert.equal(inputs(2, 3, {}, {}, "both"), null);
});

test("many numbers are cut into ten bands of about equal size; names of people are left out", () => {
  const count = 100;
  const ages = Array.from({ length: count }, (_, user) => String(10 + user));
  const names = ages.map((age) => `person ${age}`);
  const found = inputs(count, 1, { age: ages, name: names }, {}, "features")!;
  const sizes = new Map<number, number>();
  for (const [band] of found.rows.slice(0, count)) sizes.set(band!, (sizes.get(band!) ?? 0) + 1);
  assert.deepEqual([...sizes.values()], new Array(10).fill(10));
  // Ten bands, and the item, which nothing is known of.
  assert.equal(found.columnCount, 11);
  assert.deepEqual(found.rows[0], found.rows[9]);
  assert.notDeepEqual(found.rows[0], found.rows[10]);
});
