/** The items of a run on a plane: who lies near whom, as the model sees it. */
import "./map.css";
import type { MapAnswer, Run } from "../../../../src/studio/schemas.ts";
import { getJson } from "../../api/client.ts";
import { RunPicker, WithModel } from "../../parts/run-picker.tsx";
import { Empty, Show } from "../../parts/states.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { useQuery } from "../../parts/use-query.ts";
import { ItemMap } from "./item-map.tsx";

export default function MapView() {
  return (
    <>
      <h1>Map</h1>
      <WithModel>{({ id }, runs) => <ChosenRun run={id} runs={runs} />}</WithModel>
    </>
  );
}

function ChosenRun({ run, runs }: { run: string; runs: readonly Run[] }) {
  const [, change] = useQuery();
  const map = useLoaded(run, (signal) =>
    getJson<MapAnswer>(`/api/runs/${encodeURIComponent(run)}/map`, signal),
  );
  const choice = (
    <RunPicker
      label="Run"
      runs={runs}
      value={run}
      onPick={(run) => change({ run, item: undefined, user: undefined, genre: undefined })}
    />
  );
  // Another run's map is not this one's: what was there before does not stay.
  if (map.value?.state === "ready" && !map.isLoading) {
    return (
      <ItemMap key={run} run={run} map={map.value}>
        {choice}
      </ItemMap>
    );
  }
  return (
    <>
      <section class="card row" aria-label="Which map">
        {choice}
      </section>
      <Show of={map.isLoading ? { ...map, value: null } : map} what="the map">
        {({ model }) => (
          <Empty title={`${model} has no vectors to lay out`}>
            It scores items by weights between items, by counts or by a network, not by a vector for
            each item, so none has a place of its own. Models with a map are LightGCN, BPR, ALS,
            PureSVD and the others that learn embeddings.
          </Empty>
        )}
      </Show>
    </>
  );
}
