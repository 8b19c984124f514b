/**
 * A straight line through measured points, and what it says of sizes that were not measured.
 *
 * @module
 */

/** y ≈ offset + slope·x */
export interface Line {
  readonly offset: number;
  readonly slope: number;
  /** Largest relative distance of a point from the line. */
  readonly worst: number;
}

/**
 * The line that is nearest relatively, Σ ((y − a − b·x)/y)² least, so that a point at 1 M counts
 * as much as one at 200 M. Null for fewer than two different x.
 */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line | null {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const [x, y] of points) {
    const weight = 1 / (y * y);
    w += weight;
    wx += weight * x;
    wxx += weight * x * x;
    wy += weight * y;
    wxy += weight * x * y;
  }
  const determinant = w * wxx - wx * wx;
  if (new Set(points.map(([x]) => x)).size < 2) return null;
  const slope = (w * wxy - wx * wy) / determinant;
  const offset = (wy - slope * wx) / w;
  const worst = Math.max(...points.map(([x, y]) => Math.abs(offset + slope * x - y) / y));
  return { offset, slope, worst };
}
