import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { degreeDistribution } from "../../src/data/degree-distribution.ts";

test("quartiles are linear between neighbours, and degree 0 counts in them but has no bin", () => {
  const { mean, quartiles, bins } = degreeDistribution(Int32Array.of(4, 0, 1, 1));
  assert.equal(mean, 1.5);
  // sorted 0 1 1 4: places 0, .75, 1.5, 2.25, 3
  assert.deepEqual(quartiles, [0, 0.75, 1, 1.75, 4]);
  assert.deepEqual(bins, [
    { from: 1, to: 1, nodes: 2 },
    { from: 4, to: 4, nodes: 1 },
  ]);
});

test("nobody at all has a distribution of nothing", () => {
  assert.deepEqual(degreeDistribution(new Int32Array(0)), {
    mean: 0,
    quartiles: [0, 0, 0, 0, 0],
    bins: [],
  });
});

test("bins are ascending, disjoint, hold every node once, and begin and end with the data", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { minLength: 1, maxLength: 200 }), (degrees) => {
      const { bins } = degreeDistribution(Int32Array.from(degrees));
      const positive = degrees.filter((degree) => degree > 0);
      assert.equal(
        bins.reduce((sum, { nodes }) => sum + nodes, 0),
        positive.length,
      );
      bins.forEach(({ from, to, nodes }, at) => {
        assert.ok(from <= to && (at === 0 || bins[at - 1]!.to < from));
        assert.equal(positive.filter((degree) => degree >= from && degree <= to).length, nodes);
      });
      if (positive.length > 0) {
        assert.equal(bins[0]!.from, Math.min(...positive));
        assert.equal(bins.at(-1)!.to, Math.max(...positive));
      }
    }),
    { numRuns: 100 },
  );
});
