import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RandomStream } from "../../src/base/random.ts";
import { NormOrder } from "../../src/retrieval/norm-order.ts";

/** The k best by (score, smaller index), masked ones left out. */
function bruteForce(items: Float32Array, query: Float32Array, k: number, masked: Int32Array) {
  const width = query.length;
  const scores = Array.from({ length: items.length / width }, (_, item) =>
    query.reduce((sum, value, at) => sum + value * items[item * width + at]!, 0),
  );
  const order = [...scores.keys()]
    .filter((item) => !masked.includes(item))
    .sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { best: order.slice(0, k), scores };
}

describe("norm-ordered search", () => {
  it("finds the k best and whatever ties with them, never a masked item", async () => {
    // Small whole numbers: exact sums, and full of ties.
    const value = fc.integer({ min: -2, max: 2 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.tuple(value, value, value, value), { minLength: 1, maxLength: 60 }),
        fc.tuple(value, value, value, value),
        fc.uniqueArray(fc.nat(59), { maxLength: 20 }),
        async (width, k, rows, person, hidden) => {
          const items = Float32Array.from(rows.flatMap((row) => row.slice(0, width)));
          const query = Float32Array.from(person.slice(0, width));
          const masked = Int32Array.from(hidden).sort();
          const order = await NormOrder.of(items, width);
          const finds = order!.search(query, k, masked);
          const { best, scores } = bruteForce(items, query, k, masked);
          const worst = scores[best.at(-1)!];
          const expected = [...scores.keys()].filter(
            (item) => !masked.includes(item) && (best.length < k || scores[item]! >= worst!),
          );
          assert.deepEqual([...finds.items], expected);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("looks at few items where lengths differ, and at all where they do not", async () => {
    const random = new RandomStream(1, "norm order test");
    const [count, width] = [5000, 16];
    const units = Float32Array.from({ length: count * width }, () => random.normal() / 4);
    const skewed = units.map((value, at) => value * 0.999 ** Math.floor(at / width));
    const query = Float32Array.from({ length: width }, () => random.normal());
    const visited = async (items: Float32Array) =>
      (await NormOrder.of(items, width))!.search(query, 10, new Int32Array(0)).visited;
    assert.ok((await visited(skewed)) < 0.4 * count);
    const same = Float32Array.from({ length: count * width }, () => (random.below(2) ? 1 : -1));
    assert.equal(await visited(same), count);
  });

  it("says where lengths are not finite", async () => {
    assert.equal(await NormOrder.of(Float32Array.of(1, 2, Number.NaN, 1), 2), null);
  });
});
