import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { ShapeError } from "../../src/base/errors.ts";
import { findBlas } from "../../src/engine/cpu/blas.ts";
import { type CpuOptions, createCpuDevice } from "../../src/engine/cpu/device.ts";
import { type Device, readFloats } from "../../src/engine/device.ts";
import { assertClose, floats, oddSize, seed, stream } from "./numbers.ts";

interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly alpha: number;
  readonly beta: number;
}

/** Inputs of a product, and the product in double precision. */
function example(product: Product, start: number) {
  const { rows, columns, inner, transposeA, transposeB, alpha, beta } = product;
  const random = stream(start);
  const a = floats(random, rows * inner);
  const b = floats(random, inner * columns);
  const c = floats(random, rows * columns);
  const expected = Float64Array.from(c, (old, at) => {
    const [r, q] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum +=
        a[transposeA ? k * rows + r : r * inner + k]! *
        b[transposeB ? q * inner + k : k * columns + q]!;
    }
    return alpha * sum + (beta === 0 ? 0 : beta * old);
  });
  return { a, b, c, expected };
}

async function onDevice(device: Device, product: Product, start: number): Promise<Float32Array> {
  const { rows, columns, inner, transposeA, transposeB, alpha, beta } = product;
  const { a, b, c } = example(product, start);
  const mark = device.mark();
  const left = device.upload(transposeA ? [inner, rows] : [rows, inner], a);
  const right = device.upload(transposeB ? [columns, inner] : [inner, columns], b);
  // With β = 0 the old contents are not read, not even NaN.
  const out = device.upload([rows, columns], beta === 0 ? c.fill(Number.NaN) : c);
  device.kernels.matmul(out, left, right, transposeA, transposeB, alpha, beta);
  const found = await readFloats(device, out);
  device.release(mark);
  return found;
}

/**
 * A sum of n products of numbers below 1 passes partial sums of about √n/3, each
 * rounded by up to 2⁻²⁴ of itself: about n·2⁻²⁶ in all. Eight times that is generous.
 */
const toleranceOf = ({ inner }: Product) => (inner + 2) * 2 ** -23;

const devices: readonly CpuOptions[] = [
  { threads: 1, variant: "simd", blas: null },
  { threads: 2, variant: "relaxed", blas: null },
  { threads: 3 },
];

for (const options of devices) {
  describe(`matmul with ${JSON.stringify(options)}`, () => {
    let device: Device;
    before(async () => {
      device = await createCpuDevice(options);
    });
    after(() => device.close());

    it("equals the sum of products for odd sizes, all transposes, α and β", async () => {
      const anyProduct = fc.record({
        rows: oddSize,
        columns: oddSize,
        inner: oddSize,
        transposeA: fc.boolean(),
        transposeB: fc.boolean(),
        alpha: fc.constantFrom(1, -0.5),
        beta: fc.constantFrom(0, 1, 0.25),
      });
      await fc.assert(
        fc.asyncProperty(anyProduct, seed, async (product, start) => {
          const { expected } = example(product, start);
          assertClose(await onDevice(device, product, start), expected, toleranceOf(product));
        }),
        { numRuns: 80 },
      );
    });

    for (const [rows, columns, inner] of [
      [203, 530, 270],
      [1, 1_500, 600],
      [1_500, 1, 600],
      [9, 7, 10_011],
      [193, 257, 301],
    ] as const) {
      it(`equals the sum of products where tiles and slices end: ${rows}×${inner} · ${inner}×${columns}`, async () => {
        for (const transposeA of [false, true]) {
          for (const transposeB of [false, true]) {
            const product = { rows, columns, inner, transposeA, transposeB, alpha: 1, beta: 1 };
            const { expected } = example(product, rows);
            assertClose(await onDevice(device, product, rows), expected, toleranceOf(product));
          }
        }
      });
    }

    it("refuses shapes that do not fit, and prints them", () => {
      const [a, b] = [device.allocate([2, 3]), device.allocate([4, 5])];
      const out = device.allocate([2, 5]);
      const attempt = () => device.kernels.matmul(out, a, b, false, true, 1, 0);
      assert.throws(attempt, ShapeError);
      assert.throws(attempt, /2×3 · 4×5ᵀ into 2×5/);
    });
  });
}

describe("OpenBLAS", () => {
  it("is used where it is found, and agrees with our own kernel", async () => {
    const own = await createCpuDevice({ threads: 1, blas: null });
    const library = await createCpuDevice({ threads: 1 });
    assert.equal(library.name.includes("OpenBLAS"), findBlas() !== null);
    assert.doesNotMatch(own.name, /OpenBLAS/);
    for (const transposeA of [false, true]) {
      const product = {
        rows: 300,
        columns: 200,
        inner: 300,
        transposeA,
        transposeB: !transposeA,
        alpha: 1,
        beta: 0,
      };
      const [ours, theirs] = [await onDevice(own, product, 1), await onDevice(library, product, 1)];
      assertClose(ours, theirs, 2 * toleranceOf(product));
    }
    await own.close();
    await library.close();
  });
});
