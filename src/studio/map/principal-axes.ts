/**
 * Principal components of rows of vectors: the directions along which they
 * differ most, by the engine's own singular vectors of the centred rows.
 *
 * @module
 */

import type { Device } from "../../engine/device.ts";
import { randomisedSvd } from "../../engine/randomised-svd.ts";

export interface PrincipalAxes {
  readonly mean: Float64Array;
  /** width × count, row-major: column c is the c-th direction, of length 1; zeros beyond the rank */
  readonly directions: Float32Array;
  /** Share of all variance along each direction, descending. */
  readonly shares: readonly number[];
}

/**
 * @param rows n × width, row-major
 * @param count how many directions
 */
export async function principalAxes(
  device: Device,
  rows: Float32Array,
  width: number,
  count: number,
  seed: number,
): Promise<PrincipalAxes> {
  const rowCount = rows.length / width;
  const mean = new Float64Array(width);
  rows.forEach((value, at) => {
    mean[at % width]! += value / rowCount;
  });
  const centred = rows.map((value, at) => value - mean[at % width]!);
  const variance = centred.reduce((sum, value) => sum + value * value, 0);
  const mark = device.mark();
  try {
    const matrix = device.upload([rowCount, width], centred);
    const { kernels } = device;
    const { values, right } = await randomisedSvd(
      {
        device,
        rowCount,
        columnCount: width,
        multiply: (out, x) => kernels.matmul(out, matrix, x, false, false, 1, 0),
        multiplyTransposed: (out, x) => kernels.matmul(out, matrix, x, true, false, 1, 0),
      },
      { width: count, powerIterations: 4, oversampling: 8, seed },
    );
    return {
      mean,
      directions: right,
      shares: Array.from(values, (value) => (variance === 0 ? 0 : (value * value) / variance)),
    };
  } finally {
    device.release(mark);
  }
}

/** Coordinates of one row along one direction. */
export function coordinate(
  { mean, directions }: PrincipalAxes,
  rows: Float32Array,
  row: number,
  direction: number,
): number {
  const width = mean.length;
  const count = directions.length / width;
  let sum = 0;
  for (let at = 0; at < width; at++) {
    sum += (rows[row * width + at]! - mean[at]!) * directions[at * count + direction]!;
  }
  return sum;
}
