/** Products of sparse matrices beside the same sums over dense ones, on every device. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { compressRows } from "../../src/data/interactions.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats, readIntegers } from "../../src/engine/device.ts";
import type { SparseMatrix, SparsePattern } from "../../src/engine/sparse-kernels.ts";
import { deviceOptions } from "./devices.ts";
import { assertClose, floats, integers, stream } from "./numbers.ts";

interface Dense {
  readonly rows: number;
  readonly columns: number;
  readonly at: (row: number, column: number) => number;
}

/** A random pattern of ones, with empty rows and a full one, on the device and as numbers. */
function pattern(device: Device, rows: number, columns: number, seed: number) {
  const random = stream(seed);
  const count = Math.floor((rows * columns) / 6);
  const [row, column] = [integers(random, count, rows - 1), integers(random, count, columns)];
  const full = Int32Array.from({ length: columns }, (_, at) => at);
  const { indptr, indices } = compressRows(
    Int32Array.from([...row, ...full.fill(2)]),
    Int32Array.from([...column, ...Array.from({ length: columns }, (_, at) => at)]),
    rows,
  );
  const ones = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let at = indptr[r]!; at < indptr[r + 1]!; at++) ones[r * columns + indices[at]!] = 1;
  }
  const sparse: SparsePattern = {
    rowCount: rows,
    columnCount: columns,
    indptr: device.upload([rows + 1], indptr),
    indices: device.upload([indices.length], indices),
  };
  const dense: Dense = { rows, columns, at: (r, c) => ones[r * columns + c]! };
  return { sparse, dense, indptr, indices };
}

/** The same pattern with random values. */
function matrix(device: Device, rows: number, columns: number, seed: number) {
  const { sparse, dense, indptr, indices } = pattern(device, rows, columns, seed);
  const values = floats(stream(seed + 1), indices.length, 0.1, 2);
  const numbers = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let at = indptr[r]!; at < indptr[r + 1]!; at++) {
      numbers[r * columns + indices[at]!] = values[at]!;
    }
  }
  const weighted: SparseMatrix = { ...sparse, values: device.upload([values.length], values) };
  return { weighted, dense: { ...dense, at: (r: number, c: number) => numbers[r * columns + c]! } };
}

/** Every element of a rows × columns table. */
function table(rows: number, columns: number, element: (r: number, c: number) => number) {
  return Float64Array.from({ length: rows * columns }, (_, at) =>
    element(Math.floor(at / columns), at % columns),
  );
}

const sum = (count: number, term: (n: number) => number) =>
  Array.from({ length: count }, (_, n) => term(n)).reduce((total, value) => total + value, 0);

