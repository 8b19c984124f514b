import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoppedError } from "../../src/base/errors.ts";
import { silent } from "../../src/base/progress.ts";
import { RandomStream } from "../../src/base/random.ts";
import { invertPositive } from "../../src/engine/positive-inverse.ts";
import { withDevice } from "./devices.ts";

const signal = new AbortController().signal;

/** G·Gᵀ/columns + ridge·I of random signs, with nonsense above the diagonal, which must not be read. */
function randomPositive(size: number, columns: number, ridge: number) {
  const random = new RandomStream(size, "positive");
  const g = Float64Array.from({ length: size * columns }, () => random.below(2) * 2 - 1);
  const full = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += g[i * columns + c]! * g[j * columns + c]!;
      full[i * size + j] = full[j * size + i] = sum / columns + (i === j ? ridge : 0);
    }
  }
  const matrix = Float32Array.from(full, (value, at) =>
    at % size > Math.floor(at / size) ? Number.NaN : value,
  );
  return { full, matrix };
}

describe("inverse of a positive definite matrix", () => {
  for (const size of [1, 2, 48, 49, 137, 1300]) {
    it(`times the matrix is the identity, ${size}×${size}, the same on 1, 2 and 3 threads`, async () => {
      const { full, matrix } = randomPositive(size, 40, 0.5);
      let expected: Float32Array | null = null;
      for (const threads of [1, 2, 3]) {
        await withDevice({ threads }, async (device) => {
          const inverse = matrix.slice();
          await invertPositive({ device, progress: silent, signal }, inverse, size);
          expected ??= inverse;
          assert.deepEqual(inverse, expected);
        });
      }
      const random = new RandomStream(1, "entries");
      for (let trial = 0; trial < 500; trial++) {
        const [row, column] = [random.below(size), trial % 3 ? random.below(size) : -1];
        const other = column < 0 ? row : column;
        let sum = 0;
        for (let at = 0; at < size; at++) {
          sum += full[row * size + at]! * expected![at * size + other]!;
        }
        assert.ok(Math.abs(sum - (row === other ? 1 : 0)) < 1e-4, `${row}, ${other}: ${sum}`);
        assert.equal(expected![row * size + other], expected![other * size + row]);
      }
    });
  }

  it("agrees without OpenBLAS", async () => {
    const { matrix } = randomPositive(200, 30, 1);
    const [one, other] = [matrix.slice(), matrix.slice()];
    await withDevice({ threads: 2 }, (device) =>
      invertPositive({ device, progress: silent, signal }, one, 200),
    );
    await withDevice({ threads: 2, blas: null }, (device) =>
      invertPositive({ device, progress: silent, signal }, other, 200),
    );
    one.forEach((value, at) => {
      assert.ok(Math.abs(value - other[at]!) < 1e-5);
    });
  });

  it("refuses a matrix that is not positive definite, and stops when it is told to", async () => {
    await withDevice({ threads: 1 }, async (device) => {
      const singular = new Float32Array(90 * 90).fill(1);
      await assert.rejects(invertPositive({ device, progress: silent, signal }, singular, 90), {
        code: "not-positive-definite",
      });
      const { matrix } = randomPositive(90, 20, 1);
      const stopped = { device, progress: silent, signal: AbortSignal.abort() };
      await assert.rejects(invertPositive(stopped, matrix, 90), StoppedError);
    });
  });
});
