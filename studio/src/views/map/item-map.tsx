/** The map of one run, with what can be changed about it. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { getJson, runAddress } from "../../api/client.ts";
import { rgb, useColours } from "../../parts/colours.ts";
import { count, percent } from "../../parts/format.ts";
import { Failure } from "../../parts/states.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { useQuery } from "../../parts/use-query.ts";
import { ChosenUser, type HistoryAnswer } from "./chosen-user.tsx";
import {
  COLOURINGS,
  type ColouringName,
  colourItems,
  possibleColourings,
  type ReadyMap,
} from "./colouring.ts";
import { ItemsBeside, type SimilarAnswer, titleOf } from "./items-beside.tsx";
import { interleaved, joined, marks, NO_LAYERS, userLayer } from "./layers.ts";
import { LegendOf } from "./legend.tsx";
import { Plot } from "./plot.tsx";
import { MOST_LAID_OUT, useUmap } from "./use-umap.ts";

const NEIGHBOURS = 12;

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
  const withUsers = (query.users === "yes" || query.user !== undefined) && !isUmap;
  const userPlaces = useMemo(() => interleaved(map.users), [map]);
  const below = useMemo(
    () => (withUsers ? [userLayer(userPlaces, colours.muted)] : NO_LAYERS),
    [userPlaces, withUsers, colours],
  );
  // Items, then users: a place is one or the other.
  const places = useMemo(
    () => (withUsers ? joined(positions, userPlaces) : positions),
    [positions, userPlaces, withUsers],
  );

  const at = useMemo(() => new Map(map.items.ids.map((id, item) => [id, item])), [map]);
  const userAt = useMemo(() => new Map(map.users.ids.map((id, user) => [id, user])), [map]);
  const { user } = query;
  const chosen =
    user !== undefined || query.item === undefined ? null : (at.get(query.item) ?? null);
  const similar = useLoaded(chosen === null ? null : `${run} ${query.item}`, (signal) =>
    getJson<SimilarAnswer>(
      runAddress(run, `/items/${encodeURIComponent(query.item!)}/similar?k=${NEIGHBOURS}`),
      signal,
    ),
  );
  const history = useLoaded(user === undefined ? null : `${run} ${user}`, (signal) =>
    getJson<HistoryAnswer>(runAddress(run, `/users/${encodeURIComponent(user!)}/history`), signal),
  );
  const userNumber = user === undefined ? undefined : userAt.get(user);
  const chosenPlace =
    userNumber !== undefined && withUsers
      ? shown + userNumber
      : chosen !== null && chosen < shown
        ? chosen
        : null;
  const chooseItem = (id: string | null) => change({ item: id ?? undefined, user: undefined });
  const chooseUser = (id: string) => change({ user: id, item: undefined, users: "yes" });
  const near = chosen === null || similar.isLoading ? null : similar.value;
  const theirs = history.isLoading ? null : history.value;
  const above = useMemo(() => {
    const named = chosen === null ? (user === undefined ? null : theirs?.training) : near?.items;
    const others = named?.map(({ item }) => at.get(item) ?? -1) ?? [];
    const first = chosenPlace === null ? [] : [chosenPlace];
    return marks(
      first,
      others.filter((item) => item >= 0 && item < shown),
      places,
      (place) => (place < shown ? rgba.subarray(4 * place, 4 * place + 3) : rgb(colours.muted)),
      rgb(colours.ink),
    );
  }, [chosen, chosenPlace, near, user, theirs, at, places, shown, rgba, colours]);

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
              checked={withUsers}
              onChange={(event) =>
                change({ users: event.currentTarget.checked ? "yes" : undefined, user: undefined })
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
            places={places}
            below={below}
            above={above}
            chosen={chosenPlace}
            nameOf={(place) =>
              place < shown ? titleOf(map, place) : `user ${map.users.ids[place - shown]}`
            }
            onChoose={(place) =>
              place === null || place < shown
                ? chooseItem(place === null ? null : map.items.ids[place]!)
                : chooseUser(map.users.ids[place - shown]!)
            }
          />
          <LegendOf
            legend={legend}
            focus={genre}
            onFocus={(genre) => change({ genre: genre ?? undefined })}
          />
          <p class="muted">
            {explain(map, positions === principal, shown)}
            {withUsers && " The small grey points are users, along the same two directions."}
          </p>
        </div>
        <ItemsBeside
          map={map}
          shown={shown}
          chosen={chosen}
          similar={similar}
          onChoose={chooseItem}
          onChooseUser={chooseUser}
        >
          {user !== undefined && (
            <ChosenUser
              run={run}
              user={user}
              isShown={chosenPlace !== null}
              history={history}
              onChooseItem={chooseItem}
              onClose={() => chooseItem(null)}
            />
          )}
        </ItemsBeside>
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
