/** Kernels that move, cut and collect rows and columns, beside plain loops. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { ShapeError } from "../../src/base/errors.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats, readIntegers } from "../../src/engine/device.ts";
import type { RowSet } from "../../src/engine/kernels.ts";
import { emptyRowSet } from "../../src/graph/bipartite.ts";
import { deviceOptions } from "./devices.ts";
import { assertClose, floats, integers, oddSize, seed, stream } from "./numbers.ts";

for (const options of deviceOptions) {
  describe(`moving with ${JSON.stringify(options)}`, () => {
    let device: Device;
    before(async () => {
      device = await createCpuDevice(options);
    });
    after(() => device.close());

    it("gathers rows index[n] + offset", async () => {
      await fc.assert(
        fc.asyncProperty(oddSize, oddSize, oddSize, seed, async (rows, width, count, start) => {
          const mark = device.mark();
          const random = stream(start);
          const table = floats(random, (rows + 2) * width);
          const index = integers(random, count, rows);
          const out = device.allocate([count, width]);
          const [from, which] = [
            device.upload([rows + 2, width], table),
            device.upload([count], index),
          ];
          device.kernels.gatherRows(out, from, which, 2);
          const expected = Array.from(index).flatMap((row) => [
            ...table.subarray((row + 2) * width, (row + 3) * width),
          ]);
          assert.deepEqual([...(await readFloats(device, out))], expected);
          device.release(mark);
        }),
        { numRuns: 30 },
      );
    });

    it("moves rows, scaled, all or some of them, in place of what is there or onto it", async () => {
      const switches = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean());
      await fc.assert(
        fc.asyncProperty(oddSize, oddSize, seed, switches, async (rows, width, start, given) => {
          const [ordered, scaled, some, accumulate] = given;
          const mark = device.mark();
          const random = stream(start);
          const [x, before] = [floats(random, rows * width), floats(random, rows * width)];
          const [map, scales] = [integers(random, rows, rows), floats(random, rows)];
          const chosen = Array.from({ length: rows }, (_, row) => !some || row % 3 === 0);
          const set = some ? emptyRowSet(device, rows, rows) : null;
          if (set) {
            const index = Int32Array.from(chosen.keys()).filter((row) => chosen[row]);
            device.kernels.collectRows(set, [
              { index: device.upload([index.length], index), offset: 0 },
            ]);
          }
          const out = device.upload([rows, width], before);
          device.kernels.moveRows(out, device.upload([rows, width], x), {
            from: ordered ? device.upload([rows], map) : null,
            scale: scaled ? device.upload([rows], scales) : null,
            rows: set,
            accumulate,
          });
          const expected = before.map((own, at) => {
            const row = Math.floor(at / width);
            if (!chosen[row]) return own;
            const source = ordered ? map[row]! : row;
            const moved = (scaled ? scales[row]! : 1) * x[source * width + (at % width)]!;
            return accumulate ? own + moved : moved;
          });
          assertClose(await readFloats(device, out), expected, 1e-6);
          device.release(mark);
        }),
        { numRuns: 30 },
      );
    });

    // The last two are shared out among threads, row by row of the table.
    for (const [rows, width, count] of [
      [1, 1, 1],
      [5, 3, 17],
      [64, 65, 200],
      [37, 65, 4_001],
      [70_001, 3, 30_011],
    ] as const) {
      it(`adds ${count} rows into ${rows}×${width}, duplicates in order`, async () => {
        const mark = device.mark();
        const random = stream(rows);
        const offset = 3;
        const table = floats(random, (rows + offset) * width);
        const index = integers(random, count, rows);
        const source = floats(random, count * width);
        const into = device.upload([rows + offset, width], table);
        device.kernels.scatterAddRows(
          into,
          device.upload([count], index),
          offset,
          device.upload([count, width], source),
          -0.5,
        );
        // Halves are exact, so single precision in the same order gives the same bits.
        const expected = table.slice();
        for (const [n, row] of index.entries()) {
          for (let c = 0; c < width; c++) {
            expected[(row + offset) * width + c]! += -0.5 * source[n * width + c]!;
          }
        }
        assert.ok(
          Buffer.from((await readFloats(device, into)).buffer).equals(Buffer.from(expected.buffer)),
        );
        device.release(mark);
      });
    }

    it("puts, takes and adds columns", async () => {
      const anyCut = fc.record({ rows: oddSize, width: oddSize, left: oddSize, right: oddSize });
      await fc.assert(
        fc.asyncProperty(anyCut, seed, async ({ rows, width, left, right }, start) => {
          const mark = device.mark();
          const random = stream(start);
          const whole = left + width + right;
          const [wide, narrow] = [floats(random, rows * whole), floats(random, rows * width)];
          const put = device.upload([rows, whole], wide);
          const x = device.upload([rows, width], narrow);
          device.kernels.putColumns(put, x, left);
          const added = device.upload([rows, width], narrow);
          const from = device.upload([rows, whole], wide);
          device.kernels.takeColumns(added, from, left, true);
          const taken = device.allocate([rows, width]);
          device.kernels.takeColumns(taken, put, left, false);
          const expected = wide.slice();
          const sum = narrow.slice();
          for (let r = 0; r < rows; r++) {
            for (let c = 0; c < width; c++) {
              expected[r * whole + left + c] = narrow[r * width + c]!;
              sum[r * width + c]! += wide[r * whole + left + c]!;
            }
          }
          assert.deepEqual(await readFloats(device, put), expected);
          assert.deepEqual(await readFloats(device, added), sum);
          assert.deepEqual(await readFloats(device, taken), narrow);
          device.release(mark);
        }),
        { numRuns: 30 },
      );
    });

    it("refuses columns that are not there", () => {
      const [wide, narrow] = [device.allocate([2, 5]), device.allocate([2, 3])];
      const message = /2×3 does not fit into 2×5 from column 3/;
      assert.throws(() => device.kernels.putColumns(wide, narrow, 3), ShapeError);
      assert.throws(() => device.kernels.putColumns(wide, narrow, 3), message);
      assert.throws(() => device.kernels.takeColumns(narrow, wide, 3, false), message);
      assert.throws(() => device.kernels.putColumns(wide, narrow, -1), ShapeError);
    });

    it("collects each row of a batch once, in order of appearance, and forgets it again", async () => {
      const rows = 50;
      const set: RowSet = {
        mask: device.upload([rows], new Int32Array(rows)),
        list: device.allocate([rows + 1], "i32"),
        count: device.upload([1], new Int32Array(1)),
        times: device.upload([rows], new Int32Array(rows)),
      };
      await fc.assert(
        fc.asyncProperty(oddSize, oddSize, seed, async (first, second, start) => {
          const mark = device.mark();
          const random = stream(start);
          const [users, items] = [integers(random, first, 20), integers(random, second, 30)];
          device.kernels.collectRows(set, [
            { index: device.upload([first], users), offset: 0 },
            { index: device.upload([second], items), offset: 20 },
          ]);
          const expected = [...new Set([...users, ...items.map((item) => item + 20)])];
          const [count] = await readIntegers(device, set.count);
          assert.deepEqual([...(await readIntegers(device, set.list))].slice(0, count), expected);
          const members = new Set(expected);
          const mask = Int32Array.from({ length: rows }, (_, row) => (members.has(row) ? 1 : 0));
          assert.deepEqual(await readIntegers(device, set.mask), mask);

          const table = device.upload([rows, 3], new Float32Array(3 * rows).fill(2));
          device.kernels.zeroRows(table, set);
          const left = Float32Array.from({ length: 3 * rows }, (_, at) =>
            mask[Math.floor(at / 3)] ? 0 : 2,
          );
          assert.deepEqual(await readFloats(device, table), left);

          device.kernels.clearRows(set);
          assert.deepEqual(await readIntegers(device, set.count), Int32Array.of(0));
          assert.deepEqual(await readIntegers(device, set.mask), new Int32Array(rows));
          device.release(mark);
        }),
        { numRuns: 20 },
      );
    });

    it("adds and scales whole tensors and columns", async () => {
      await fc.assert(
        fc.asyncProperty(oddSize, oddSize, seed, async (rows, width, start) => {
          const mark = device.mark();
          const random = stream(start);
          const [x, y, z] = Array.from({ length: 3 }, () => floats(random, rows * width));
          const bias = floats(random, width);
          const [a, b] = [device.upload([rows, width], x!), device.upload([rows, width], y!)];
          const out = device.upload([rows, width], z!);
          device.kernels.addProduct(out, a, b, -0.75);
          device.kernels.scaleAdd(out, a, 0.5, 2);
          const expected = z!.map(
            (old, at) => 2 * (old - 0.75 * x![at]! * y![at]!) + 0.5 * x![at]!,
          );
          assertClose(await readFloats(device, out), expected, 1e-6, "addProduct, scaleAdd");

          const sums = device.upload([width], bias);
          device.kernels.columnSums(sums, a, true);
          const totals = Float64Array.from(bias);
          x!.forEach((value, at) => {
            totals[at % width]! += value;
          });
          assertClose(await readFloats(device, sums), totals, 1e-5, "columnSums");
          device.release(mark);
        }),
        { numRuns: 30 },
      );
    });
  });
}
