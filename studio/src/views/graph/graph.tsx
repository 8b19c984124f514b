/** A node's surroundings in the graph, and how a vector gathers over them. */
import { useCallback } from "preact/hooks";
import type { EgoAnswer, LayersAnswer } from "../../../../src/studio/schemas/graph.ts";
import type { UsersAnswer } from "../../../../src/studio/schemas/people-and-items.ts";
import type { Run } from "../../../../src/studio/schemas.ts";
import { getJson } from "../../api/client.ts";
import { RunPicker, WithModel } from "../../parts/run-picker.tsx";
import { Slider } from "../../parts/slider.tsx";
import { Failure, Loading, Show } from "../../parts/states.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { type Query, useQuery } from "../../parts/use-query.ts";
import { describeHops, EgoPicture, EgoTable, nameOf } from "./ego-picture.tsx";
import "./graph.css";
import { ItemPicker, UserPicker } from "../../parts/node-pickers.tsx";
import { LayersCard } from "./layers-card.tsx";

const MOST_OF_A_HOP = 20;
const USUAL = 8;
const HOPS = ["first", "second", "third"] as const;

export default function Graph() {
  return (
    <>
      <h1>Graph</h1>
      <WithModel>{(run, runs) => <Stage run={run} runs={runs} />}</WithModel>
    </>
  );
}

interface Centre {
  readonly kind: "user" | "item";
  readonly id: string;
}

function namedIn({ user, item }: Query): Centre | null {
  if (item !== undefined) return { kind: "item", id: item };
  return user === undefined ? null : { kind: "user", id: user };
}

function Stage({ run, runs }: { run: Run; runs: readonly Run[] }) {
  const [query, setQuery] = useQuery();
  // A link names a user or an item as the other views' links do.
  const named = namedIn(query);
  const first = useLoaded(named === null ? run.id : null, (signal) =>
    getJson<UsersAnswer>(`/api/runs/${encodeURIComponent(run.id)}/users?at=0&limit=1`, signal),
  );
  const centreOn = ({ kind, id }: Centre) =>
    setQuery({ user: undefined, item: undefined, [kind]: id });
  const fallback = first.value?.users[0]?.user;
  const centre: Centre | null =
    named ?? (fallback === undefined ? null : { kind: "user", id: fallback });
  return (
    <>
      <div class="row pickers">
        <RunPicker
          label="Run"
          runs={runs}
          value={run.id}
          onPick={(picked) => setQuery({ run: picked })}
        />
        <UserPicker run={run.id} onPick={(id) => centreOn({ kind: "user", id })} />
        <ItemPicker run={run.id} label="An item" onPick={(id) => centreOn({ kind: "item", id })} />
      </div>
      {first.error && <Failure error={first.error} retry={first.reload} />}
      {!first.error && centre === null && <Loading what="a first user" />}
      {centre && (
        <Around run={run} centre={centre} query={query} setQuery={setQuery} centreOn={centreOn} />
      )}
    </>
  );
}

interface AroundProps {
  readonly run: Run;
  readonly centre: Centre;
  readonly query: Query;
  readonly setQuery: (change: Query) => void;
  readonly centreOn: (centre: Centre) => void;
}

function breadthOf(text: string | undefined): number {
  const value = Number(text || USUAL);
  return Number.isInteger(value) ? Math.min(MOST_OF_A_HOP, Math.max(1, value)) : USUAL;
}

function Around({ run, centre, query, setQuery, centreOn }: AroundProps) {
  const breadths = HOPS.map((hop) => breadthOf(query[hop]));
  const order = query.order === "rarest" ? "rarest" : "strongest";
  const asked = new URLSearchParams({ ...centre, order });
  HOPS.forEach((hop, at) => {
    asked.set(hop, String(breadths[at]));
  });
  const address = `/api/runs/${encodeURIComponent(run.id)}`;
  const ego = useLoaded(`${address}/ego?${asked}`, (signal) =>
    getJson<EgoAnswer>(`${address}/ego?${asked}`, signal),
  );
  const user = centre.kind === "user" ? centre.id : null;
  const layers = useLoaded(user === null ? null : `${run.id} ${user}`, (signal) =>
    getJson<LayersAnswer>(`${address}/layers?user=${encodeURIComponent(user!)}`, signal),
  );
  const last = (layers.value?.layers?.length ?? 1) - 1;
  const asksLayer = Number(query.layer || last);
  const layer = Number.isInteger(asksLayer) ? Math.min(last, Math.max(0, asksLayer)) : last;
  const setLayer = useCallback((k: number) => setQuery({ layer: String(k) }), [setQuery]);
  return (
    <>
      <section class="card" aria-labelledby="graph-ego" aria-busy={ego.isLoading}>
        <h2 id="graph-ego">
          Around {ego.value?.nodes[0] ? nameOf(ego.value.nodes[0]) : `${centre.kind} ${centre.id}`}
        </h2>
        <div class="row breadths">
          {HOPS.map((hop, at) => (
            <Slider
              key={hop}
              label={`Hop ${at + 1}`}
              value={breadths[at]!}
              min={1}
              max={MOST_OF_A_HOP}
              say={(most) => `at most ${most}`}
              onChange={(most) => setQuery({ [hop]: most === USUAL ? undefined : String(most) })}
            />
          ))}
          <label>
            <span>Show first</span>
            <select
              value={order}
              onChange={({ currentTarget: { value } }) =>
                setQuery({ order: value === "strongest" ? undefined : value })
              }
            >
              <option value="strongest">what is reached most strongly</option>
              <option value="rarest">what has the fewest links</option>
            </select>
          </label>
        </div>
        <Show of={ego} what="the graph">
          {(value) => (
            <>
              <p class="muted" aria-live="polite">
                {describeHops(value)}. Press a node to put it into the middle; bars are weights
                within a hop.
              </p>
              <EgoPicture
                ego={value}
                layer={layers.value?.layers && query.layer !== undefined ? layer : null}
                onCentre={centreOn}
              />
              <EgoTable ego={value} />
            </>
          )}
        </Show>
      </section>
      {user !== null ? (
        <Show of={layers} what="the layers">
          {(answer) => <LayersCard answer={answer} user={user} layer={layer} onLayer={setLayer} />}
        </Show>
      ) : (
        <p class="muted">Put a user into the middle to see how their vector gathers.</p>
      )}
    </>
  );
}