for (const options of deviceOptions) {
  describe(`sparse products with ${JSON.stringify(options)}`, () => {
    let device: Device;
    before(async () => {
      device = await createCpuDevice(options);
    });
    after(() => device.close());

    for (const power of [1, 0.7]) {
      it(`multiplies two patterns between scales, power ${power}`, async () => {
        const [m, k, n] = [37, 23, 70] as const;
        const a = pattern(device, m, k, 1);
        const b = pattern(device, k, n, 2);
        const scales = [m, k, n].map((size, at) => floats(stream(9 + at), size, 0.2, 1.5));
        const expected = table(
          m,
          n,
          (r, c) =>
            (scales[0]![r]! *
              scales[2]![c]! *
              sum(k, (i) => scales[1]![i]! * a.dense.at(r, i) * b.dense.at(i, c))) **
            power,
        );
        const counts = device.allocate([m], "i32");
        device.kernels.countSparseProduct(counts, a.sparse, b.sparse);
        const count = await readIntegers(device, counts);
        const indptr = new Int32Array(m + 1);
        count.forEach((entries, row) => {
          indptr[row + 1] = indptr[row]! + entries;
        });
        assert.equal(indptr[m], expected.filter((value) => value !== 0).length);
        const out: SparseMatrix = {
          rowCount: m,
          columnCount: n,
          indptr: device.upload([m + 1], indptr),
          indices: device.allocate([indptr[m]!], "i32"),
          values: device.allocate([indptr[m]!]),
        };
        const [rowScale, middleScale, columnScale] = scales.map((scale) =>
          device.upload([scale.length], scale),
        );
        device.kernels.sparseProduct(out, a.sparse, b.sparse, {
          rowScale: rowScale!,
          middleScale: middleScale!,
          columnScale: columnScale!,
          power,
        });
        const indices = await readIntegers(device, out.indices);
        const values = await readFloats(device, out.values);
        const found = new Float64Array(m * n);
        for (let row = 0; row < m; row++) {
          for (let at = indptr[row]!; at < indptr[row + 1]!; at++) {
            assert.ok(at === indptr[row] || indices[at]! > indices[at - 1]!, "ascending columns");
            found[row * n + indices[at]!] = values[at]!;
          }
        }
        assertClose(found, expected, 1e-5, "product");
      });
    }

    it("multiplies sparse rows with a sparse matrix and a diagonal", async () => {
      const [rows, n] = [19, 45] as const;
      const x = pattern(device, rows, n, 5);
      const { weighted, dense } = matrix(device, n, n, 6);
      const start = floats(stream(8), rows * n);
      for (const accumulate of [false, true]) {
        const out = device.upload([rows, n], start);
        const settings = { scale: 0.5, diagonal: 3, accumulate };
        device.kernels.multiplySparseRows(out, x.sparse, weighted, settings);
        const expected = table(
          rows,
          n,
          (r, c) =>
            sum(n, (i) => x.dense.at(r, i) * (0.5 * dense.at(i, c) + (i === c ? 3 : 0))) +
            (accumulate ? start[r * n + c]! : 0),
        );
        assertClose(await readFloats(device, out), expected, 1e-5, "rows");
      }
      const out = device.allocate([rows, n]);
      const settings = { scale: 1, diagonal: 2, accumulate: false };
      device.kernels.multiplySparseRows(out, x.sparse, null, settings);
      assertClose(
        await readFloats(device, out),
        table(rows, n, (r, c) => 2 * x.dense.at(r, c)),
        0,
        "diagonal alone",
      );
    });

    it("multiplies a sparse matrix with dense columns, and transposes, at every width", async () => {
      const { weighted, dense } = matrix(device, 31, 26, 11);
      for (const width of [1, 3, 4, 7, 32, 64, 69]) {
        const numbers = floats(stream(width), 26 * width);
        const x = device.upload([26, width], numbers);
        const out = device.allocate([31, width]);
        device.kernels.multiplyWeighted(out, weighted, x);
        const expected = table(31, width, (r, c) =>
          sum(26, (i) => dense.at(r, i) * numbers[i * width + c]!),
        );
        assertClose(await readFloats(device, out), expected, 1e-5, `width ${width}`);
        const turned = device.allocate([width, 26]);
        device.kernels.transpose(turned, x);
        assert.deepEqual(
          [...(await readFloats(device, turned))],
          [...table(width, 26, (r, c) => numbers[c * width + r]!)],
        );
      }
    });

    it("refuses shapes that do not fit", () => {
      const a = pattern(device, 5, 7, 1).sparse;
      const square = matrix(device, 6, 6, 2).weighted;
      const settings = { scale: 1, diagonal: 0, accumulate: false };
      const [out, x] = [device.allocate([5, 7]), device.allocate([5, 3])];
      assert.throws(() => device.kernels.countSparseProduct(out, a, a), /5×7 · 5×7/);
      assert.throws(() => device.kernels.multiplySparseRows(out, a, square, settings), /6×6/);
      assert.throws(() => device.kernels.multiplyWeighted(out, square, x), /6×6.*5×3/);
      assert.throws(() => device.kernels.transpose(out, x), /expected 3×5/);
    });
  });
}

it("sparse products are the same bits with any number of threads", async () => {
  const [m, k, n] = [403, 211, 307] as const;
  const run = async (threads: number) => {
    const device = await createCpuDevice({ threads });
    const a = pattern(device, m, k, 1).sparse;
    const b = pattern(device, k, n, 2).sparse;
    const counts = device.allocate([m], "i32");
    device.kernels.countSparseProduct(counts, a, b);
    const count = await readIntegers(device, counts);
    const indptr = new Int32Array(m + 1);
    count.forEach((entries, row) => {
      indptr[row + 1] = indptr[row]! + entries;
    });
    const [rowScale, middleScale, columnScale] = [m, k, n].map((size) =>
      device.upload([size], floats(stream(size), size, 0.2, 1.5)),
    );
    const product: SparseMatrix = {
      ...{ rowCount: m, columnCount: n, indptr: device.upload([m + 1], indptr) },
      indices: device.allocate([indptr[m]!], "i32"),
      values: device.allocate([indptr[m]!]),
    };
    const scales = { rowScale: rowScale!, middleScale: middleScale!, columnScale: columnScale! };
    device.kernels.sparseProduct(product, a, b, { ...scales, power: 0.7 });
    const { weighted } = matrix(device, n, n, 3);
    const rows = device.allocate([k, n]);
    const settings = { scale: 0.3, diagonal: 0.7, accumulate: false };
    device.kernels.multiplySparseRows(rows, b, weighted, settings);
    const dense = device.allocate([m, 37]);
    const x = device.upload([n, 37], floats(stream(4), n * 37));
    device.kernels.multiplyWeighted(dense, product, x);
    const found = await Promise.all(
      [product.values, rows, dense].map((t) => readFloats(device, t)),
    );
    await device.close();
    return found;
  };
  const one = await run(1);
  assert.deepEqual(await run(2), one);
  assert.deepEqual(await run(3), one);
});
