/** The map of one run, with what can be changed about it. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { getJson, runAddress } from "../../api/client.ts";
import { rgb, useColours } from "../../parts/colours.ts";
import { count, percent } from "../../parts/format.ts";
import { Failure } from "../../parts/states.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { useQuery } from "../../parts/use-query.ts";
import {
  COLOURINGS,
  type ColouringName,
  colourItems,
  possibleColourings,
  type ReadyMap,
} from "./colouring.ts";
import { ItemsBeside, type SimilarAnswer, titleOf } from "./items-beside.tsx";
import { LegendOf } from "./legend.tsx";
import type { Positions } from "./plane.ts";
import { Plot } from "./plot.tsx";
import type { PointLayer } from "./point-painter.ts";
import { MOST_LAID_OUT, useUmap } from "./use-umap.ts";

const NEIGHBOURS = 12;

const NO_LAYERS: readonly PointLayer[] = [];

const interleaved = ({ x, y }: { x: readonly number[]; y: readonly number[] }): Positions => {
  const positions = new Float32Array(2 * x.length);
  for (let at = 0; at < x.length; at++) positions.set([x[at]!, y[at]!], 2 * at);
  return positions;
};

interface ItemMapProps {
  readonly run: string;
  readonly map: ReadyMap;
  /** The choice of the run, among the others. */
  readonly children: ComponentChildren;
}

export function ItemMap({ run, map, children }: ItemMapProps) {
  const [query, change] = useQuery();
  const colours = useColours();
  const possible = possibleColourings(map);
  const colouring = possible.find((name) => name === query.colour) ?? possible[0]!;
  const genre = colouring === "genre" && query.genre ? query.genre : null;
  const isUmap = query.layout === "umap";
  const umap = useUmap(isUmap ? run : null);

  const principal = useMemo(() => interleaved(map.items), [map]);
  const positions = (isUmap && umap.positions) || principal;
  const shown = positions.length / 2;
  const { rgba, legend } = useMemo(
    () => colourItems(map, colouring, genre, colours),
    [map, colouring, genre, colours],
  );
  const withUsers = query.users === "yes" && positions === principal;
  const below = useMemo(
    () => (withUsers ? [userLayer(map, colours.muted)] : NO_LAYERS),
    [map, withUsers, colours],
  );

  const at = useMemo(() => new Map(map.items.ids.map((id, item) => [id, item])), [map]);
  const chosen = query.item === undefined ? null : (at.get(query.item) ?? null);
  const similar = useLoaded(chosen === null ? null : `${run} ${query.item}`, (signal) =>
    getJson<SimilarAnswer>(
      runAddress(run, `/items/${encodeURIComponent(query.item!)}/similar?k=${NEIGHBOURS}`),
      signal,
    ),
  );
  const near = chosen === null || similar.isLoading ? null : similar.value;
  const above = useMemo(() => {
    if (chosen === null) return NO_LAYERS;
    const marked = [chosen, ...(near?.items.map(({ item }) => at.get(item) ?? -1) ?? [])];
    return marks(
      marked.filter((item) => item >= 0 && item < shown),
      positions,
      rgba,
      colours.ink,
    );
  }, [chosen, near, at, positions, shown, rgba, colours]);

  return (
    <>
      <section class="card row" aria-label="Which map">
        {children}
        <label>
          <span>Layout</span>
          <select
            value={isUmap ? "umap" : "pca"}
            onChange={(event) =>
              change({ layout: event.currentTarget.value === "umap" ? "umap" : undefined })
            }
          >
            <option value="pca">principal components</option>
            <option value="umap">UMAP</option>
          </select>
        </label>
        <label>
          <span>Colour</span>
          <select
            value={colouring}
            onChange={(event) => change({ colour: event.currentTarget.value, genre: undefined })}
          >
            {possible.map((name: ColouringName) => (
              <option key={name} value={name}>
                {COLOURINGS[name]}
              </option>
            ))}
          </select>
        </label>
        {!isUmap && (
          <label class="map-users">
            <input
              type="checkbox"
              checked={query.users === "yes"}
              onChange={(event) =>
                change({ users: event.currentTarget.checked ? "yes" : undefined })
              }
            />{" "}
            Users too
          </label>
        )}
      </section>
      {isUmap && umap.error && <Failure error={umap.error} />}
      {isUmap && !umap.error && (umap.total === 0 || umap.done < umap.total) && (
        <div class="row map-progress">
          <label>
            <span>
              {umap.total === 0 ? "UMAP looks for neighbours …" : "UMAP moves the points …"}
            </span>
            <progress {...(umap.total > 0 && { value: umap.done, max: umap.total })} />
          </label>
          <button type="button" onClick={() => change({ layout: undefined })}>
            Stop
          </button>
        </div>
      )}
      <div class="map">
        <div>
          <Plot
            label={`${count(shown)} items on a plane, coloured by ${colouring}. The list holds the same items, and the neighbours of each.`}
            positions={positions}
            rgba={rgba}
            below={below}
            above={above}
            chosen={chosen !== null && chosen < shown ? chosen : null}
            nameOf={(item) => titleOf(map, item)}
            onChoose={(item) => change({ item: item === null ? undefined : map.items.ids[item] })}
          />
          <LegendOf
            legend={legend}
            focus={genre}
            onFocus={(genre) => change({ genre: genre ?? undefined })}
          />
          <p class="muted">
            {explain(map, positions === principal, shown)}
            {withUsers && " The grey points are users, along the same two directions."}
          </p>
        </div>
        <ItemsBeside
          map={map}
          shown={shown}
          chosen={chosen}
          similar={similar}
          onChoose={(id) => change({ item: id ?? undefined })}
        />
      </div>
    </>
  );
}

function explain(map: ReadyMap, isPrincipal: boolean, shown: number): string {
  const thinned =
    shown < map.itemCount
      ? ` The ${count(shown)} most popular of ${count(map.itemCount)} items are shown.`
      : ` All ${count(map.itemCount)} items are shown.`;
  if (!isPrincipal) {
    return `UMAP keeps near what is near by cosine among at most ${count(MOST_LAID_OUT)} items; distances between far groups mean little.${thinned}`;
  }
  const [x, y] = map.shares;
  return `The two directions in which the ${map.width}-dimensional vectors differ most: ${percent(x!)} and ${percent(y!)} of their variance.${thinned}`;
}

function userLayer({ users }: ReadyMap, colour: string): PointLayer {
  const rgba = new Uint8Array(4 * users.ids.length);
  for (let user = 0; user < users.ids.length; user++) rgba.set([...rgb(colour), 90], 4 * user);
  return { positions: interleaved(users), colours: rgba, diameter: 4 };
}

/** The chosen item and its neighbours: a disc of ink below, the colour of each above. */
function marks(items: readonly number[], positions: Positions, rgba: Uint8Array, ink: string) {
  const layer = (items: readonly number[], diameter: number, isInk: boolean): PointLayer => {
    const places = new Float32Array(2 * items.length);
    const colours = new Uint8Array(4 * items.length);
    items.forEach((item, at) => {
      places.set(positions.subarray(2 * item, 2 * item + 2), 2 * at);
      colours.set(isInk ? rgb(ink) : rgba.subarray(4 * item, 4 * item + 3), 4 * at);
      colours[4 * at + 3] = 255;
    });
    return { positions: places, colours, diameter };
  };
  const [first, others] = [items.slice(0, 1), items.slice(1)];
  return [
    layer(others, 13, true),
    layer(others, 9, false),
    layer(first, 19, true),
    layer(first, 13, false),
  ];
}
