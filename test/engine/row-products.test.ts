import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { compressRows, type Rows } from "../../src/data/interactions.ts";
import { type Device, readFloats, readIntegers } from "../../src/engine/device.ts";
import { transposeRows } from "../../src/graph/bipartite.ts";
import { uploadPattern } from "../../src/graph/weighted-rows.ts";
import { deviceOptions, withDevice } from "./devices.ts";

function randomRows(rowCount: number, columnCount: number, pairs: number, seed: number): Rows {
  const random = new RandomStream(seed, "sparse products");
  const row = Int32Array.from({ length: pairs }, () => random.below(rowCount));
  // The square root leaves some columns popular and some empty.
  const column = row.map(() => Math.floor(columnCount * random.uniform() ** 2));
  return compressRows(row, column, rowCount);
}

function dense({ indptr, indices }: Rows, columnCount: number, values?: Float32Array): number[][] {
  return Array.from({ length: indptr.length - 1 }, (_, row) => {
    const line = new Array<number>(columnCount).fill(0);
    for (let at = indptr[row]!; at < indptr[row + 1]!; at++) line[indices[at]!] = values?.[at] ?? 1;
    return line;
  });
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0);

/** Columns by value, equal ones by index. */
const order = (line: readonly number[]) =>
  [...line.keys()].sort((a, b) => line[b]! - line[a]! || a - b);

async function topRows(device: Device, rows: Rows, columns: Rows, k: number, seed: number) {
  const random = new RandomStream(seed, "product options");
  const rowCount = rows.indptr.length - 1;
  const columnCount = columns.indptr.length - 1;
  // Quarters: exact in float32 whatever the order of sums, and full of ties.
  const quarters = (length: number, from: number) =>
    Float32Array.from({ length }, () => from + random.below(4) / 4);
  const inner = quarters(columnCount, 0.25);
  const [factor, shift] = [quarters(rowCount, 1), quarters(rowCount, 0)];
  const norm = Float32Array.from({ length: rowCount }, () => 2 ** random.below(3));
  const upload = (x: Float32Array) => device.upload([x.length], x);
  const both = (x: Float32Array) => ({ rows: upload(x), columns: upload(x) });
  const count = rowCount - 3;
  const outColumns = device.allocate([count, k], "i32");
  const outValues = device.allocate([count, k]);
  device.kernels.productTopRows(
    outColumns,
    outValues,
    3,
    uploadPattern(device, rows, columnCount),
    uploadPattern(device, columns, rowCount),
    {
      inner: upload(inner),
      factor: both(factor),
      shift: both(shift),
      norm: both(norm),
      shrinkage: 0,
      skipDiagonal: true,
    },
  );
  const a = dense(rows, columnCount);
  const expected = a.slice(3).map((line, at) => {
    const row = at + 3;
    const scaled = line.map((value, column) => value * inner[column]!);
    const values = a.map((other, column) => {
      const sum = dot(scaled, other);
      if (column === row || dot(line, other) === 0) return 0;
      const above = sum - shift[row]! * shift[column]!;
      return (factor[row]! * factor[column]! * above) / (norm[row]! * norm[column]!);
    });
    const best = order(values)
      .filter((column) => values[column]! > 0)
      .slice(0, k);
    return { best, values };
  });
  return {
    columns: await readIntegers(device, outColumns),
    values: await readFloats(device, outValues),
    expected,
  };
}

