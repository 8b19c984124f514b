/** Recommendations as people would get them: pick somebody, change anything, and see the list move. */
import { useMemo, useState } from "preact/hooks";
import type { CatalogueAnswer } from "../../../../src/studio/schemas/people-and-items.ts";
import type { Run } from "../../../../src/studio/schemas.ts";
import { getJson } from "../../api/client.ts";
import { RunPicker, runName, WithModel } from "../../parts/run-picker.tsx";
import { Show } from "../../parts/states.tsx";
import { type Loaded, useLoaded } from "../../parts/use-loaded.ts";
import { type Query, useQuery } from "../../parts/use-query.ts";
import "./demo.css";
import { ItemList } from "./item-list.tsx";
import { PersonCard } from "./person-card.tsx";
import { type RecommendedList, recommend } from "./recommend.ts";
import { WishCard } from "./wish-card.tsx";
import { readWishes, type Wishes, writeWishes } from "./wishes.ts";

export default function Demo() {
  return (
    <>
      <h1>Demo</h1>
      <WithModel>{(run, runs) => <Stage run={run} runs={runs} />}</WithModel>
    </>
  );
}

function Stage({ run, runs }: { run: Run; runs: readonly Run[] }) {
  const [query, setQuery] = useQuery();
  const wishes = readWishes(query);
  const change = (changed: Partial<Wishes>) => setQuery(writeWishes(changed));
  const other = runs.find(({ id }) => id === query.with);
  const pick = (changed: Query) => setQuery({ ...changed, ...writeWishes({}) });
  return (
    <>
      <div class="row pickers">
        <RunPicker
          label="Run"
          runs={runs}
          value={run.id}
          onPick={(id) => pick({ run: id, ...(id === other?.id && { with: undefined }) })}
        />
        <RunPicker
          label="Compare with"
          runs={runs.filter(({ id }) => id !== run.id)}
          value={other?.id ?? ""}
          none="no other run"
          onPick={(id) => pick({ with: id })}
        />
        {other && (
          <button type="button" onClick={() => pick({ run: other.id, with: run.id })}>
            Swap
          </button>
        )}
      </div>
      <div class="stage">
        <div class="controls">
          <PersonCard run={run.id} wishes={wishes} onChange={change} />
          <Wishing run={run.id} wishes={wishes} onChange={change} />
        </div>
        <Lists run={run} other={other ?? null} wishes={wishes} onChange={change} />
      </div>
    </>
  );
}

interface WishingProps {
  readonly run: string;
  readonly wishes: Wishes;
  readonly onChange: (change: Partial<Wishes>) => void;
}

function Wishing({ run, ...rest }: WishingProps) {
  const catalogue = useLoaded(run, (signal) =>
    getJson<CatalogueAnswer>(`/api/runs/${encodeURIComponent(run)}/catalogue`, signal),
  );
  return (
    <Show of={catalogue} what="the catalogue">
      {(value) => <WishCard catalogue={value} {...rest} />}
    </Show>
  );
}

interface ListsProps extends Omit<WishingProps, "run"> {
  readonly run: Run;
  readonly other: Run | null;
}

function Lists({ run, other, wishes, onChange }: ListsProps) {
  const [pointed, setPointed] = useState<string | null>(null);
  const key = JSON.stringify(wishes);
  const first = useLoaded(`${run.id} ${key}`, (signal) => recommend(run.id, wishes, signal));
  const second = useLoaded(other && `${other.id} ${key}`, (signal) =>
    recommend(other!.id, wishes, signal),
  );
  const ranksOfFirst = useRanks(first);
  const ranksOfSecond = useRanks(second);
  const common = [...ranksOfFirst.keys()].filter((item) => ranksOfSecond.has(item)).length;
  const shared = { wishes, onChange, pointed, onPoint: setPointed };
  const total = first.value?.items.length ?? 0;
  return (
    <div class="lists">
      <p class="summary" aria-live="polite">
        {other && first.value && second.value
          ? `${common} of ${total} items are in both lists; they are marked, with how far they moved.`
          : `${total} items${wishes.user === null && wishes.liked.length === 0 ? ". Pick a user or items you like, and the list follows" : ""}.`}
      </p>
      <div class={other ? "pair" : ""}>
        <ItemList
          title={runName(run)}
          list={first}
          beside={other && second.value ? ranksOfSecond : null}
          {...shared}
        />
        {other && (
          <ItemList
            title={runName(other)}
            list={second}
            beside={first.value ? ranksOfFirst : null}
            {...shared}
          />
        )}
      </div>
    </div>
  );
}

const useRanks = ({ value }: Loaded<RecommendedList>): ReadonlyMap<string, number> =>
  useMemo(() => new Map(value?.items.map(({ item, rank }) => [item, rank])), [value]);
