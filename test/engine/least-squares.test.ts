import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ShapeError } from "../../src/base/errors.ts";
import type { Rows } from "../../src/data/interactions.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import type { LeastSquares } from "../../src/engine/kernels.ts";
import { uploadRows } from "../../src/graph/bipartite.ts";
import { solveDense } from "../models/dense-solve.ts";
import { deviceOptions, withDevice } from "./devices.ts";
import { assertClose, floats, stream } from "./numbers.ts";

interface Problem {
  readonly rows: Rows;
  readonly columnCount: number;
  readonly width: number;
  readonly table: Float32Array;
  readonly weights: Float32Array;
  readonly targets: Float32Array;
  readonly spectrum: Float32Array | null;
  readonly ridge: Float32Array;
}

/** Rows around the sizes at which the kernels change their way: lanes, panels, blocks, the width. */
const counts = [0, 1, 3, 4, 5, 7, 8, 9, 12, 17, 31, 40, 63, 64, 65, 127, 128, 129, 300];

function problem(width: number, withSpectrum: boolean, leastWeight = 0.1): Problem {
  const random = stream(width);
  const columnCount = 311;
  const indices = counts.flatMap((count) => {
    const order = random.shuffle(Int32Array.from({ length: columnCount }, (_, at) => at));
    return [...order.subarray(0, count).sort()];
  });
  const indptr = new Int32Array(counts.length + 1);
  counts.forEach((count, row) => {
    indptr[row + 1] = indptr[row]! + count;
  });
  return {
    rows: { indptr, indices: Int32Array.from(indices) },
    columnCount,
    width,
    table: floats(random, columnCount * width),
    weights: floats(random, indices.length, leastWeight, 3).map((w) => Math.max(0, w)),
    targets: floats(random, indices.length, -1, 4),
    spectrum: withSpectrum ? floats(random, width, 0, 20) : null,
    ridge: floats(random, counts.length, 0.5, 2),
  };
}

/** The normal equations of a row in double precision. */
function equations(given: Problem, row: number) {
  const { rows, width, table, weights, targets, spectrum, ridge } = given;
  const matrix = new Float64Array(width * width);
  const right = new Float64Array(width);
  for (let c = 0; c < width; c++) matrix[c * width + c] = (spectrum?.[c] ?? 0) + ridge[row]!;
  for (let at = rows.indptr[row]!; at < rows.indptr[row + 1]!; at++) {
    const y = table.subarray(rows.indices[at]! * width, (rows.indices[at]! + 1) * width);
    for (let c = 0; c < width; c++) {
      right[c]! += targets[at]! * y[c]!;
      for (let d = 0; d < width; d++) matrix[c * width + d]! += weights[at]! * y[c]! * y[d]!;
    }
  }
  return { matrix, right };
}

function upload(device: Device, given: Problem): LeastSquares {
  return {
    rows: uploadRows(device, given.rows, given.columnCount),
    table: device.upload([given.columnCount, given.width], given.table),
    weights: device.upload([given.weights.length], given.weights),
    targets: device.upload([given.targets.length], given.targets),
    spectrum: given.spectrum && device.upload([given.width], given.spectrum),
    ridge: device.upload([counts.length], given.ridge),
  };
}

/** Conjugate gradients by the book, preconditioned by D, in double precision. */
function conjugate(given: Problem, row: number, start: Float32Array, steps: number) {
  const { width, spectrum, ridge } = given;
  const { matrix, right } = equations(given, row);
  const times = (v: Float64Array) =>
    v.map((_, c) => v.reduce((sum, value, d) => sum + matrix[c * width + d]! * value, 0));
  const inner = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, c) => sum + v * b[c]!, 0);
  const condition = (v: Float64Array) => v.map((x, c) => x / ((spectrum?.[c] ?? 0) + ridge[row]!));
  const x = Float64Array.from(start);
  const image = times(x);
  const r = right.map((b, c) => b - image[c]!);
  let p = condition(r);
  for (let step = 0; step < steps; step++) {
    const before = inner(r, condition(r));
    const ap = times(p);
    const alpha = before / inner(p, ap);
    for (let c = 0; c < width; c++) {
      x[c]! += alpha * p[c]!;
      r[c]! -= alpha * ap[c]!;
    }
    const z = condition(r);
    const beta = inner(r, z) / before;
    p = p.map((value, c) => z[c]! + beta * value);
  }
  return x;
}