for (const options of deviceOptions) {
  describe(`sparse products with ${JSON.stringify(options)}`, () => {
    for (const k of [1, 5, 60]) {
      it(`keeps the ${k} largest positive entries of each row`, async () => {
        await withDevice(options, async (device) => {
          const rows = randomRows(45, 30, 300, k);
          const found = await topRows(device, rows, transposeRows(rows, 30), k, k);
          found.expected.forEach(({ best, values }, row) => {
            const padded = [...best, ...new Array<number>(k - best.length).fill(-1)];
            const place = [row * k, (row + 1) * k] as const;
            assert.deepEqual([...found.columns.subarray(...place)], padded);
            assert.deepEqual(
              [...found.values.subarray(...place)],
              padded.map((column) => (column < 0 ? -Infinity : values[column]!)),
            );
          });
        });
      });
    }

    it("makes the lower half of the Gram matrix", async () => {
      await withDevice(options, async (device) => {
        const rows = randomRows(40, 33, 400, 7);
        const columns = transposeRows(rows, 33);
        const out = device.upload([20, 33], new Float32Array(20 * 33).fill(5));
        const left = uploadPattern(device, columns, 40);
        const right = uploadPattern(device, rows, 33);
        device.kernels.gramRows(out, 13, left, right);
        const x = dense(columns, 40);
        const expected = Array.from({ length: 20 }, (_, at) =>
          x.map((column, other) => (other <= at + 13 ? dot(x[at + 13]!, column) : 0)),
        );
        assert.deepEqual([...(await readFloats(device, out))], expected.flat());
      });
    });

    for (const nonNegative of [true, false]) {
      it(`finds elastic nets that meet the optimality conditions${nonNegative ? ", w ≥ 0" : ""}`, async () => {
        await withDevice(options, async (device) => {
          const [users, items] = [50, 24];
          const rows = randomRows(users, items, 420, 3);
          const columns = transposeRows(rows, items);
          const [l1, l2] = [0.7, 2.5];
          const outItems = device.allocate([items - 2, items], "i32");
          const outWeights = device.allocate([items - 2, items]);
          const left = uploadPattern(device, columns, users);
          const right = uploadPattern(device, rows, items);
          device.kernels.elasticNetColumns(outItems, outWeights, 2, left, right, {
            ...{ l1, l2, nonNegative, sweeps: 500, tolerance: 1e-9 },
          });
          const x = dense(columns, users);
          const chosen = await readIntegers(device, outItems);
          const weights = await readFloats(device, outWeights);
          let negative = 0;
          for (let column = 2; column < items; column++) {
            const w = new Array<number>(items).fill(0);
            const from = (column - 2) * items;
            for (let at = from; at < from + items && chosen[at]! >= 0; at++) {
              w[chosen[at]!] = weights[at]!;
              if (at > from) assert.ok(Math.abs(weights[at - 1]!) >= Math.abs(weights[at]!));
              if (weights[at]! < 0) negative++;
            }
            assert.equal(w[column], 0);
            const residual = x[column]!.map(
              (value, user) =>
                value - x.reduce((sum, other, item) => sum + w[item]! * other[user]!, 0),
            );
            x.forEach((other, item) => {
              if (item === column || other.every((value) => value === 0)) return;
              const pull = dot(other, residual) - l2 * w[item]!;
              if (w[item] !== 0) assert.ok(Math.abs(pull - l1 * Math.sign(w[item]!)) < 1e-4);
              else assert.ok((nonNegative ? pull : Math.abs(pull)) <= l1 + 1e-4);
            });
          }
          assert.equal(negative > 0, !nonNegative);
        });
      });
    }

    it("multiplies sparse rows into dense ones", async () => {
      await withDevice(options, async (device) => {
        const [people, middle, items] = [37, 20, 70];
        const random = new RandomStream(5, "rows times rows");
        const withValues = (rows: Rows) => ({
          ...rows,
          values: Float32Array.from(rows.indices, () => random.below(7) / 4 - 0.5),
        });
        const a = withValues(randomRows(people, middle, 200, 1));
        const b = withValues(randomRows(middle, items, 300, 2));
        const plain = ({ indptr, indices }: Rows) => ({ indptr, indices });
        for (const [left, right] of [
          [a, b],
          [plain(a), b],
          [a, plain(b)],
        ] as const) {
          const out = device.upload([people, items], new Float32Array(people * items).fill(9));
          const x = uploadPattern(device, left, middle);
          device.kernels.multiplyRows(out, x, uploadPattern(device, right, items));
          const table = dense(right, items, "values" in right ? right.values : undefined);
          const lines = dense(left, middle, "values" in left ? left.values : undefined);
          const expected = lines.map((line) =>
            Array.from({ length: items }, (_, item) =>
              dot(
                line,
                table.map((row) => row[item]!),
              ),
            ),
          );
          assert.deepEqual([...(await readFloats(device, out))], expected.flat());
        }
      });
    });
  });
}
