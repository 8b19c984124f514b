/** The items as a list: the way to each of them without the picture. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { z } from "zod";
import type { similarAnswerSchema } from "../../../../src/serving/schemas.ts";
import { count } from "../../parts/format.ts";
import { Failure, Loading } from "../../parts/states.tsx";
import type { Loaded } from "../../parts/use-loaded.ts";
import type { ReadyMap } from "./colouring.ts";

export type SimilarAnswer = z.infer<typeof similarAnswerSchema>;

/** Items that the list shows at once. */
const MOST_LISTED = 50;

export const titleOf = ({ items }: ReadyMap, item: number): string =>
  items.titles?.[item] ?? `item ${items.ids[item]}`;

export interface ItemsBesideProps {
  readonly map: ReadyMap;
  /** How many of the first items the picture shows. */
  readonly shown: number;
  readonly chosen: number | null;
  readonly similar: Loaded<SimilarAnswer>;
  readonly onChoose: (id: string | null) => void;
}

export function ItemsBeside({ map, shown, chosen, similar, onChoose }: ItemsBesideProps) {
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
  return (
    <aside class="card beside" aria-label="Items">
      <label>
        <span>Search by title</span>
        <input
          type="search"
          value={sought}
          onInput={(event) => setSought(event.currentTarget.value)}
        />
      </label>
      {chosen !== null && !isSearching ? (
        <ChosenItem {...{ map, shown, similar, onChoose }} chosen={chosen} />
      ) : (
        <>
          <h2>{isSearching ? "Found" : "Most popular"}</h2>
          {found.length === 0 && <p class="muted">No title holds “{sought}”.</p>}
          <ul class="beside-list">
            {found.slice(0, MOST_LISTED).map((item) => (
              <li key={item}>
                <button
                  type="button"
                  onClick={() => {
                    setSought("");
                    onChoose(map.items.ids[item]!);
                  }}
                >
                  <span>{titleOf(map, item)}</span>
                  <small>{count(map.items.popularity[item]!)}</small>
                </button>
              </li>
            ))}
          </ul>
          {found.length > MOST_LISTED && (
            <p class="muted">The {MOST_LISTED} most popular of them; a search finds the others.</p>
          )}
        </>
      )}
    </aside>
  );
}

function ChosenItem({
  map,
  shown,
  chosen,
  similar,
  onChoose,
}: Omit<ItemsBesideProps, "chosen"> & { chosen: number }) {
  const { items, genreNames } = map;
  const details = [
    items.years?.[chosen] ?? null,
    items.genres?.[chosen]?.map((genre) => genreNames[genre]).join(", ") || null,
    `${count(items.popularity[chosen]!)} people in training`,
  ].filter((detail) => detail !== null);
  // What has the focus goes with the list that was there before.
  const [title, setTitle] = useState<HTMLElement | null>(null);
  useEffect(() => {
    if (document.activeElement === document.body) title?.focus();
  }, [title, chosen]);
  return (
    <>
      <h2 tabindex={-1} ref={setTitle}>
        {titleOf(map, chosen)}
      </h2>
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
