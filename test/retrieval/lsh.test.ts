import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RandomStream } from "../../src/base/random.ts";
import { Hyperplanes, nearbyCodes } from "../../src/retrieval/hyperplanes.ts";
import { LshIndex, lshSchema } from "../../src/retrieval/lsh.ts";
import { best, table } from "./tables.ts";

const settings = (more: Record<string, number> = {}) => lshSchema.parse(more);
const ones = (bits: number) => bits.toString(2).replaceAll("0", "").length;

describe("hyperplane codes", () => {
  it("give opposite vectors opposite codes, and lengths do not matter", () => {
    const planes = new Hyperplanes(3, 12, 0, 1);
    const vector = Float32Array.of(0.3, -2, 1);
    const { bits } = planes.code(vector);
    assert.equal(planes.code(vector.map((x) => 7 * x)).bits, bits);
    assert.equal(planes.code(vector.map((x) => -x)).bits, bits ^ 0xfff);
  });

  it("differ in as many bits as the angle says: half a turn of 90° is half the bits", () => {
    const planes = new Hyperplanes(2, 24, 0, 3);
    let differing = 0;
    for (let turn = 0; turn < 200; turn++) {
      const angle = (turn * Math.PI) / 100;
      const a = planes.code(Float32Array.of(Math.cos(angle), Math.sin(angle))).bits;
      const b = planes.code(Float32Array.of(-Math.sin(angle), Math.cos(angle))).bits;
      differing += ones(a ^ b);
    }
    assert.ok(Math.abs(differing / (200 * 24) - 0.5) < 0.05);
  });

  it("visit every bucket once, nearest in Hamming distance first, the least sure bits first", () => {
    const margins = Float32Array.of(0.5, 0.1, 0.9, 0.3);
    const codes = [...nearbyCodes({ bits: 0b1010, margins })];
    assert.equal(new Set(codes).size, 16);
    const distances = codes.map((code) => ones(code ^ 0b1010));
    assert.deepEqual(
      distances,
      distances.toSorted((a, b) => a - b),
    );
    // Flips by margin: plane 1, 3, 0, 2.
    assert.deepEqual(codes.slice(1, 5), [0b1000, 0b0010, 0b1011, 0b1110]);
    // Pairs: 1+3 = .4, then 1+0 = .6.
    assert.deepEqual(codes.slice(5, 7), [0b0000, 0b1001]);
  });
});

describe("LSH index", () => {
  it("proposes every item once where it visits every bucket, and nothing that is masked", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (items, width) => {
          const vectors = table(items, width, items);
          const index = LshIndex.build(
            vectors,
            width,
            settings({ planes: 4, tables: 3, probes: 16 }),
          );
          const masked = { indptr: Int32Array.of(0, 1, 1), indices: Int32Array.of(items - 1) };
          const { indptr, indices } = index.candidates(table(2, width, 5), 1, masked);
          const all = Array.from({ length: items }, (_, item) => item);
          const row = (at: number) =>
            [...indices.slice(indptr[at], indptr[at + 1])].sort((a, b) => a - b);
          assert.deepEqual(row(0), all.slice(0, -1));
          assert.deepEqual(row(1), all);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("goes on until it has what was asked for", () => {
    const index = LshIndex.build(
      table(300, 8, 1),
      8,
      settings({ planes: 10, tables: 1, probes: 1 }),
    );
    const { indptr } = index.candidates(table(20, 8, 2), 25, null);
    for (let row = 0; row < 20; row++) assert.ok(indptr[row + 1]! - indptr[row]! >= 25);
  });

  it("finds most of the largest inner products while looking at a part of the items", () => {
    const [items, width, users] = [4000, 16, 50];
    const vectors = table(items, width, 1);
    // Norms differ, as those of popular items do.
    const random = new RandomStream(9, "norms");
    for (let item = 0; item < items; item++) {
      const norm = 0.2 + random.uniform() ** 4;
      for (let column = 0; column < width; column++) vectors[item * width + column]! *= norm;
    }
    const queries = table(users, width, 2);
    const index = LshIndex.build(vectors, width, settings({ planes: 8, tables: 12, probes: 12 }));
    const { indptr, indices } = index.candidates(queries, 10, null);
    let found = 0;
    for (let user = 0; user < users; user++) {
      const proposed = new Set(indices.slice(indptr[user], indptr[user + 1]));
      found += best(vectors, queries, width, user, 10).filter((item) => proposed.has(item)).length;
    }
    assert.ok(found / (10 * users) > 0.8, `recall ${found / (10 * users)}`);
    assert.ok(indices.length / users < 0.5 * items, `${indices.length / users} candidates`);
  });

  it("is the same for the same seed", () => {
    const vectors = table(100, 5, 1);
    const draw = (seed: number) =>
      LshIndex.build(vectors, 5, settings({ seed, planes: 6, tables: 2, probes: 2 })).candidates(
        table(3, 5, 2),
        1,
        null,
      );
    assert.deepEqual(draw(1), draw(1));
    assert.notDeepEqual(draw(1), draw(2));
  });
});