const cases = [
  [8, true, 0.1],
  [24, false, 0.1],
  [64, true, 0.1],
  [72, false, -0.5],
  [136, true, 0.1],
] as const;

describe("least squares row by row", () => {
  for (const [width, withSpectrum, leastWeight] of cases) {
    const given = problem(width, withSpectrum, leastWeight);
    it(`solves as double precision does: width ${width}`, async () => {
      for (const options of width === 72 ? deviceOptions : deviceOptions.slice(0, 1)) {
        await withDevice(options, async (device) => {
          const system = upload(device, given);
          const size = counts.length * width;
          const out = device.upload(
            [counts.length, width],
            new Float32Array(size).fill(Number.NaN),
          );
          device.kernels.solveRows(out, system, 0, counts.length);
          const found = await readFloats(device, out);
          counts.forEach((count, row) => {
            const { matrix, right } = equations(given, row);
            const expected = count ? solveDense(matrix, right) : right;
            assertClose(found.subarray(row * width, (row + 1) * width), expected, 1e-4, `${count}`);
          });
        });
      }
    });

    it(`improves as conjugate gradients by the book: width ${width}`, () =>
      withDevice({ threads: 1 }, async (device) => {
        const system = upload(device, given);
        const start = floats(stream(7), counts.length * width);
        const out = device.upload([counts.length, width], start);
        device.kernels.improveRows(out, system, 3, 0, counts.length);
        const found = await readFloats(device, out);
        counts.forEach((count, row) => {
          const place = [row * width, (row + 1) * width] as const;
          const own = start.subarray(...place);
          const expected = count ? conjugate(given, row, own, 3) : new Float64Array(width);
          assertClose(found.subarray(...place), expected, 2e-4, `${count}`);
        });
      }));
  }

  it("enough steps of conjugate gradients reach the solution and stay there", () =>
    withDevice({ threads: 2 }, async (device) => {
      const given = problem(24, true);
      const system = upload(device, given);
      const solved = device.allocate([counts.length, 24]);
      const improved = device.upload([counts.length, 24], new Float32Array(counts.length * 24));
      device.kernels.solveRows(solved, system, 0, counts.length);
      device.kernels.improveRows(improved, system, 60, 0, counts.length);
      const expected = await readFloats(device, solved);
      assertClose(await readFloats(device, improved), expected, 1e-4);
      device.kernels.improveRows(solved, system, 5, 0, counts.length);
      assertClose(await readFloats(device, solved), expected, 1e-4);
    }));

  it("touches the rows that it is asked for alone, with the same bits on any number of threads", async () => {
    const given = problem(64, true);
    const start = floats(stream(9), counts.length * 64);
    const results: Float32Array[][] = [];
    for (const threads of [1, 2, 3]) {
      await withDevice({ threads }, async (device) => {
        const system = upload(device, given);
        const [whole, part, improved] = [0, 1, 2].map(() =>
          device.upload([counts.length, 64], start),
        );
        device.kernels.solveRows(whole!, system, 0, counts.length);
        device.kernels.solveRows(part!, system, 3, 11);
        device.kernels.improveRows(improved!, system, 2, 0, counts.length);
        const read = [whole, part, improved].map((tensor) => readFloats(device, tensor!));
        results.push(await Promise.all(read));
      });
    }
    const [[whole, part], second, third] = results as [
      Float32Array[],
      Float32Array[],
      Float32Array[],
    ];
    assert.deepEqual(second, results[0]);
    assert.deepEqual(third, results[0]);
    assert.deepEqual(part!.subarray(3 * 64, 11 * 64), whole!.subarray(3 * 64, 11 * 64));
    assert.deepEqual(part!.subarray(0, 3 * 64), start.subarray(0, 3 * 64));
    assert.deepEqual(part!.subarray(11 * 64), start.subarray(11 * 64));
  });

  it("refuses tables that it cannot walk", () =>
    withDevice({ threads: 1 }, async (device) => {
      const system = upload(device, problem(12, false));
      const out = device.allocate([counts.length, 12]);
      assert.throws(() => device.kernels.solveRows(out, system, 0, 1), ShapeError);
      const fitting = upload(device, problem(16, false));
      assert.throws(() => device.kernels.solveRows(out, fitting, 0, 1), ShapeError);
      const wide = device.allocate([counts.length, 16]);
      assert.throws(() => device.kernels.improveRows(wide, fitting, 3, 0, 99), ShapeError);
    }));
});
