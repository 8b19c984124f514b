/** Singular vectors beside hand-worked cases and beside Jacobi's dense eigen-decomposition. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Device } from "../../src/engine/device.ts";
import { readFloats } from "../../src/engine/device.ts";
import { orthonormalise } from "../../src/engine/orthonormal.ts";
import { type LinearMap, randomisedSvd, type SvdOptions } from "../../src/engine/randomised-svd.ts";
import { symmetricEigen } from "../../src/engine/symmetric-eigen.ts";
import { deviceOptions, withDevice } from "./devices.ts";
import { assertClose, floats, stream } from "./numbers.ts";

const [plain] = deviceOptions;

/** A dense matrix as a linear map. */
function denseMap(device: Device, rows: number, columns: number, numbers: Float32Array): LinearMap {
  const a = device.upload([rows, columns], numbers);
  return {
    device,
    rowCount: rows,
    columnCount: columns,
    multiply: (out, x) => device.kernels.matmul(out, a, x, false, false, 1, 0),
    multiplyTransposed: (out, x) => device.kernels.matmul(out, a, x, true, false, 1, 0),
  };
}

/** Jacobi's cyclic method: eigenvalues (descending) and eigenvectors (rows), by another route than the engine's. */
function jacobi(matrix: Float64Array, n: number) {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]!) < 1e-300) continue;
        const angle = 0.5 * Math.atan2(2 * a[p * n + q]!, a[q * n + q]! - a[p * n + p]!);
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let i = 0; i < n; i++) {
          const [x, y] = [a[i * n + p]!, a[i * n + q]!];
          a[i * n + p] = c * x - s * y;
          a[i * n + q] = s * x + c * y;
        }
        for (let i = 0; i < n; i++) {
          const [x, y] = [a[p * n + i]!, a[q * n + i]!];
          a[p * n + i] = c * x - s * y;
          a[q * n + i] = s * x + c * y;
          const [u, w] = [v[p * n + i]!, v[q * n + i]!];
          v[p * n + i] = c * u - s * w;
          v[q * n + i] = s * u + c * w;
        }
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (x, y) => a[y * n + y]! - a[x * n + x]!,
  );
  return {
    values: order.map((i) => a[i * n + i]!),
    vectors: order.map((i) => v.slice(i * n, (i + 1) * n)),
  };
}

function gram(numbers: Float32Array, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: columns * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += numbers[r * columns + i]! * numbers[r * columns + j]!;
    return sum;
  });
}

describe("symmetric eigenvalues", () => {
  it("of a matrix worked out by hand", () => {
    // (2 1; 1 2) has 3 on (1, 1)/√2 and 1 on (1, −1)/√2; beside it stands a 5 on its own.
    const found = symmetricEigen(Float64Array.of(2, 0, 1, 0, 5, 0, 1, 0, 2), 3);
    assertClose(found.values, [5, 3, 1], 1e-14);
    const rows = [0, 1, 2].map((r) => found.vectors.subarray(3 * r, 3 * r + 3));
    assertClose(rows[0]!.map(Math.abs), [0, 1, 0], 1e-14);
    assertClose(rows[1]!.map(Math.abs), [Math.SQRT1_2, 0, Math.SQRT1_2], 1e-14);
    assert.ok(rows[1]![0]! * rows[1]![2]! > 0 && rows[2]![0]! * rows[2]![2]! < 0);
  });

  it("satisfy A·v = λ·v with orthonormal v, and agree with Jacobi's method", () => {
    for (const n of [1, 2, 3, 8, 33]) {
      const matrix = gram(floats(stream(n), 2 * n * n), 2 * n, n);
      const { values, vectors } = symmetricEigen(matrix, n);
      assertClose(values, jacobi(matrix, n).values, 1e-11, `n = ${n}`);
      for (let k = 0; k < n; k++) {
        for (let i = 0; i < n; i++) {
          let [product, dot] = [0, 0];
          for (let j = 0; j < n; j++) {
            product += matrix[i * n + j]! * vectors[k * n + j]!;
            dot += vectors[i * n + j]! * vectors[k * n + j]!;
          }
          assert.ok(Math.abs(product - values[k]! * vectors[k * n + i]!) < 1e-10);
          assert.ok(Math.abs(dot - (i === k ? 1 : 0)) < 1e-12);
        }
      }
    }
  });

  it("of the zero, the identity and a diagonal matrix", () => {
    assertClose(symmetricEigen(new Float64Array(16), 4).values, [0, 0, 0, 0], 0);
    assertClose(symmetricEigen(Float64Array.of(1, 0, 0, 1), 2).values, [1, 1], 0);
    assertClose(symmetricEigen(Float64Array.of(-1, 0, 0, 4), 2).values, [4, -1], 0);
    assert.throws(() => symmetricEigen(Float64Array.of(Number.NaN), 1), /not finite/);
  });
});

