import assert from "node:assert/strict";
import { it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { compressRows } from "../../src/data/interactions.ts";
import { rankCandidates, withoutMasked } from "../../src/models/rank-candidates.ts";
import { deviceOptions, withDevice } from "../engine/devices.ts";

const [people, items, width, k] = [4, 400, 3, 6];

for (const options of deviceOptions) {
  it(`ranks few candidates as it ranks many, ties by index: ${JSON.stringify(options)}`, async () => {
    const random = new RandomStream(2, "candidates test");
    // Small whole numbers: exact sums, and full of ties.
    const vectors = (rows: number) =>
      Float32Array.from({ length: rows * width }, () => random.below(4) - 1);
    const [queries, table] = [vectors(people), vectors(items)];
    const pairs = (most: number, each: number) => {
      const drawn = Array.from({ length: people * each }, (_, at) => [
        at % most,
        random.below(items),
      ]);
      return compressRows(
        Int32Array.from(drawn, ([row]) => row!),
        Int32Array.from(drawn, ([, item]) => item!),
        people,
      );
    };
    await withDevice(options, async (device) => {
      // An eighth of 400 items is 50: the first goes as a table of its own, the second whole. The
      // last person of both has no candidates.
      for (const each of [9, 150]) {
        const masked = pairs(people, 100);
        const allowed = withoutMasked(pairs(people - 1, each), masked);
        const found = await rankCandidates({ width, queries, items: table }, k, allowed, device);
        for (let row = 0; row < people; row++) {
          const hidden = new Set(masked.indices.slice(masked.indptr[row], masked.indptr[row + 1]));
          const score = (item: number) => {
            let sum = 0;
            for (let at = 0; at < width; at++) {
              sum += queries[row * width + at]! * table[item * width + at]!;
            }
            return sum;
          };
          const mine = [...allowed.indices.slice(allowed.indptr[row], allowed.indptr[row + 1])];
          assert.ok(mine.every((item) => !hidden.has(item)));
          const expected = mine.sort((a, b) => score(b) - score(a) || a - b).slice(0, k);
          const filled = [...expected, ...new Array<number>(k - expected.length).fill(-1)];
          assert.deepEqual([...found.items.slice(row * k, (row + 1) * k)], filled);
          assert.deepEqual(
            [...found.scores.slice(row * k, row * k + expected.length)],
            expected.map(score),
          );
        }
      }
    });
  });
}
