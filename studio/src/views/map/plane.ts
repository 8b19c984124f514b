/** The part of the plane that is looked at, and which point is where on it. */

/** Interleaved x and y. */
export type Positions = Float32Array;

/** Centre in the plane, and CSS pixels to its unit. */
export interface Plane {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Room around the outermost points. */
const MARGIN = 0.9;

/** All points, but for the few that lie far out: they would push the others together. */
export function wholePlane(positions: Positions, { width, height }: Size): Plane {
  const [left, right] = spread(positions, 0);
  const [bottom, top] = spread(positions, 1);
  const zoom = MARGIN * Math.min(width / (right - left || 1), height / (top - bottom || 1));
  return { x: (left + right) / 2, y: (bottom + top) / 2, zoom };
}

const OUTLIERS = 0.002;

/** How much wider than the others' range the range with the outliers may be. */
const WIDER = 1.5;

function spread(positions: Positions, axis: 0 | 1): readonly [number, number] {
  const count = positions.length / 2;
  if (count === 0) return [0, 1];
  const sorted = Float32Array.from({ length: count }, (_, at) => positions[2 * at + axis]!).sort();
  const skipped = Math.floor(count * OUTLIERS);
  const [least, most] = [sorted[0]!, sorted[count - 1]!];
  const [low, high] = [sorted[skipped]!, sorted[count - 1 - skipped]!];
  return most - least <= WIDER * (high - low) ? [least, most] : [low, high];
}

/** CSS pixels from the top left corner. */
export const toScreen = (
  plane: Plane,
  size: Size,
  x: number,
  y: number,
): readonly [number, number] => [
  size.width / 2 + (x - plane.x) * plane.zoom,
  size.height / 2 - (y - plane.y) * plane.zoom,
];

export const toPlane = (
  plane: Plane,
  size: Size,
  left: number,
  top: number,
): readonly [number, number] => [
  plane.x + (left - size.width / 2) / plane.zoom,
  plane.y - (top - size.height / 2) / plane.zoom,
];

/** Larger by a factor, with what is at a place staying there. */
export function zoomed(plane: Plane, size: Size, factor: number, left: number, top: number): Plane {
  const [x, y] = toPlane(plane, size, left, top);
  const zoom = Math.min(1e9, Math.max(1e-9, plane.zoom * factor));
  const kept = plane.zoom / zoom;
  return { x: x + (plane.x - x) * kept, y: y + (plane.y - y) * kept, zoom };
}

const CELLS = 128;

/** Points by the cell of a grid that they lie in, to find the one under a finger quickly. */
export class PointIndex {
  readonly #positions: Positions;
  readonly #left: number;
  readonly #bottom: number;
  readonly #cell: number;
  /** CELLS² + 1 offsets into `#points`. */
  readonly #begins = new Int32Array(CELLS * CELLS + 1);
  readonly #points: Int32Array;

  constructor(positions: Positions) {
    this.#positions = positions;
    const count = positions.length / 2;
    let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let at = 0; at < count; at++) {
      left = Math.min(left, positions[2 * at]!);
      right = Math.max(right, positions[2 * at]!);
      bottom = Math.min(bottom, positions[2 * at + 1]!);
      top = Math.max(top, positions[2 * at + 1]!);
    }
    [this.#left, this.#bottom] = [left, bottom];
    this.#cell = Math.max(right - left, top - bottom) / CELLS || 1;
    this.#points = new Int32Array(count);
    for (let at = 0; at < count; at++) this.#begins[this.#cellOf(at) + 1]!++;
    for (let at = 0; at < CELLS * CELLS; at++) this.#begins[at + 1]! += this.#begins[at]!;
    const next = this.#begins.slice();
    for (let at = 0; at < count; at++) this.#points[next[this.#cellOf(at)]!++] = at;
  }

  /** The nearest point within a radius; the earlier of two; null where there is none. */
  nearest(x: number, y: number, radius: number): number | null {
    const [fromColumn, toColumn] = [this.#along(x - radius, 0), this.#along(x + radius, 0)];
    const [fromRow, toRow] = [this.#along(y - radius, 1), this.#along(y + radius, 1)];
    let [found, least] = [-1, radius * radius];
    for (let row = fromRow; row <= toRow; row++) {
      const from = this.#begins[row * CELLS + fromColumn]!;
      const to = this.#begins[row * CELLS + toColumn + 1]!;
      for (let at = from; at < to; at++) {
        const point = this.#points[at]!;
        const [dx, dy] = [this.#positions[2 * point]! - x, this.#positions[2 * point + 1]! - y];
        const distance = dx * dx + dy * dy;
        if (distance < least || (distance === least && point < found)) {
          [found, least] = [point, distance];
        }
      }
    }
    return found < 0 ? null : found;
  }

  #along(value: number, axis: 0 | 1): number {
    const cell = Math.floor((value - (axis === 0 ? this.#left : this.#bottom)) / this.#cell);
    return Math.min(CELLS - 1, Math.max(0, cell));
  }

  #cellOf(point: number): number {
    const row = this.#along(this.#positions[2 * point + 1]!, 1);
    return row * CELLS + this.#along(this.#positions[2 * point]!, 0);
  }
}
