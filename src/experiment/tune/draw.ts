/**
 * Random points of a search space.
 *
 * @module
 */

import type { RandomStream } from "../../base/random.ts";
import type { Setting } from "../../models/search-range.ts";
import { type Dimension, isActive, pointCount, type SearchSpace, type Settings } from "./space.ts";

/** Digits of a drawn number: more would be noise in every command and table. */
const DIGITS = 4;

/** Spaces of at most so many points are listed, so that none is drawn twice. */
const MOST_LISTED = 2000;

/** Draws until an untried point is found, in larger spaces. */
const MOST_DRAWS = 100;

/** A dimension with numbers, on the scale on which all its values count the same. */
export type NumericDimension = Exclude<Dimension, { kind: "choice" }>;

/** The scale's ends: [low, high], half a step wider for whole numbers, logarithms where asked for. */
export function scaleOf({ kind, low, high, log }: NumericDimension): readonly [number, number] {
  const half = kind === "integer" ? 0.5 : 0;
  return log ? [Math.log(low - half), Math.log(high + half)] : [low - half, high + half];
}

/** A point of the scale as a value: rounded, and inside the dimension. */
export function valueAt({ kind, low, high, log }: NumericDimension, position: number): number {
  const value = log ? Math.exp(position) : position;
  const rounded = kind === "integer" ? Math.round(value) : Number(value.toPrecision(DIGITS));
  return Math.min(high, Math.max(low, rounded));
}

/** A value of one dimension, uniform on its scale. */
export function drawValue(dimension: Dimension, random: RandomStream): Setting {
  if (dimension.kind === "choice")
    return dimension.choices[random.below(dimension.choices.length)]!;
  const [low, high] = scaleOf(dimension);
  return valueAt(dimension, low + (high - low) * random.uniform());
}

/** A point, dimension by dimension; those that do not matter are left out. */
export function drawPoint(space: SearchSpace, value: (dimension: Dimension) => Setting): Settings {
  const point: Record<string, Setting> = {};
  for (const dimension of space) {
    if (isActive(dimension, point)) point[dimension.name] = value(dimension);
  }
  return point;
}

/** A text that is the same for the same point. */
const keyOf = (point: Settings): string => JSON.stringify(Object.entries(point).sort());

/** What `draw` gives first that was not tried; null where every point was. */
export function drawUntried(
  space: SearchSpace,
  tried: readonly Settings[],
  random: RandomStream,
  draw: () => Settings,
): Settings | null {
  const keys = new Set(tried.map(keyOf));
  for (let attempt = 0; attempt < MOST_DRAWS; attempt++) {
    const point = draw();
    if (!keys.has(keyOf(point))) return point;
  }
  if (pointCount(space) > MOST_LISTED) return draw();
  const left = allPoints(space).filter((point) => !keys.has(keyOf(point)));
  return left.length === 0 ? null : left[random.below(left.length)]!;
}

/** Every point of a space without continuous dimensions. */
function allPoints(space: SearchSpace): Settings[] {
  return space.reduce<Settings[]>(
    (points, dimension) =>
      points.flatMap((point) =>
        isActive(dimension, point)
          ? valuesOf(dimension).map((value) => ({ ...point, [dimension.name]: value }))
          : [point],
      ),
    [{}],
  );
}

function valuesOf(dimension: Dimension): readonly Setting[] {
  if (dimension.kind === "choice") return dimension.choices;
  return Array.from({ length: dimension.high - dimension.low + 1 }, (_, at) => dimension.low + at);
}
