/** Type-ahead over a run's users and items. */
import { useCallback } from "preact/hooks";
import type {
  FoundItem,
  ItemsAnswer,
  UsersAnswer,
} from "../../../src/studio/schemas/people-and-items.ts";
import { getJson } from "../api/client.ts";
import { Combobox } from "./combobox.tsx";
import { count } from "./format.ts";

/** Address of the studio's own API of a run. */
export const runApi = (run: string, path: string): string =>
  `/api/runs/${encodeURIComponent(run)}${path}`;

/** An item as people know it. */
export const itemName = ({ item, title }: Pick<FoundItem, "item" | "title">): string =>
  title ?? item;

export interface NodePickerProps {
  readonly run: string;
  readonly onPick: (id: string) => void;
}

/** A search by id, and a button that draws one evenly. */
export function UserPicker({ run, onPick }: NodePickerProps) {
  const propose = useCallback(
    async (text: string, signal: AbortSignal) => {
      const path = `/users?search=${encodeURIComponent(text)}`;
      const found = await getJson<UsersAnswer>(runApi(run, path), signal);
      return {
        matching: found.matching,
        options: found.users.map(({ user, items }) => ({
          key: user,
          text: user,
          note: `${count(items)} items`,
        })),
      };
    },
    [run],
  );
  const pickAny = async () => {
    const { total } = await getJson<UsersAnswer>(runApi(run, "/users?limit=1"));
    const [draw] = crypto.getRandomValues(new Uint32Array(1));
    const at = Math.floor((draw! / 2 ** 32) * total);
    const { users } = await getJson<UsersAnswer>(runApi(run, `/users?at=${at}&limit=1`));
    if (users[0]) onPick(users[0].user);
  };
  return (
    <div class="row">
      <Combobox
        label="A user of the data"
        placeholder="search by id"
        propose={propose}
        onPick={onPick}
      />
      <button type="button" onClick={pickAny}>
        Any user
      </button>
    </div>
  );
}

export function ItemPicker({ run, label, onPick }: NodePickerProps & { readonly label: string }) {
  const propose = useCallback(
    async (text: string, signal: AbortSignal) => {
      const path = `/items?search=${encodeURIComponent(text)}`;
      const found = await getJson<ItemsAnswer>(runApi(run, path), signal);
      return {
        matching: found.matching,
        options: found.items.map((item) => ({
          key: item.item,
          text: itemName(item),
          note: `${count(item.users)} users`,
        })),
      };
    },
    [run],
  );
  return <Combobox label={label} placeholder="search by title" propose={propose} onPick={onPick} />;
}
