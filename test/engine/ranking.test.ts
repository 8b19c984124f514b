import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { compressRows, type Rows } from "../../src/data/interactions.ts";
import { type Device, readFloats, readIntegers } from "../../src/engine/device.ts";
import { deviceOptions, withDevice } from "./devices.ts";

/** All items sorted by (score, smaller index), masked ones left out. */
function bruteForce(scores: readonly number[][], masked: Rows | null, k: number): number[][] {
  return scores.map((line, row) => {
    const hidden = new Set(masked?.indices.subarray(masked.indptr[row], masked.indptr[row + 1]));
    const order = [...line.keys()]
      .filter((item) => !hidden.has(item))
      .sort((a, b) => line[b]! - line[a]! || a - b)
      .slice(0, k);
    return [...order, ...new Array<number>(k - order.length).fill(-1)];
  });
}

function randomMask(rows: number, items: number, random: RandomStream): Rows {
  const pairs = Array.from({ length: rows * 9 }, () => [random.below(rows), random.below(items)]);
  // The last row masks everything but two items.
  for (let item = 2; item < items; item++) pairs.push([rows - 1, item]);
  return compressRows(
    Int32Array.from(pairs, ([row]) => row!),
    Int32Array.from(pairs, ([, item]) => item!),
    rows,
  );
}

for (const options of deviceOptions) {
  describe(`ranking with ${JSON.stringify(options)}`, () => {
    for (const [queries, items, width, k] of [
      [1, 1, 1, 1],
      [7, 5, 3, 8],
      [61, 1100, 8, 20],
      [130, 2500, 65, 3],
    ] as const) {
      it(`finds the best ${k} of ${items} items for ${queries} queries, ties by index`, async () => {
        await withDevice(options, async (device) => {
          const random = new RandomStream(items, "ranking");
          // Small integers: exact in float32 whatever the order of sums, and full of ties.
          const vector = (rows: number) =>
            Float32Array.from({ length: rows * width }, () => random.below(4) - 1);
          const q = vector(queries);
          const v = vector(items);
          const scores = Array.from({ length: queries }, (_, row) =>
            Array.from({ length: items }, (_, item) => {
              let sum = 0;
              for (let c = 0; c < width; c++) sum += q[row * width + c]! * v[item * width + c]!;
              return sum;
            }),
          );
          for (const masked of [null, randomMask(queries, items, random)]) {
            const expected = bruteForce(scores, masked, k).flat();
            const expectedScores = expected.map((item, at) =>
              item < 0 ? -Infinity : scores[Math.floor(at / k)]![item]!,
            );
            const found = await rankedByVectors(device, { queries: q, items: v, width, k }, masked);
            assert.deepEqual(found, { items: expected, scores: expectedScores });
            const table = device.upload([queries, items], Float32Array.from(scores.flat()));
            const hidden = masked && {
              indptr: device.upload([queries + 1], masked.indptr),
              indices: device.upload([masked.indices.length], masked.indices),
            };
            const lists = device.allocate([queries, k], "i32");
            const values = device.allocate([queries, k]);
            device.kernels.rankScores(lists, values, table, hidden, k);
            assert.deepEqual([...(await readIntegers(device, lists))], expected);
            assert.deepEqual([...(await readFloats(device, values))], expectedScores);
          }
        });
      });
    }

    it("gives a query its list wherever it stands among many", async () => {
      await withDevice(options, async (device) => {
        const [distinct, queries, items, width, k] = [13, 1990, 300, 4, 6];
        const random = new RandomStream(items, "many queries");
        const vector = (rows: number) =>
          Float32Array.from({ length: rows * width }, () => random.below(5) - 2);
        const few = vector(distinct);
        const v = vector(items);
        const many = Float32Array.from(
          { length: queries * width },
          (_, at) => few[at % few.length]!,
        );
        const products = productsOf(few, v, width);
        const best = bruteForce(products, null, k);
        const expected = Array.from({ length: queries }, (_, query) => best[query % distinct]!);
        const found = await rankedByVectors(device, { queries: many, items: v, width, k }, null);
        assert.deepEqual(found.items, expected.flat());
        assert.deepEqual(found.scores, scoresOf(expected, products));
      });
    });

    it("finds the same among items of uneven lengths, where lists end early", async () => {
      await withDevice(options, async (device) => {
        const [distinct, queries, items, width, k] = [13, 600, 4200, 4, 7];
        const random = new RandomStream(items, "uneven lengths");
        const few = Float32Array.from({ length: distinct * width }, () => random.below(5) - 2);
        few.fill(0, 0, width); // whoever has no vector ties with all items
        const v = Float32Array.from({ length: items * width }, () => random.below(5) - 2);
        for (let item = 0; item < items; item++) {
          const factor = item % 3 === 1 ? 16 : 1; // exact in float32 still
          for (let c = 0; c < width; c++) v[item * width + c]! *= factor;
        }
        const products = productsOf(few, v, width);
        const orders = products.map((scores) =>
          [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b),
        );
        const masked = randomMask(queries, items, random);
        const expected = Array.from({ length: queries }, (_, query) => {
          const hidden = new Set(
            masked.indices.subarray(masked.indptr[query], masked.indptr[query + 1]),
          );
          const seen = orders[query % distinct]!.filter((item) => !hidden.has(item)).slice(0, k);
          return [...seen, ...new Array<number>(k - seen.length).fill(-1)];
        });
        const many = Float32Array.from(
          { length: queries * width },
          (_, at) => few[at % few.length]!,
        );
        const found = await rankedByVectors(device, { queries: many, items: v, width, k }, masked);
        assert.deepEqual(found.items, expected.flat());
        assert.deepEqual(found.scores, scoresOf(expected, products));
      });
    });

    it("lists what is better than others beside a score that is no number", async () => {
      await withDevice(options, async (device) => {
        for (const spoiled of [0, 3, 32, 36, 63]) {
          const scores = Float32Array.from({ length: 96 }, (_, item) => (item === 0 ? 5 : 0));
          scores[36] = 9;
          scores[68] = 7;
          scores[spoiled] = Number.NaN;
          const lists = device.allocate([1, 2], "i32");
          const table = device.upload([1, 96], scores);
          device.kernels.rankScores(lists, device.allocate([1, 2]), table, null, 2);
          const expected = spoiled === 36 ? [68, 0] : [36, 68];
          assert.deepEqual([...(await readIntegers(device, lists))], expected, `${spoiled}`);
        }
      });
    });

    it("selects from rows of any length, however many scores enter the list", async () => {
      await withDevice(options, async (device) => {
        for (const items of [1, 15, 31, 32, 33, 64, 97]) {
          const rows = [
            (item: number) => item, // every score enters
            (item: number) => -item, // none after the first few
            () => 7, // all ties
            (item: number) => (item === items - 1 ? 1 : -Infinity), // only the last can
            (item: number) => (item % 2 ? 0 : -0), // zeros tie, whatever their sign
            (item: number) => [3, 9, 9, 1][item % 4]! - 1e30 * (item % 3),
          ].map((score) => Array.from({ length: items }, (_, item) => score(item)));
          const k = 5;
          const lists = device.allocate([rows.length, k], "i32");
          const table = device.upload([rows.length, items], Float32Array.from(rows.flat()));
          device.kernels.rankScores(lists, device.allocate([rows.length, k]), table, null, k);
          const hidden = rows.map((row) =>
            row.flatMap((x, item) => (x === -Infinity ? [item] : [])),
          );
          const indptr = Int32Array.from([0, ...hidden.map((row) => row.length)]);
          for (let row = 0; row < rows.length; row++) indptr[row + 1]! += indptr[row]!;
          const masked = { indptr, indices: Int32Array.from(hidden.flat()) };
          assert.deepEqual(
            [...(await readIntegers(device, lists))],
            bruteForce(rows, masked, k).flat(),
          );
        }
      });
    });

    it("never ranks a masked item, however low the other scores are", async () => {
      await withDevice(options, async (device) => {
        const lists = device.allocate([1, 3], "i32");
        const values = device.allocate([1, 3]);
        const table = device.upload([1, 4], Float32Array.from([-1e30, -5000, 2, -2000]));
        const masked = {
          indptr: device.upload([2], Int32Array.from([0, 1])),
          indices: device.upload([1], Int32Array.from([2])),
        };
        device.kernels.rankScores(lists, values, table, masked, 3);
        assert.deepEqual([...(await readIntegers(device, lists))], [3, 1, 0]);
      });
    });
  });
}

