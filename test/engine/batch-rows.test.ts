/** Entries left out of a batch's rows, and drawn beside them. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { compressRows, type Rows } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats, readIntegers } from "../../src/engine/device.ts";
import { emptySparse, takeRows } from "../../src/engine/operators/index.ts";
import type { SparseMatrix } from "../../src/engine/sparse-kernels.ts";
import { uploadRows } from "../../src/graph/bipartite.ts";
import { deviceOptions } from "./devices.ts";
import { integers, stream } from "./numbers.ts";

const itemCount = 500;
/** Person p has about 40·p items; person 0 none, the last one all. */
const table: Rows = (() => {
  const random = stream(3);
  const users: number[] = [];
  const items: number[] = [];
  for (let user = 1; user <= 6; user++) {
    for (const item of integers(random, 40 * user, itemCount)) {
      users.push(user);
      items.push(item);
    }
  }
  for (let item = 0; item < itemCount; item++) {
    users.push(7);
    items.push(item);
  }
  return compressRows(Int32Array.from(users), Int32Array.from(items), 8);
})();

const rowOf = (row: number) => [
  ...table.indices.subarray(table.indptr[row]!, table.indptr[row + 1]!),
];

async function entriesOf(device: Device, { indptr, indices, values, rowCount }: SparseMatrix) {
  const starts = await readIntegers(device, indptr);
  const [columns, numbers] = [
    await readIntegers(device, indices),
    await readFloats(device, values),
  ];
  return Array.from({ length: rowCount }, (_, row) => {
    const place = [starts[row]!, starts[row + 1]!] as const;
    return { columns: [...columns.slice(...place)], values: [...numbers.slice(...place)] };
  });
}

for (const options of deviceOptions) {
  describe(`rows of a batch with ${JSON.stringify(options)}`, () => {
    let device: Device;
    before(async () => {
      device = await createCpuDevice(options);
    });
    after(() => device.close());

    const taken = async (index: number[], rate: number, key0: number, draw: number) => {
      const mark = device.mark();
      const rows = uploadRows(device, table, itemCount);
      const places = device.upload([index.length], Int32Array.from(index));
      const random = { key0, key1: 9, draw };
      const batch = takeRows(device, rows, itemCount, places, {
        rate,
        normalise: true,
        ...random,
      });
      const turned = emptySparse(device, itemCount, index.length, batch.capacity);
      device.kernels.transposeSparse(turned, batch.matrix);
      const found = [
        await entriesOf(device, batch.matrix),
        await entriesOf(device, turned),
      ] as const;
      device.release(mark);
      return found;
    };

    it("takes rows as unit vectors, and their transpose", async () => {
      const index = [5, 0, 7, 5];
      const [rows, turned] = await taken(index, 0, 1, 0);
      index.forEach((row, n) => {
        const expected = rowOf(row);
        assert.deepEqual(rows[n]!.columns, expected);
        const value = Math.fround(1 / Math.fround(Math.sqrt(expected.length)));
        assert.ok(rows[n]!.values.every((found) => found === value));
      });
      turned.forEach(({ columns, values }, item) => {
        const expected = index.flatMap((row, n) => (rowOf(row).includes(item) ? [n] : []));
        assert.deepEqual(columns, expected);
        values.forEach((value, at) => {
          assert.equal(value, rows[columns[at]!]!.values[0]);
        });
      });
    });

    it("leaves out the share that it should, by key, draw and row alone", async () => {
      const [kept] = await taken([1, 2, 3, 4, 5, 6, 7], 0.3, 1, 5);
      const all = table.indices.length;
      const share = kept.reduce((sum, { columns }) => sum + columns.length, 0) / all;
      // Five standard errors of a share of 0.7.
      assert.ok(Math.abs(share - 0.7) < 5 * Math.sqrt(0.21 / all), `kept ${share}`);
      const scale = 65536 / (65536 - Math.round(0.3 * 65536));
      kept.forEach(({ columns, values }, n) => {
        const whole = rowOf(n + 1);
        assert.ok(columns.every((item) => whole.includes(item)));
        const expected = scale / Math.sqrt(whole.length);
        assert.ok(values.every((value) => Math.abs(value - expected) < 1e-6));
      });
      const [again] = await taken([7, 3], 0.3, 1, 5);
      assert.deepEqual(again, [kept[6], kept[2]]);
      assert.notDeepEqual((await taken([7, 3], 0.3, 1, 6))[0], again);
      assert.notDeepEqual((await taken([7, 3], 0.3, 2, 5))[0], again);
    });

    it("draws targets beside the entries, each free item as likely", async () => {
      const mark = device.mark();
      const rows = uploadRows(device, table, itemCount);
      const index = device.upload([3], Int32Array.of(7, 0, 6));
      const drawn = async (draw: number) => {
        const out = emptySparse(device, 3, itemCount, 4 * table.indices.length);
        device.kernels.drawTargets(out, rows, index, 3, { key0: 1, key1: 2, draw });
        return entriesOf(device, out);
      };
      const counts = new Map<number, number>();
      const own = rowOf(6);
      for (let draw = 0; draw < 60; draw++) {
        const [full, empty, some] = await drawn(draw);
        assert.deepEqual(full, { columns: rowOf(7), values: new Array(itemCount).fill(1) });
        assert.deepEqual(empty, { columns: [], values: [] });
        const positives = some!.columns.filter((_, at) => some!.values[at] === 1);
        const negatives = some!.columns.filter((_, at) => some!.values[at] === 0);
        assert.deepEqual(positives, own);
        assert.equal(negatives.length, 3 * own.length);
        assert.ok(!negatives.some((item) => own.includes(item)));
        for (const item of negatives) counts.set(item, (counts.get(item) ?? 0) + 1);
      }
      const free = itemCount - own.length;
      const expected = (60 * 3 * own.length) / free;
      let chiSquare = 0;
      for (let item = 0; item < itemCount; item++) {
        if (!own.includes(item)) {
          chiSquare += ((counts.get(item) ?? 0) - expected) ** 2 / expected;
        }
      }
      // Five standard deviations of χ² with so many degrees of freedom.
      assert.ok(Math.abs(chiSquare - free) < 5 * Math.sqrt(2 * free), `χ² ${chiSquare}`);
      assert.deepEqual(await drawn(4), await drawn(4));
      device.release(mark);
    });
  });
}
