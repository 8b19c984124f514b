/** The layers of points that lie below and above the items. */
import { rgb } from "../../parts/colours.ts";
import type { Positions } from "./plane.ts";
import type { PointLayer } from "./point-painter.ts";

export const NO_LAYERS: readonly PointLayer[] = [];

export const interleaved = ({
  x,
  y,
}: {
  x: readonly number[];
  y: readonly number[];
}): Positions => {
  const positions = new Float32Array(2 * x.length);
  for (let at = 0; at < x.length; at++) positions.set([x[at]!, y[at]!], 2 * at);
  return positions;
};

/** One after the other. */
export function joined(first: Positions, second: Positions): Positions {
  const all = new Float32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Small and half transparent: the items lie over them. */
export function userLayer(positions: Positions, colour: string): PointLayer {
  const rgba = new Uint8Array(2 * positions.length);
  for (let user = 0; 2 * user < positions.length; user++) rgba.set([...rgb(colour), 90], 4 * user);
  return { positions, colours: rgba, diameter: 4 };
}

/** What was chosen and what belongs to it: a disc of ink below, the colour of each above. */
export function marks(
  chosen: readonly number[],
  others: readonly number[],
  places: Positions,
  colourOf: (place: number) => ArrayLike<number>,
  ink: ArrayLike<number>,
): readonly PointLayer[] {
  if (chosen.length + others.length === 0) return NO_LAYERS;
  const layer = (points: readonly number[], diameter: number, isInk: boolean): PointLayer => {
    const positions = new Float32Array(2 * points.length);
    const colours = new Uint8Array(4 * points.length);
    points.forEach((place, at) => {
      positions.set(places.subarray(2 * place, 2 * place + 2), 2 * at);
      colours.set(isInk ? ink : colourOf(place), 4 * at);
      colours[4 * at + 3] = 255;
    });
    return { positions, colours, diameter };
  };
  return [
    layer(others, 13, true),
    layer(others, 9, false),
    layer(chosen, 19, true),
    layer(chosen, 13, false),
  ];
}