/** Rows of inner products: queries × items. */
function productsOf(queries: Float32Array, items: Float32Array, width: number): number[][] {
  return Array.from({ length: queries.length / width }, (_, row) =>
    Array.from({ length: items.length / width }, (_, item) => {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += queries[row * width + c]! * items[item * width + c]!;
      return sum;
    }),
  );
}

/** The scores of lists, one after the other, where the queries take turns with these products. */
function scoresOf(lists: readonly number[][], products: readonly number[][]): number[] {
  return lists.flatMap((list, query) =>
    list.map((item) => (item < 0 ? -Infinity : products[query % products.length]![item]!)),
  );
}

/** The lists of `rankByVectors`, one after the other. */
async function rankedByVectors(
  device: Device,
  {
    queries,
    items,
    width,
    k,
  }: { queries: Float32Array; items: Float32Array; width: number; k: number },
  masked: { readonly indptr: Int32Array; readonly indices: Int32Array } | null,
): Promise<{ readonly items: number[]; readonly scores: number[] }> {
  const count = queries.length / width;
  const lists = device.allocate([count, k], "i32");
  const scores = device.allocate([count, k]);
  device.kernels.rankByVectors(
    lists,
    scores,
    device.upload([count, width], queries),
    device.upload([items.length / width, width], items),
    masked && {
      indptr: device.upload([count + 1], masked.indptr),
      indices: device.upload([masked.indices.length], masked.indices),
    },
    k,
  );
  return {
    items: [...(await readIntegers(device, lists))],
    scores: [...(await readFloats(device, scores))],
  };
}