describe("orthonormal columns", () => {
  it("even where a column is almost or exactly another one, or zero", async () => {
    await withDevice(plain!, async (device) => {
      const [m, n] = [90, 5] as const;
      const numbers = floats(stream(1), m * n);
      for (let r = 0; r < m; r++) {
        numbers[r * n + 2] = numbers[r * n]! + 1e-5 * numbers[r * n + 1]!;
        numbers[r * n + 3] = 0;
        numbers[r * n + 4] = 1e6 * numbers[r * n + 1]!;
      }
      const [y, spare] = [device.upload([m, n], numbers), device.allocate([m, n])];
      const { q, r } = await orthonormalise(device, y, spare, "all");
      const found = await readFloats(device, q);
      const identity = [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
      assertClose(gram(found, m, n), identity, 2e-5, "QᵀQ");
      for (let row = 0; row < m; row++) {
        for (let c = 0; c < n; c++) {
          let product = 0;
          for (let i = 0; i < n; i++) product += found[row * n + i]! * r[i * n + c]!;
          const scale = c === 4 ? 1e6 : 1;
          assert.ok(
            Math.abs(product - numbers[row * n + c]!) < 1e-5 * scale,
            `Q·R at ${row}, ${c}`,
          );
        }
      }
    });
  });
});

describe("randomised SVD", () => {
  const settings: SvdOptions = { width: 2, powerIterations: 4, oversampling: 4, seed: 1 };

  it("of a matrix worked out by hand: 3·u₁v₁ᵀ + 2·u₂v₂ᵀ", async () => {
    // u₁ = (1, 1, 0)/√2, u₂ = (0, 0, 1); v₁ = (0, 1, 0, 0), v₂ = (.6, 0, .8, 0).
    const h = 3 * Math.SQRT1_2;
    const numbers = Float32Array.of(0, h, 0, 0, 0, h, 0, 0, 1.2, 0, 1.6, 0);
    await withDevice(plain!, async (device) => {
      const map = denseMap(device, 3, 4, numbers);
      const { values, right } = await randomisedSvd(map, { ...settings, width: 3 });
      assertClose(values, [3, 2, 0], 1e-6, "singular values");
      // One row an item; the third vector lies beyond the rank.
      assertClose(right.map(Math.abs), [0, 0.6, 0, 1, 0, 0, 0, 0.8, 0, 0, 0, 0], 1e-6, "vectors");
    });
  });

  it("agrees with the dense eigen-decomposition of AᵀA", async () => {
    const [rows, columns, width] = [70, 40, 6] as const;
    const numbers = floats(stream(5), rows * columns);
    // A few strong directions, as real data have them.
    for (let k = 0; k < 6; k++) {
      const [u, v] = [floats(stream(50 + k), rows), floats(stream(80 + k), columns)];
      for (let at = 0; at < numbers.length; at++) {
        numbers[at]! += (6 - k) * u[Math.floor(at / columns)]! * v[at % columns]!;
      }
    }
    const expected = jacobi(gram(numbers, rows, columns), columns);
    for (const options of deviceOptions) {
      await withDevice(options, async (device) => {
        const map = denseMap(device, rows, columns, numbers);
        const { values, right } = await randomisedSvd(map, { ...settings, width });
        for (let k = 0; k < width; k++) {
          assert.ok(Math.abs(values[k]! / Math.sqrt(expected.values[k]!) - 1) < 1e-5, `σ ${k}`);
          let cosine = 0;
          for (let i = 0; i < columns; i++) {
            cosine += right[i * width + k]! * expected.vectors[k]![i]!;
          }
          assert.ok(Math.abs(cosine) > 1 - 1e-4, `angle of vector ${k}: ${cosine}`);
        }
      });
    }
  });

  it("is the same with any number of threads, and another with another seed", async () => {
    const [rows, columns] = [900, 700] as const;
    const numbers = floats(stream(7), rows * columns);
    const run = (threads: number, seed: number) =>
      withDevice({ threads }, (device) =>
        randomisedSvd(denseMap(device, rows, columns, numbers), {
          ...settings,
          powerIterations: 1,
          width: 30,
          seed,
        }),
      );
    const one = await run(1, 1);
    assert.deepEqual(await run(2, 1), one);
    assert.deepEqual(await run(3, 1), one);
    assert.notDeepEqual(await run(1, 2), one);
  });

  it("reports every pass, and stops where the report throws", async () => {
    await withDevice(plain!, async (device) => {
      const map = denseMap(device, 3, 3, Float32Array.of(1, 0, 0, 0, 2, 0, 0, 0, 3));
      const passes: string[] = [];
      const afterPass = (done: number, total: number) => {
        passes.push(`${done}/${total}`);
      };
      await randomisedSvd(map, { ...settings, powerIterations: 1, afterPass });
      assert.deepEqual(passes, ["1/4", "2/4", "3/4", "4/4"]);
      const stop = () => {
        throw new Error("enough");
      };
      await assert.rejects(randomisedSvd(map, { ...settings, afterPass: stop }), /enough/);
    });
  });
});
