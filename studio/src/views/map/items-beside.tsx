/** The items and users as lists: the way to each of them without the picture. */
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { z } from "zod";
import type { similarAnswerSchema } from "../../../../src/serving/schemas.ts";
import { count } from "../../parts/format.ts";
import { Failure, Loading } from "../../parts/states.tsx";
import type { Loaded } from "../../parts/use-loaded.ts";
import { BesideTitle } from "./beside-title.tsx";
import type { ReadyMap } from "./colouring.ts";

export type SimilarAnswer = z.infer<typeof similarAnswerSchema>;

/** Items that the list shows at once, and users below them. */
const MOST_LISTED = 50;
const MOST_USERS = 12;

export const titleOf = ({ items }: ReadyMap, item: number): string =>
  items.titles?.[item] ?? `item ${items.ids[item]}`;

export interface ItemsBesideProps {
  readonly map: ReadyMap;
  /** How many of the first items the picture shows. */
  readonly shown: number;
  readonly chosen: number | null;
  readonly similar: Loaded<SimilarAnswer>;
  readonly onChoose: (id: string | null) => void;
  readonly onChooseUser: (id: string) => void;
  /** The chosen user, in the place of the list. */
  readonly children: ComponentChildren;
}

export function ItemsBeside({
  map,
  shown,
  chosen,
  similar,
  onChoose,
  onChooseUser,
  children,
}: ItemsBesideProps) {
  const [sought, setSought] = useState("");
  const lowered = useMemo(
    () => map.items.ids.map((_, item) => titleOf(map, item).toLowerCase()),
    [map],
  );
  const found = useMemo(() => {
    const text = sought.trim().toLowerCase();
    const found: number[] = [];
    for (let item = 0; item < lowered.length && found.length <= MOST_LISTED; item++) {
      if (lowered[item]!.includes(text)) found.push(item);
    }
    return found;
  }, [lowered, sought]);
  const isSearching = sought.trim() !== "";
  const users = useMemo(
    () => (isSearching ? usersCalled(map, sought) : []),
    [map, sought, isSearching],
  );
  const choose = (then: () => void) => () => {
    setSought("");
    then();
  };
  return (
    <aside class="card beside" aria-label="Items and users">
      <label>
        <span>Search by title, or a user by id</span>
        <input
          type="search"
          value={sought}
          onInput={(event) => setSought(event.currentTarget.value)}
        />
      </label>
      {!isSearching && chosen !== null && (
        <ChosenItem {...{ map, shown, similar, onChoose }} chosen={chosen} />
      )}
      {!isSearching && children}
      {(isSearching || (chosen === null && !children)) && (
        <>
          <h2>{isSearching ? "Found" : "Most popular"}</h2>
          {found.length === 0 && <p class="muted">No title holds “{sought}”.</p>}
          <ul class="beside-list">
            {found.slice(0, MOST_LISTED).map((item) => (
              <li key={item}>
                <button type="button" onClick={choose(() => onChoose(map.items.ids[item]!))}>
                  <span>{titleOf(map, item)}</span>
                  <small>{count(map.items.popularity[item]!)}</small>
                </button>
              </li>
            ))}
          </ul>
          {found.length > MOST_LISTED && (
            <p class="muted">The {MOST_LISTED} most popular of them; a search finds the others.</p>
          )}
          {users.length > 0 && (
            <>
              <h3>Users</h3>
              <ul class="beside-list">
                {users.map((user) => (
                  <li key={user}>
                    <button
                      type="button"
                      onClick={choose(() => onChooseUser(map.users.ids[user]!))}
                    >
                      <span>user {map.users.ids[user]}</span>
                      <small>{count(map.users.activity[user]!)} items</small>
                    </button>
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </aside>
  );
}

/** Users whose id begins with what was typed, with or without "user" before it; that very one comes first. */
function usersCalled({ users }: ReadyMap, sought: string): number[] {
  const text = sought
    .trim()
    .replace(/^user\s+/i, "")
    .toLowerCase();
  const found: number[] = [];
  for (let user = 0; user < users.ids.length; user++) {
    const id = users.ids[user]!.toLowerCase();
    if (id === text) found.unshift(user);
    else if (found.length < MOST_USERS && id.startsWith(text)) found.push(user);
  }
  return found.slice(0, MOST_USERS);
}

interface ChosenItemProps extends Pick<ItemsBesideProps, "map" | "shown" | "similar" | "onChoose"> {
  readonly chosen: number;
}

function ChosenItem({ map, shown, chosen, similar, onChoose }: ChosenItemProps) {
  const { items, genreNames } = map;
  const details = [
    items.years?.[chosen] ?? null,
    items.genres?.[chosen]?.map((genre) => genreNames[genre]).join(", ") || null,
    `${count(items.popularity[chosen]!)} people in training`,
  ].filter((detail) => detail !== null);
  return (
    <>
      <BesideTitle>{titleOf(map, chosen)}</BesideTitle>
      <p class="muted">
        {details.join(" · ")}
        {chosen >= shown && " · not on this layout, which has the most popular items alone"}
      </p>
      <h3>Nearest to it</h3>
      {similar.error ? (
        <Failure error={similar.error} retry={similar.reload} />
      ) : similar.value === null ? (
        <Loading what="its neighbours" />
      ) : (
        <ul class="beside-list" aria-busy={similar.isLoading}>
          {similar.value.items.map(({ item, title, similarity }) => (
            <li key={item}>
              <button type="button" onClick={() => onChoose(item)}>
                <span>{title ?? `item ${item}`}</span>
                <small>{similarity.toFixed(2)}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p class="muted">
        By the cosine of the whole vectors; on a plane, some of them lie further away.
      </p>
      <button type="button" onClick={() => onChoose(null)}>
        Back to the list
      </button>
    </>
  );
}
