/** One run's list, with what it has in common with the list beside it. */
import { useState } from "preact/hooks";
import type { RecommendedItem } from "../../../../src/serving/schemas.ts";
import { figure } from "../../parts/format.ts";
import { Failure, Loading } from "../../parts/states.tsx";
import type { Loaded } from "../../parts/use-loaded.ts";
import { Account, Because } from "./account.tsx";
import type { RecommendedList } from "./recommend.ts";
import { MOST_PAGES, type Wishes } from "./wishes.ts";

const ROUTINGS: Readonly<Record<RecommendedList["routing"], readonly [string, string]>> = {
  trained: ["Trained", "ranked by what training learnt of this user"],
  "fold-in": ["Folded in", "placed just now from what they like; nothing was trained again"],
  popularity: ["Popularity", "nothing is known of the person, so this is what most people chose"],
};

export interface ItemListProps {
  readonly title: string;
  readonly list: Loaded<RecommendedList>;
  /** Rank in the list beside it, by item; null where there is none. */
  readonly beside: ReadonlyMap<string, number> | null;
  readonly wishes: Wishes;
  readonly onChange: (change: Partial<Wishes>) => void;
  /** The item that somebody points at, in either list. */
  readonly pointed: string | null;
  readonly onPoint: (item: string | null) => void;
}

export function ItemList(props: ItemListProps) {
  const { title, list, wishes, onChange } = props;
  return (
    <section class="card list" aria-label={title} aria-busy={list.isLoading}>
      <header>
        <h2>{title}</h2>
        {list.value && <Routing list={list.value} />}
      </header>
      {list.error && <Failure error={list.error} retry={list.reload} />}
      {!list.error && list.value === null && <Loading what="the list" />}
      {list.value && (
        <>
          {list.value.unknownItems.length > 0 && (
            <p class="note">
              This run does not know {list.value.unknownItems.length} of the items you like.
            </p>
          )}
          {list.value.items.length === 0 && (
            <p class="note">Nothing is left to recommend: {list.value.shortfall?.reason}.</p>
          )}
          <ol>
            {list.value.items.map((item) => (
              <ItemLine key={item.item} item={item} {...props} />
            ))}
          </ol>
          {list.value.items.length > 0 && list.value.shortfall && (
            <p class="muted">
              {list.value.shortfall.missing} fewer than asked for: {list.value.shortfall.reason}.
            </p>
          )}
          {list.value.next !== null && wishes.pages < MOST_PAGES && (
            <button
              type="button"
              class="more"
              onClick={() => onChange({ pages: wishes.pages + 1 })}
            >
              More
            </button>
          )}
        </>
      )}
    </section>
  );
}

function Routing({ list: { routing } }: { list: RecommendedList }) {
  const [name, meaning] = ROUTINGS[routing];
  return (
    <p class="routing">
      <strong class={`badge ${routing}`}>{name}</strong> <span class="muted">{meaning}</span>
    </p>
  );
}

function ItemLine({
  item: { rank, item, title, year, genres, score, explanation },
  beside,
  wishes,
  onChange,
  pointed,
  onPoint,
}: ItemListProps & { item: RecommendedItem }) {
  const [isOpen, setOpen] = useState(false);
  const name = title ?? item;
  const isLiked = wishes.liked.includes(item);
  const other = beside?.get(item);
  const facts = [
    ...(year !== null && !name.includes(String(year)) ? [String(year)] : []),
    ...genres,
  ];
  return (
    <li
      class={`line ${other !== undefined ? "common" : ""} ${pointed === item ? "pointed" : ""}`}
      onMouseEnter={() => onPoint(item)}
      onMouseLeave={() => onPoint(null)}
    >
      <div class="rank">
        <span aria-hidden="true">{rank}</span>
        {beside && <Move rank={rank} other={other} />}
      </div>
      <div class="what">
        <div class="head">
          <h3>{name}</h3>
          <button
            type="button"
            class="like"
            aria-pressed={isLiked}
            aria-label={`I like ${name}`}
            title="The list changes with what you like"
            onClick={() =>
              onChange({
                liked: isLiked
                  ? wishes.liked.filter((liked) => liked !== item)
                  : [...wishes.liked, item],
              })
            }
          >
            <span aria-hidden="true">{isLiked ? "♥" : "♡"}</span>
          </button>
        </div>
        {facts.length > 0 && <p class="facts">{facts.join(" · ")}</p>}
        {explanation && <Because explanation={explanation} score={score} />}
        {explanation && (
          <details onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary>
              Why<span class="unseen"> {name}</span>?{" "}
              <span class="muted">score {figure(score)}</span>
            </summary>
            {isOpen && <Account explanation={explanation} score={score} />}
          </details>
        )}
      </div>
    </li>
  );
}

/** Where the item stands in the list beside it. */
function Move({ rank, other }: { rank: number; other: number | undefined }) {
  if (other === undefined) {
    return <small class="move alone">only here</small>;
  }
  const moved = other - rank;
  const text = moved === 0 ? "=" : moved > 0 ? `▲ ${moved}` : `▼ ${-moved}`;
  return (
    <small class="move" title={`rank ${other} in the list beside it`}>
      <span aria-hidden="true">{text}</span>
      <span class="unseen">rank {other} in the list beside it</span>
    </small>
  );
}
