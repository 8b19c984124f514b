import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Interactions } from "../../src/data/interactions.ts";
import { adjacencyPicture, pictureSize } from "../../src/graph/adjacency-picture.ts";

const pairs = (...list: readonly (readonly [number, number])[]): Interactions => ({
  users: Int32Array.from(list, ([user]) => user),
  items: Int32Array.from(list, ([, item]) => item),
  values: null,
  times: null,
});

test("a small graph is drawn cell by cell, in its own order or by degree", () => {
  // User 1 has two items, user 0 one; item 2 has both, item 0 one, item 1 nobody.
  const interactions = pairs([0, 2], [1, 2], [1, 0]);
  const picture = (order: "id" | "degree") =>
    adjacencyPicture(interactions, 2, 3, { side: 100, order });
  const { rows, columns, counts } = picture("id");
  assert.deepEqual([rows, columns], [2, 3]);
  assert.deepEqual([...counts], [0, 0, 1, 1, 0, 1]);
  // Rows: user 1, user 0. Columns: item 2, item 0, item 1.
  assert.deepEqual([...picture("degree").counts], [1, 1, 0, 1, 0, 0]);
});

test("both sides stay visible, however unequal they are", () => {
  assert.deepEqual(pictureSize(1_000_000, 1000, 400), { rows: 320, columns: 80 });
  assert.deepEqual(pictureSize(1000, 3000, 400), { rows: 100, columns: 300 });
  assert.deepEqual(pictureSize(1_000_000, 3, 400), { rows: 320, columns: 3 });
});

test("every interaction is in one cell, whatever the size and the order", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 5, max: 30 }),
      fc.constantFrom("id" as const, "degree" as const),
      (userCount, itemCount, side, order) => {
        const every = Array.from(
          { length: userCount * itemCount },
          (_, at) => [Math.floor(at / itemCount), at % itemCount] as const,
        );
        const { rows, columns, counts } = adjacencyPicture(pairs(...every), userCount, itemCount, {
          side,
          order,
        });
        assert.ok(rows + columns <= side);
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          every.length,
        );
        // All pairs are there, so no cell of the picture may be empty.
        assert.ok(counts.every((count) => count > 0));
      },
    ),
    { numRuns: 60 },
  );
});
