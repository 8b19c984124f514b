import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compressRows } from "../../src/data/interactions.ts";
import { WalkFinder } from "../../src/graph/walks.ts";
import { denseAdjacency, multiply, randomGraph } from "./random-graph.ts";

const nobody = () => false;

describe("walks user – item – user – item", () => {
  it("weighs a walk by hand", () => {
    // u0: a b · u1: a c · u2: a b c. From u0 to c: by u1 over a; by u2 over a and over b.
    const rows = compressRows(
      Int32Array.of(0, 0, 1, 1, 2, 2, 2),
      Int32Array.of(0, 1, 0, 2, 0, 1, 2),
      3,
    );
    const walks = new WalkFinder(rows, 3).strongest(
      Int32Array.of(0, 1),
      2,
      9,
      (user) => user === 0,
    );
    // 1/(√2·d_h·d_v·√2), ties by the smaller item.
    assert.deepEqual(
      walks.map(({ item, user, weight }) => [item, user, Number((weight * 36).toFixed(9))]),
      [
        [0, 1, 3],
        [1, 2, 3],
        [0, 2, 2],
      ],
    );
  });

  it("finds all of (Ã³)_ui, and the strongest of them", () => {
    const graph = randomGraph(14, 11, 0.35, 3);
    const a = denseAdjacency(graph);
    const degree = a.map((row) => row.reduce((sum, value) => sum + value, 0));
    const normalised = a.map((row, n) =>
      row.map((value, m) => (value === 0 ? 0 : value / Math.sqrt(degree[n]! * degree[m]!))),
    );
    const cube = multiply(multiply(normalised, normalised), normalised);
    const finder = new WalkFinder(graph.userItems, graph.itemCount);
    const { indptr, indices } = graph.userItems;
    let checked = 0;
    for (let user = 0; user < graph.userCount; user++) {
      const history = indices.subarray(indptr[user], indptr[user + 1]);
      for (let item = 0; item < graph.itemCount; item++) {
        if (history.includes(item)) continue;
        const all = finder.strongest(history, item, 1000, nobody);
        const sum = all.reduce((total, { weight }) => total + weight, 0);
        assert.ok(Math.abs(sum - cube[user]![graph.userCount + item]!) < 1e-12);
        assert.deepEqual(finder.strongest(history, item, 3, nobody), all.slice(0, 3));
        for (const { item: liked, user: other, weight } of all) {
          const target = graph.userCount + item;
          const steps =
            normalised[user]![graph.userCount + liked]! *
            normalised[graph.userCount + liked]![other]! *
            normalised[other]![target]!;
          assert.ok(steps > 0 && Math.abs(weight - steps) < 1e-12);
          checked++;
        }
      }
    }
    assert.ok(checked > 500);
  });

  it("leads through nobody who is to be skipped, and from nothing nowhere", () => {
    const graph = randomGraph(14, 11, 0.35, 3);
    const finder = new WalkFinder(graph.userItems, graph.itemCount);
    const walks = finder.strongest(Int32Array.of(1, 4, 6), 2, 100, (user) => user % 2 === 0);
    assert.ok(walks.length > 0 && walks.every(({ user }) => user % 2 === 1));
    assert.deepEqual(finder.strongest(new Int32Array(0), 2, 5, nobody), []);
  });
});
