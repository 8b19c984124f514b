/** The random numbers of the kernels are those of `base/random.ts`, whatever thread draws them. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { philox } from "../../src/base/random.ts";
import { Arena } from "../../src/engine/cpu/arena.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { compileKernels } from "../../src/engine/cpu/module.ts";
import { ThreadPool } from "../../src/engine/cpu/pool.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { deviceOptions } from "./devices.ts";
import { floats, seed, stream } from "./numbers.ts";

const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
);

for (const variant of ["simd", "relaxed"] as const) {
  describe(`Philox of the ${variant} kernels`, () => {
    const arena = new Arena(0, 2 ** 24);
    let pool: ThreadPool;
    before(async () => {
      const { memory } = arena;
      pool = await ThreadPool.start({
        threads: 2,
        module: compileKernels(variant),
        memory,
        blasLibrary: null,
      });
    });
    after(() => pool.close());

    it("gives the published words for key and counter zero", () => {
      const place = arena.allocate(16);
      pool.run("philoxBlocks", { units: 1, grain: 1 }, place, 0, 0, 0, 0, 0);
      const words = new Uint32Array(arena.memory.buffer, place, 4);
      // Known answer of the Random123 distribution.
      assert.deepEqual([...words], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    });

    it("equals the TypeScript generator, for every key and counter", () => {
      const place = arena.allocate(16 * 9);
      const expected = new Uint32Array(4);
      fc.assert(
        fc.property(word, word, word, word, word, (key0, key1, c1, c2, c3) => {
          pool.run("philoxBlocks", { units: 9, grain: 2 }, place, key0, key1, c1, c2, c3);
          for (let block = 0; block < 9; block++) {
            philox(key0, key1, block, c1, c2, c3, expected);
            const found = new Uint32Array(arena.memory.buffer, place + 16 * block, 4);
            assert.deepEqual([...found], [...expected]);
          }
        }),
      );
    });
  });
}

for (const options of deviceOptions) {
  describe(`dropout with ${JSON.stringify(options)}`, () => {
    let device: Device;
    before(async () => {
      device = await createCpuDevice(options);
    });
    after(() => device.close());

    it("keeps element n where half-word n mod 8 of block ⌊n / 8⌋ is at least rate · 2¹⁶", async () => {
      // Third counter word of dropout, fixed in `kernels/elementwise.ts`.
      const counter = 0xd120;
      const sizes = fc.constantFrom(1, 3, 5, 7, 17, 64, 65, 3_001);
      // The last two round to the ends of sixteen bits: to 0, and to what keeps one in 2¹⁶.
      const rates = fc.constantFrom(0, 0.1, 0.5, 0.9, 1e-6, 1 - 1e-6);
      await fc.assert(
        fc.asyncProperty(sizes, rates, word, word, word, async (size, rate, key0, key1, draw) => {
          const mark = device.mark();
          const x = floats(stream(size), size);
          const out = device.allocate([size]);
          device.kernels.dropout(out, device.upload([size], x), rate, key0, key1, draw);
          const dropped = Math.min(2 ** 16 - 1, Math.round(rate * 2 ** 16));
          const factor = Math.fround(2 ** 16 / (2 ** 16 - dropped));
          const words = new Uint32Array(4);
          const expected = x.map((value, n) => {
            if (n % 8 === 0) philox(key0, key1, n / 8, draw, counter, 0, words);
            const half = (words[(n % 8) >> 1]! >>> (n % 2 ? 16 : 0)) & 0xffff;
            return half >= dropped ? value * factor : 0;
          });
          assert.deepEqual((await readFloats(device, out)).map(Math.abs), expected.map(Math.abs));
          device.release(mark);
        }),
        { numRuns: 60 },
      );
    });

    it("refuses a rate that would keep nothing", () => {
      const x = device.allocate([3]);
      for (const rate of [1, -0.1, Number.NaN]) {
        assert.throws(() => device.kernels.dropout(x, x, rate, 1, 2, 3), /is not in \[0, 1\)/);
      }
    });

    it("draws the same numbers again for the same key, and others for another", async () => {
      await fc.assert(
        fc.asyncProperty(seed, async (key0) => {
          const mark = device.mark();
          const fill = async (key: number) => {
            const out = device.allocate([101]);
            device.kernels.fillNormal(out, 1, key, 7);
            return readFloats(device, out);
          };
          const drawn = await fill(key0);
          assert.deepEqual(await fill(key0), drawn);
          assert.notDeepEqual(await fill(key0 + 1), drawn);
          device.release(mark);
        }),
        { numRuns: 5 },
      );
    });
  });
}
