import assert from "node:assert/strict";
import { it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import {
  isUneven,
  lengthOrder,
  lengthsOf,
  queryOrder,
} from "../../src/engine/cpu/dispatch/length-order.ts";

it("bounds every length from a place on, whatever the numbers are", () => {
  const random = new RandomStream(7, "lengths");
  const squares = Float32Array.from({ length: 3000 }, () => 10 ** (60 * random.uniform() - 40));
  squares.set([0, Infinity, NaN, 3e38, 1e-45, 1], 100);
  const lengths = lengthsOf(squares);
  const order = lengthOrder(lengths, 64);
  assert.deepEqual(
    [...order.names].sort((a, b) => a - b),
    [...lengths.keys()],
  );
  let longest = 0;
  for (let place = order.names.length - 1; place >= 0; place--) {
    longest = Math.max(longest, lengths[order.names[place]!]!);
    assert.ok(order.lengths[place]! >= longest, `place ${place}`);
    const loose = order.lengths[place]! / lengths[order.names[place]!]!;
    // Classes are 2^-8 wide; infinity is infinity's only bound.
    assert.ok(!(loose > 1.005), `place ${place}: ${loose}`);
  }
  assert.deepEqual([...order.names.subarray(0, 2)], [101, 102]);
});

it("tells even lengths from uneven ones", () => {
  const order = (length: (item: number) => number) =>
    lengthOrder(
      Float32Array.from({ length: 100 }, (_, item) => length(item)),
      4,
    );
  assert.equal(
    isUneven(
      order((item) => 1 + item / 100),
      10,
    ),
    false,
  );
  assert.equal(
    isUneven(
      order((item) => 1 / (1 + item)),
      10,
    ),
    true,
  );
});

it("takes first the queries that may go farthest down the items", () => {
  const worst = Float32Array.from([6, -1, 4, -Infinity, 0.5, -8]);
  const lengths = Float32Array.from([2, 1, 1, 1, 1, 2]);
  assert.deepEqual([...queryOrder(worst, lengths)], [3, 5, 1, 4, 0, 2]);
});
