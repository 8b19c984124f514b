import assert from "node:assert/strict";
import { test } from "node:test";
import { RandomStream } from "../../src/base/random.ts";
import { createCpuDevice } from "../../src/engine/cpu/device.ts";
import { coordinate, principalAxes } from "../../src/studio/map/principal-axes.ts";

async function axesOf(rows: Float32Array, width: number, count: number) {
  const device = await createCpuDevice({ threads: 1 });
  try {
    return await principalAxes(device, rows, width, count, 1);
  } finally {
    await device.close();
  }
}

test("a cloud along two known directions is found again, wherever it lies", async () => {
  const random = new RandomStream(5, "cloud");
  const [first, second] = [
    [0.6, 0.8, 0],
    [0, 0, 1],
  ] as const;
  const rows = new Float32Array(3 * 2000);
  for (let row = 0; row < 2000; row++) {
    const [a, b] = [3 * random.normal(), random.normal()];
    for (let at = 0; at < 3; at++) rows[3 * row + at] = 7 + a * first[at]! + b * second[at]!;
  }
  const axes = await axesOf(rows, 3, 2);
  const along = (direction: number, expected: readonly number[]) =>
    Math.abs(
      expected.reduce((sum, part, at) => sum + part * axes.directions[2 * at + direction]!, 0),
    );
  assert.ok(along(0, first) > 0.999 && along(1, second) > 0.999);
  // Variances 9 and 1, and none in the third direction.
  assert.ok(Math.abs(axes.shares[0]! - 0.9) < 0.01);
  assert.ok(Math.abs(axes.shares[0]! + axes.shares[1]! - 1) < 1e-4);
  // Coordinates are centred, and hold the variance of their direction.
  for (const [direction, variance] of [
    [0, 9],
    [1, 1],
  ] as const) {
    const places = Array.from({ length: 2000 }, (_, row) => coordinate(axes, rows, row, direction));
    assert.ok(Math.abs(places.reduce((sum, place) => sum + place, 0) / 2000) < 1e-4);
    const found = places.reduce((sum, place) => sum + place * place, 0) / 2000;
    assert.ok(Math.abs(found / variance - 1) < 0.1, `${found}`);
  }
});

test("vectors that are all the same have no direction", async () => {
  const axes = await axesOf(new Float32Array(40).fill(2), 4, 2);
  assert.deepEqual(axes.shares, [0, 0]);
  assert.equal(coordinate(axes, new Float32Array(40).fill(2), 3, 0), 0);
});
