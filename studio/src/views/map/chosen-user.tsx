/** A user of the map: what they have, and the views that say more about them. */
import type { z } from "zod";
import type { historyAnswerSchema } from "../../../../src/serving/schemas.ts";
import { count } from "../../parts/format.ts";
import { Failure, Loading } from "../../parts/states.tsx";
import type { Loaded } from "../../parts/use-loaded.ts";
import { BesideTitle } from "./beside-title.tsx";

export type HistoryAnswer = z.infer<typeof historyAnswerSchema>;

/** Items that the list shows. */
const MOST_LISTED = 100;

export interface ChosenUserProps {
  readonly run: string;
  readonly user: string;
  /** Whether the picture has a point for them. */
  readonly isShown: boolean;
  readonly history: Loaded<HistoryAnswer>;
  readonly onChooseItem: (id: string) => void;
  readonly onClose: () => void;
}

export function ChosenUser({
  run,
  user,
  isShown,
  history,
  onChooseItem,
  onClose,
}: ChosenUserProps) {
  const query = new URLSearchParams({ run, user });
  return (
    <>
      <BesideTitle>{`user ${user}`}</BesideTitle>
      {!isShown && <p class="muted">Not on this layout.</p>}
      <p class="row">
        <a href={`/demo?${query}`}>What they are recommended</a>
        <a href={`/graph?${query}`}>Their graph</a>
      </p>
      {history.error ? (
        <Failure error={history.error} retry={history.reload} />
      ) : history.value === null || history.value.user !== user ? (
        <Loading what="their items" />
      ) : (
        <Items items={history.value.training} onChooseItem={onChooseItem} />
      )}
      <button type="button" onClick={onClose}>
        Back to the list
      </button>
    </>
  );
}

interface ItemsProps extends Pick<ChosenUserProps, "onChooseItem"> {
  readonly items: HistoryAnswer["training"];
}

function Items({ items, onChooseItem }: ItemsProps) {
  if (items.length === 0) return <p class="muted">Nothing of theirs is in training.</p>;
  return (
    <>
      <h3>Their items, marked on the map</h3>
      <ul class="beside-list">
        {items.slice(0, MOST_LISTED).map(({ item, title }) => (
          <li key={item}>
            <button type="button" onClick={() => onChooseItem(item)}>
              <span>{title ?? `item ${item}`}</span>
            </button>
          </li>
        ))}
      </ul>
      {items.length > MOST_LISTED && (
        <p class="muted">
          The first {MOST_LISTED} of {count(items.length)}.
        </p>
      )}
    </>
  );
}
