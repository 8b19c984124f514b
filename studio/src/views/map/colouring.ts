/** What the colours of the points say. */
import type { MapAnswer } from "../../../../src/studio/schemas.ts";
import { type Colours, rgb } from "../../parts/colours.ts";
import { count } from "../../parts/format.ts";

export type ReadyMap = Extract<MapAnswer, { state: "ready" }>;

export const COLOURINGS = { genre: "Genre", popularity: "Popularity", year: "Year" } as const;
export type ColouringName = keyof typeof COLOURINGS;

export type Legend =
  | {
      readonly kind: "names";
      readonly names: readonly { readonly name: string; readonly colour: string }[];
    }
  | {
      readonly kind: "scale";
      readonly colours: readonly string[];
      readonly labels: readonly string[];
    };

export interface Colouring {
  /** Red, green, blue and alpha of each item. */
  readonly rgba: Uint8Array;
  readonly legend: Legend;
}

/** Colours that can be told apart at a glance. */
const MOST_NAMED = 9;

const SOLID = 210;
const FAINT = 22;

/** Which colourings there is something to say with. */
export const possibleColourings = ({ items }: ReadyMap): ColouringName[] =>
  (["genre", "popularity", "year"] as const).filter(
    (name) =>
      (name !== "genre" || items.genres?.some(({ length }) => length > 0)) &&
      (name !== "year" || items.years?.some((year) => year !== null)),
  );

/** @param genre items without it are faint; null = none are */
export function colourItems(
  map: ReadyMap,
  name: ColouringName,
  genre: string | null,
  colours: Colours,
): Colouring {
  const colouring =
    name === "genre"
      ? byGenre(map, colours)
      : name === "year"
        ? byYear(map, colours)
        : byPopularity(map, colours);
  const wanted = map.genreNames.indexOf(genre ?? "");
  if (wanted >= 0) {
    map.items.genres?.forEach((genres, item) => {
      if (!genres.includes(wanted)) colouring.rgba[4 * item + 3] = FAINT;
    });
  }
  return colouring;
}

/** Items of several genres get the colour of the rarest, or all would be dramas. */
function byGenre({ items, genreNames }: ReadyMap, colours: Colours): Colouring {
  const frequency = new Array<number>(genreNames.length).fill(0);
  for (const genre of items.genres!.flat()) frequency[genre]!++;
  const named = [...genreNames.keys()]
    .sort((a, b) => frequency[b]! - frequency[a]! || a - b)
    .slice(0, MOST_NAMED);
  const rgba = paint(items.ids.length, (item) => {
    const own = items.genres![item]!.map((genre) => named.indexOf(genre));
    const rarest = Math.max(-1, ...own);
    return rarest < 0 ? colours.muted : colours.series[rarest]!;
  });
  const names = named.map((genre, at) => ({
    name: genreNames[genre]!,
    colour: colours.series[at]!,
  }));
  return { rgba, legend: { kind: "names", names } };
}

function byPopularity({ items: { popularity } }: ReadyMap, colours: Colours): Colouring {
  const [most, least] = [popularity[0] ?? 1, popularity.at(-1) ?? 0];
  const scale = [mix(colours.line, colours.muted, 0.35), colours.series[0]!, colours.ink];
  const spread = Math.log1p(most) - Math.log1p(least) || 1;
  const rgba = paint(popularity.length, (item) =>
    along(scale, (Math.log1p(popularity[item]!) - Math.log1p(least)) / spread),
  );
  const middle = Math.round(Math.expm1(Math.log1p(least) + spread / 2));
  const labels = [least, middle, most].map((people) => count(people));
  return { rgba, legend: { kind: "scale", colours: scale, labels } };
}

/** By rank, because most films of a dataset are recent. */
function byYear({ items }: ReadyMap, colours: Colours): Colouring {
  const years = items.years!;
  const sorted = years.filter((year) => year !== null).sort((a, b) => a - b);
  const rank = new Map(sorted.map((year, at) => [year, at / Math.max(1, sorted.length - 1)]));
  const scale = [colours.series[1]!, colours.series[4]!, colours.series[6]!];
  const rgba = paint(years.length, (item) => {
    const year = years[item];
    return year === null || year === undefined ? colours.line : along(scale, rank.get(year)!);
  });
  const at = (share: number) => String(sorted[Math.floor(share * (sorted.length - 1))]);
  return { rgba, legend: { kind: "scale", colours: scale, labels: [at(0), at(0.5), at(1)] } };
}

function paint(items: number, colourOf: (item: number) => string): Uint8Array {
  const rgba = new Uint8Array(4 * items);
  const known = new Map<string, readonly number[]>();
  for (let item = 0; item < items; item++) {
    const colour = colourOf(item);
    let parts = known.get(colour);
    if (parts === undefined) {
      parts = [...rgb(colour), SOLID];
      known.set(colour, parts);
    }
    rgba.set(parts, 4 * item);
  }
  return rgba;
}

/** Steps of a scale: so many colours are told apart, and no more have to be mixed. */
const STEPS = 64;

function along(scale: readonly string[], share: number): string {
  const place = (Math.round(Math.min(1, Math.max(0, share)) * STEPS) / STEPS) * (scale.length - 1);
  const below = Math.min(Math.floor(place), scale.length - 2);
  return mix(scale[below]!, scale[below + 1]!, place - below);
}

function mix(from: string, to: string, share: number): string {
  const [a, b] = [rgb(from), rgb(to)];
  return `rgb(${a.map((part, at) => Math.round(part + (b[at]! - part) * share)).join(" ")})`;
}
