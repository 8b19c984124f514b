/** Whose list it is: a user of the data, items that somebody clicked, or both. */
import type { FoundItem, ItemsAnswer } from "../../../../src/studio/schemas/people-and-items.ts";
import { getJson, runAddress } from "../../api/client.ts";
import { count } from "../../parts/format.ts";
import { writeIds } from "../../parts/id-list.ts";
import { ItemPicker, itemName, runApi, UserPicker } from "../../parts/node-pickers.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { MOST_LIKED, type Wishes } from "./wishes.ts";

/** Popular items that are offered at once, and how many take the places of those that were chosen. */
const OFFERED = 10;
const POPULAR = 40;

/** Items of a user's history that are named. */
const NAMED = 40;

interface History {
  readonly training: readonly Pick<FoundItem, "item" | "title">[];
}

export interface PersonCardProps {
  readonly run: string;
  readonly wishes: Wishes;
  readonly onChange: (change: Partial<Wishes>) => void;
}

export function PersonCard(props: PersonCardProps) {
  return (
    <section class="card" aria-labelledby="demo-person">
      <h2 id="demo-person">For whom</h2>
      <UserChoice {...props} />
      <LikedItems {...props} />
    </section>
  );
}

function UserChoice({ run, wishes: { user }, onChange }: PersonCardProps) {
  return (
    <>
      <UserPicker run={run} onPick={(picked) => onChange({ user: picked })} />
      {user !== null && (
        <>
          <ul class="chips" aria-label="Chosen user">
            <li>
              <button
                type="button"
                class="chip on"
                aria-label={`Take away user ${user}`}
                onClick={() => onChange({ user: null })}
              >
                user {user} <span aria-hidden="true">×</span>
              </button>
            </li>
          </ul>
          <UserHistory run={run} user={user} />
        </>
      )}
    </>
  );
}

function UserHistory({ run, user }: { run: string; user: string }) {
  const history = useLoaded(`${run} ${user}`, (signal) =>
    getJson<History>(runAddress(run, `/users/${encodeURIComponent(user)}/history`), signal),
  );
  if (!history.value) return null;
  const { training } = history.value;
  if (training.length === 0) return <p class="muted">This run knows nobody of that name.</p>;
  return (
    <details class="history">
      <summary>{count(training.length)} items of theirs in training</summary>
      <ul>
        {training.slice(0, NAMED).map((item) => (
          <li key={item.item}>{itemName(item)}</li>
        ))}
        {training.length > NAMED && <li>and {count(training.length - NAMED)} more</li>}
      </ul>
    </details>
  );
}

function LikedItems({ run, wishes: { liked }, onChange }: PersonCardProps) {
  const ids = writeIds(liked);
  const chosen = useLoaded(ids === "" ? null : `${run} ${ids}`, (signal) =>
    getJson<ItemsAnswer>(runApi(run, `/items?ids=${encodeURIComponent(ids)}`), signal),
  );
  const popular = useLoaded(run, (signal) =>
    getJson<ItemsAnswer>(runApi(run, `/items?limit=${POPULAR}`), signal),
  );
  const titles = new Map(chosen.value?.items.map((item) => [item.item, itemName(item)]));
  const add = (item: string) => {
    if (!liked.includes(item)) onChange({ liked: [...liked, item].slice(0, MOST_LIKED) });
  };
  const offered = popular.value?.items.filter(({ item }) => !liked.includes(item)) ?? [];
  return (
    <>
      <div class="row">
        <ItemPicker run={run} label="Items you like" onPick={add} />
        {liked.length > 1 && (
          <button type="button" onClick={() => onChange({ liked: [] })}>
            Clear
          </button>
        )}
      </div>
      {liked.length > 0 && (
        <ul class="chips" aria-label="Items you like">
          {liked.map((item) => {
            const title = titles.get(item) ?? item;
            return (
              <li key={item}>
                <button
                  type="button"
                  class="chip on"
                  aria-label={`Take away ${title}`}
                  onClick={() => onChange({ liked: liked.filter((other) => other !== item) })}
                >
                  {title} <span aria-hidden="true">×</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {offered.length > 0 && (
        <>
          <p class="label">Popular</p>
          <ul class="chips" aria-label="Popular items">
            {offered.slice(0, OFFERED).map((item) => (
              <li key={item.item}>
                <button
                  type="button"
                  class="chip"
                  aria-label={`I like ${itemName(item)}`}
                  onClick={() => add(item.item)}
                >
                  <span aria-hidden="true">+</span> {itemName(item)}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
